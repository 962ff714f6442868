"""`/console/suspects`: labels that are probably wrong, the worst first, for a lead to decide on.

Where the ticket was answered by this service the decision is a final word on that answer; a label of the history that
was given is the desk's own to put right. Knows not how labels come to be suspect.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from starlette.responses import Response

from desk.feedback import Verdict
from desk.votes import VOTED_HEADS
from journal.answered import AnsweredTicket, answered
from journal.suspects import Decision, SuspectLabel, count_suspects, decide, find_suspect, open_suspects
from serving.console.keeping import keep
from serving.console.visit import Visit
from serving.problems import ProblemError
from serving.replying import asked_of_journal

__all__ = ["answer_decided", "answer_suspects"]

MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One label. subject: None where the ticket is only in the history that was given."""

    suspect: SuspectLabel
    subject: str | None


async def answer_suspects(visit: Visit) -> Response:
    """`GET /console/suspects`."""
    lines, counts = await asked_of_journal(_lines, visit)
    return visit.page("suspects.html", lines=lines, counts=counts, most=MOST)


async def answer_decided(visit: Visit) -> Response:
    """`POST /console/suspects`."""
    head, ticket = visit.form.get("head", ""), visit.form.get("ticket", "")
    act = visit.form.get("act")
    decision: Decision | None = "kept" if act == "kept" else "wrong" if act == "wrong" else None
    found, scored = await asked_of_journal(_found, visit, head, ticket)
    if decision is None or found is None:
        raise ProblemError(404, "not-found", "Somebody decided on this label meanwhile, or a training found it right.")
    if scored is not None and found.head in VOTED_HEADS:
        await keep(visit, [_final(visit, scored, found, decision)])
    await asked_of_journal(
        decide, visit.engine, head, ticket, decision, who=visit.who, at=visit.now, tenant=visit.tenant
    )
    return visit.to("/console/suspects")


def _lines(visit: Visit) -> tuple[list[Line], dict[Decision | None, int]]:
    found = open_suspects(visit.engine, most=MOST, tenant=visit.tenant)
    there = {one.ticket_id: one for one in answered(visit.engine, [one.ticket_id for one in found], visit.tenant)}
    return [Line(one, _subject(there.get(one.ticket_id))) for one in found], count_suspects(visit.engine, visit.tenant)


def _subject(ticket: AnsweredTicket | None) -> str | None:
    if ticket is None:
        return None
    told: dict[str, Any] = ticket.scored[-1].ticket
    return str(told.get("subject") or told.get("body") or "")[:200]


def _found(visit: Visit, head: str, ticket: str) -> tuple[SuspectLabel | None, str | None]:
    """The suspect, and the id of the last answer to its ticket."""
    scored = next(iter(answered(visit.engine, [ticket], visit.tenant)), None)
    found = find_suspect(visit.engine, head, ticket, visit.tenant)
    return found, None if scored is None else scored.scored[-1].prediction_id


def _final(visit: Visit, name: str, one: SuspectLabel, decision: Decision) -> Verdict:
    label = one.given if decision == "kept" else one.likely
    word = Verdict(name, visit.person, visit.now, is_final=True)
    if one.head == "escalation":
        return replace(word, escalation=label == "true")
    return replace(word, queue=label) if one.head == "queue" else replace(word, priority=label)
