"""What the desk's people make of a ticket and of the machine's answer to it: the outcome, and what they say unasked.

An answer under contract is applied by itself and mostly stays, even when it is wrong; a suggestion that is seen is
sometimes followed. Knows neither journals nor what is learned from any of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Final

from desk.feedback import OutcomeReport, Verdict
from desk.past_answers import PastAnswer, PastHead
from simulation.chance import stream
from simulation.sample import DrawnTicket
from simulation.year.habits import Habits

__all__ = ["Handled", "handled", "said_unasked", "specialist_says"]

_SILENT: Final = PastHead(None, None, "abstain")


@dataclass(frozen=True, slots=True)
class Handled:
    """A ticket, the answer to it, and what the desk's system will report. current: old names of queues -> new ones."""

    drawn: DrawnTicket
    answer: PastAnswer
    report: OutcomeReport
    current: Mapping[str, str]

    @property
    def resolved_at(self) -> datetime:
        """When the outcome is known."""
        return self.report.at


def handled(seed: int, drawn: DrawnTicket, answer: PastAnswer, habits: Habits, current: Mapping[str, str]) -> Handled:
    """What becomes of a ticket that was answered so. current: old names of queues -> what they are called now."""
    rng = stream(seed, "handled", drawn.row.ticket.id)
    outcome = drawn.row.outcome
    transfers = outcome.reassignment_count or 0
    queue = _finally(rng, _head(answer, "queue", current), outcome.queue or "", habits)
    priority = _finally(rng, _head(answer, "priority", {}), outcome.priority or "", habits)
    if queue.is_applied:
        # Who escalates has had it in more hands than one, and these knew where it belongs.
        if outcome.escalated and transfers:
            queue = _Final(outcome.queue or "", is_applied=True, is_noticed=False)
        else:
            transfers = int(queue.is_noticed)
    resolved_at = outcome.resolved_at or drawn.row.ticket.created_at
    if resolved_at is None:
        raise ValueError(f"Ticket {drawn.row.ticket.id!r} has no time; the sample desk gives each one.")
    said = {
        "queue": queue.label,
        "priority": priority.label,
        "escalated": outcome.escalated,
        "sla_breached": outcome.sla_breached,
        "first_response_at": outcome.first_response_at,
        "resolved_at": resolved_at,
        "reassignment_count": transfers,
        "reopen_count": outcome.reopen_count,
        "satisfaction": outcome.satisfaction,
        "resolver": outcome.resolver,
        "resolution": outcome.resolution,
    }
    return Handled(drawn, answer, OutcomeReport(drawn.row.ticket.id, resolved_at, said), current)


def said_unasked(seed: int, one: Handled, habits: Habits) -> Verdict | None:
    """What the ticket's specialist says of the answer of their own accord once it is resolved; mostly nothing.

    Escalation is spoken of only where the answer was that the ticket should be escalated, or it did.
    """
    rng = stream(seed, "unasked", one.drawn.row.ticket.id)
    truth = one.drawn.truth
    queue, priority = _head(one.answer, "queue", one.current), _head(one.answer, "priority", {})
    is_right = queue.label == truth.queue and priority.label == truth.priority
    if rng.random() >= (habits.confirms if is_right else habits.corrects):
        return None
    return specialist_says(rng, one, habits, at=one.resolved_at, speaks_of_escalation=True)


def specialist_says(
    rng: Random, one: Handled, habits: Habits, *, at: datetime, speaks_of_escalation: bool = False, lead: str = ""
) -> Verdict:
    """A verdict on the answer by who resolved the ticket, or by the `lead`, whose word is final.

    It is the truth, or now and then what the desk itself labelled; a lead is always right.
    """
    outcome, truth = one.drawn.row.outcome, one.drawn.truth
    errs = not lead and rng.random() < habits.errs
    wants = one.answer.heads.get("escalation", _SILENT).mode == "escalate"
    return Verdict(
        prediction_id=one.answer.prediction_id,
        who=lead or outcome.resolver or "somebody",
        at=at,
        queue=outcome.queue if errs else truth.queue,
        priority=outcome.priority if errs else truth.priority,
        escalation=truth.escalated if speaks_of_escalation and (wants or truth.escalated) else None,
        is_final=bool(lead),
    )


@dataclass(frozen=True, slots=True)
class _Final:
    label: str
    is_applied: bool
    is_noticed: bool


def _finally(rng: Random, said: PastHead, own: str, habits: Habits) -> _Final:
    """own: what the desk would have labelled by itself."""
    is_noticed, is_followed = rng.random() < habits.notices, rng.random() < habits.follows
    if said.label is None or said.mode == "abstain" or said.why == "held_back":
        return _Final(own, is_applied=False, is_noticed=False)
    if said.mode == "auto":
        is_put_right = said.label != own and is_noticed
        return _Final(own if is_put_right else said.label, is_applied=True, is_noticed=is_put_right)
    return _Final(said.label if is_followed else own, is_applied=False, is_noticed=False)


def _head(answer: PastAnswer, head: str, current: Mapping[str, str]) -> PastHead:
    said = answer.heads.get(head, _SILENT)  # type: ignore[call-overload]
    return PastHead(current.get(said.label, said.label) if said.label else None, said.probability, said.mode, said.why)
