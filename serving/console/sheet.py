"""A ticket as it is shown to whoever is asked about it: its text, its facts, what was suggested, and why.

The suggestion is the one that was journaled, for a verdict is on that; reasons and similar tickets are made anew by the
version that answers now. Knows neither forms nor whose turn it is.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from desk.prediction import Extras
from desk.question import Question
from desk.ticket_json import ticket_in
from journal.predictions import RecordedPrediction
from serving.console.words import probability_words, question_words, why_words
from serving.triage import Desk, answer_by

__all__ = ["Sheet", "Suggestion", "sheet_of"]

EXTRAS: Final = Extras(similar=3, explain=True)
SECONDS_TO_SCORE: Final = 3.0
AT_FIRST: Final = 8
"""Facts that are shown; the others are a click away."""

MOST_FACTS: Final = 100
MOST_REASONS: Final = 4
MOST_NUMBERED: Final = 9
"""As there are keys with a digit."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """queue: as it was answered. sure: how sure, in words. others: the runners-up, with how sure. note: of its mode."""

    queue: str
    sure: str
    others: Sequence[tuple[str, str]]
    note: str | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a page shows of one ticket.

    facts: what is known beside the text, `more_facts` what is shown on demand. suggestion: None where it is hidden
    until the answer is given (`is_unaided`). choices: queues that a digit answers, beside the suggestion. similar: as
    the API has them, each with its queue. asked: why it is worth asking, in words. asks_priority: whether it is the
    priority that is asked about, and the queue beside it.
    """

    prediction_id: str
    ticket_id: str
    subject: str
    body: str
    messages: Sequence[Mapping[str, Any]]
    facts: Sequence[tuple[str, str]]
    more_facts: Sequence[tuple[str, str]]
    suggestion: Suggestion | None
    is_unaided: bool
    choices: Sequence[tuple[str, str]]
    reasons: Sequence[str]
    similar: Sequence[Mapping[str, Any]]
    priority: str | None
    escalation: str | None
    asked: Sequence[str]
    asks_priority: bool


async def sheet_of(desk: Desk, found: RecordedPrediction, question: Question | None, queues: Sequence[str]) -> Sheet:
    """The sheet of a journaled answer.

    question: as which it is asked, None where somebody looked it up. queues: all that may be the right one.
    """
    reasons = () if question is None else question.reasons
    is_unaided = question is not None and question.is_unaided
    fresh = None if is_unaided else await _scored_anew(desk, found)
    ticket, suggestion = found.ticket, _suggestion(found.answer)
    facts = list(_facts(ticket))
    return Sheet(
        prediction_id=found.prediction_id,
        ticket_id=str(ticket["id"]),
        subject=str(ticket.get("subject") or ""),
        body=str(ticket.get("body") or ""),
        messages=ticket.get("messages") or (),
        facts=facts[:AT_FIRST],
        more_facts=facts[AT_FIRST:MOST_FACTS],
        suggestion=None if is_unaided else suggestion,
        is_unaided=is_unaided,
        choices=_few(queues) if is_unaided else suggestion.others,
        reasons=_reasons(found.answer, fresh),
        similar=(fresh or {}).get("similar", ()),
        priority=None if is_unaided else found.answer.get("priority", {}).get("label"),
        escalation=None if is_unaided else _escalation(found.answer),
        asked=_asked(reasons, is_unaided=is_unaided),
        asks_priority=is_unaided and any(_asks_priority(one) for one in reasons),
    )


def _asked(reasons: Sequence[Mapping[str, Any]], *, is_unaided: bool) -> list[str]:
    """Why it is worth asking; a label among the reasons would tell what is hidden."""
    told = (one for one in reasons if not (is_unaided and "label" in one))
    return [words for one in told if (words := question_words(one)) is not None]


def _asks_priority(reason: Mapping[str, Any]) -> bool:
    return reason.get("reason") == "differing" and reason.get("head") == "priority"


async def _scored_anew(desk: Desk, found: RecordedPrediction) -> dict[str, Any] | None:
    """What the version that answers now says, beside the loop; None where there is none or it takes too long."""
    champion = desk.watch.current
    if champion.version is None:
        return None

    def score() -> dict[str, Any]:
        return answer_by(champion, ticket_in(found.ticket), EXTRAS, found.prediction_id)

    scored = asyncio.get_running_loop().run_in_executor(desk.aside, score)
    try:
        return await asyncio.wait_for(scored, SECONDS_TO_SCORE)
    except TimeoutError:
        return None


def _suggestion(answer: Mapping[str, Any]) -> Suggestion:
    queue = answer["queue"]
    rest = [one for one in queue.get("top", ()) if one["label"] != queue["label"]]
    others = [(str(one["label"]), probability_words(one["probability"])) for one in rest[:MOST_NUMBERED]]
    return Suggestion(
        str(queue["label"]), probability_words(queue.get("probability")), others, why_words(queue.get("why"))
    )


def _few(queues: Sequence[str]) -> list[tuple[str, str]]:
    """All of them where each gets a digit, else none: the list has them."""
    return [(queue, "") for queue in queues] if len(queues) <= MOST_NUMBERED else []


def _reasons(answer: Mapping[str, Any], fresh: Mapping[str, Any] | None) -> list[str]:
    """What speaks for the suggestion, where the version that answers now makes the same one."""
    if fresh is None or fresh["queue"]["label"] != answer["queue"]["label"]:
        return []
    told = [one["text"] for one in fresh["queue"].get("reasons", ()) if one["weight"] > 0]
    return told[:MOST_REASONS]


def _escalation(answer: Mapping[str, Any]) -> str | None:
    probability = answer.get("escalation", {}).get("probability")
    return None if probability is None else f"{100 * probability:.0f} in 100 such tickets escalate"


def _facts(ticket: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is known of a ticket beside its text, by name."""
    customer = ticket.get("customer") or {}
    known = {name: ticket.get(name) for name in ("channel", "language", "region", "product")}
    known = {"customer tier": customer.get("tier"), **known, "tags": ", ".join(ticket.get("tags") or ())}
    known["attachments"] = ", ".join(str(one.get("name") or "?") for one in ticket.get("attachments") or ())
    for name, value in {**known, **(ticket.get("attributes") or {})}.items():
        if value not in (None, "", [], {}):
            yield name, str(value)[:300]
