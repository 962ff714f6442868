"""What is written after the opening: the agents' answers, the customer's replies, the system's notes.

A thread that will escalate shows it early, before anything escalates: the customer repeats and complains, agents
pass on and ask again. Some threads mislead. Knows the course of the ticket, not its labels.
"""

from random import Random

from desk.ticket import Message
from simulation.content import Content
from simulation.details import Details
from simulation.handling import Handling
from simulation.request import Request
from simulation.template import fill

__all__ = ["write_thread"]

HARD_SHARE = (0.07, 0.5)
EASY_SHARE = (0.34, 0.08)
"""Of the messages between the first response and the last, by whether the ticket will escalate."""


def write_thread(
    rng: Random, content: Content, request: Request, details: Details, handling: Handling
) -> tuple[Message, ...]:
    """All messages after the opening, oldest first; the last is the agent's word at the resolution."""
    fixed = {
        handling.first_response_at: ("agent", "agent_first"),
        handling.resolved_at: ("agent", "agent_last"),
        handling.reopened_at: ("customer", "customer_reopen"),
    }
    messages: list[Message] = []
    turn = "customer"
    for at in handling.message_times:
        if at in fixed:
            author, kind = fixed[at]
        elif at < handling.first_response_at:
            author, kind = "system", "receipt"
        else:
            author = _speaker(rng, turn)
            kind = _kind(rng, author, handling.escalated)
            turn = "agent" if author == "customer" else "customer"
        messages.append(Message(at, author, _say(rng, content, request, details, author, kind)))
    return tuple(messages)


def _speaker(rng: Random, turn: str) -> str:
    """Whose turn it is, or somebody out of turn."""
    chance = rng.random()
    return turn if chance < 0.8 else "system" if chance < 0.86 else "customer" if chance < 0.94 else "agent"


def _kind(rng: Random, author: str, escalated: bool) -> str:
    chance = rng.random()
    hard = HARD_SHARE[escalated]
    tone = "hard" if chance < hard else "easy" if chance < hard + EASY_SHARE[escalated] else "plain"
    if author == "system":
        return "hard" if tone == "hard" else "plain"
    return f"{author}_{tone}"


def _say(rng: Random, content: Content, request: Request, details: Details, author: str, kind: str) -> str:
    language = "system" if author == "system" else request.language
    return fill(rng.choice(content.thread[language][kind]), rng, details)
