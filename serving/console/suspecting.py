"""`/console/suspects`: labels that are probably wrong, the worst first, with their tickets, for a lead to decide on.

Where the ticket was answered by this service the decision is a final word on that answer as well; where it only stands
in the history that was given, the decision takes the place of what that says. Knows not how labels come to be suspect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import Response

from desk.feedback import Verdict
from desk.votes import VOTED_HEADS
from journal.answered import AnsweredTicket, answered
from journal.label_decisions import LabelDecision, count_decided, decide, last_decisions, stands_as
from journal.label_decisions import take_back as take_decision_back
from journal.suspects import SuspectLabel, count_open, find_suspect, open_suspects
from serving.console.keeping import keep, take_back
from serving.console.queues import chosen_queue, known_queues, priorities_of
from serving.console.visit import Visit
from serving.problems import ProblemError
from serving.replying import asked_of_journal

__all__ = ["answer_decided", "answer_suspects", "answer_taken_back"]

ADDRESS: Final = "/console/suspects"
MOST: Final = 50
LAST: Final = 20
"""Decisions that can be taken back on the page."""

AT_FIRST: Final = 400
"""Characters of the text; the rest is a click away."""

_LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Line:
    """One label with its ticket. facts: what is known beside the text, in words. is_answered: by this service, too."""

    suspect: SuspectLabel
    subject: str
    body: str
    facts: tuple[str, ...]
    opened_at: datetime | None
    is_answered: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows: labels, how many are open, found wrong and kept, and what was decided last."""

    lines: list[Line]
    counts: tuple[int, int, int]
    decided: list[LabelDecision]
    queues: list[str]


async def answer_suspects(visit: Visit) -> Response:
    """`GET /console/suspects`."""
    shown = await asked_of_journal(_shown, visit)
    done = visit.asked("done")
    return visit.page(
        "suspects.html",
        **{name: getattr(shown, name) for name in Shown.__dataclass_fields__},
        priorities=priorities_of(visit.desk),
        most=MOST,
        at_first=AT_FIRST,
        done=next((one for one in shown.decided if done == _name(one.head, one.ticket_id)), None),
    )


async def answer_decided(visit: Visit) -> Response:
    """`POST /console/suspects`: which label is right."""
    head, ticket = visit.form.get("head", ""), visit.form.get("ticket", "")
    found, scored = await asked_of_journal(_found, visit, head, ticket)
    if found is None:
        raise _gone()
    label = await asked_of_journal(_label, visit, found)
    where = (visit.engine, head, ticket)
    is_kept = await asked_of_journal(decide, *where, label, who=visit.who, at=visit.now, tenant=visit.tenant)
    if not is_kept:
        raise _gone()
    if scored is not None and found.head in VOTED_HEADS:
        try:
            await keep(visit, [_final(visit, scored, found.head, label)])
        except ProblemError:  # who is told that nothing was kept must find it so
            await asked_of_journal(take_decision_back, *where, visit.tenant)
            raise
        await asked_of_journal(stands_as, *where, scored, who=visit.who, tenant=visit.tenant)
    return visit.to(f"{ADDRESS}?{urlencode({'done': _name(head, ticket)})}")


async def answer_taken_back(visit: Visit) -> Response:
    """`POST /console/suspects/undo`: a decision does not count any more, and the label is open again."""
    head, ticket = visit.form.get("head", ""), visit.form.get("ticket", "")
    undone = await asked_of_journal(take_decision_back, visit.engine, head, ticket, visit.tenant)
    if undone is None:
        raise ProblemError(404, "not-found", "Somebody took this decision back meanwhile.")
    if undone.prediction_id is not None and undone.decided_by == visit.who:
        await asked_of_journal(take_back, visit, undone.prediction_id)
    return visit.to(ADDRESS)


def _gone() -> ProblemError:
    return ProblemError(404, "not-found", "Somebody decided on this label meanwhile, or a training found it right.")


def _shown(visit: Visit) -> Shown:
    engine, tenant = visit.engine, visit.tenant
    found = open_suspects(engine, most=MOST, tenant=tenant)
    there = {one.ticket_id: one for one in answered(engine, [one.ticket_id for one in found], tenant)}
    return Shown(
        [_line(one, there.get(one.ticket_id)) for one in found],
        (count_open(engine, tenant), *count_decided(engine, tenant)),
        last_decisions(engine, LAST, tenant),
        known_queues(visit.desk),
    )


def _line(one: SuspectLabel, ticket: AnsweredTicket | None) -> Line:
    scored: Mapping[str, Any] = {} if ticket is None else ticket.scored[-1].ticket
    told = scored if one.shown is None else one.shown
    opened = one.opened_at or (None if ticket is None else ticket.scored[0].at)
    facts = tuple(str(told[name]) for name in ("channel", "language", "product") if told.get(name))
    body = str(told.get("body") or "")[: _LONGEST + 1]
    return Line(one, str(told.get("subject") or ""), body, facts, opened, ticket is not None)


def _found(visit: Visit, head: str, ticket: str) -> tuple[SuspectLabel | None, str | None]:
    """The suspect, and the id of the last answer to its ticket."""
    scored = next(iter(answered(visit.engine, [ticket], visit.tenant)), None)
    found = find_suspect(visit.engine, head, ticket, visit.tenant)
    return found, None if scored is None else scored.scored[-1].prediction_id


def _label(visit: Visit, one: SuspectLabel) -> str:
    """The label that the form says is right: one of the two, or another that is known."""
    said, typed = visit.form.get("label", ""), visit.form.get("other", "").strip()
    if said in (one.given, one.likely):
        return said
    known = tuple(known_queues(visit.desk)) if one.head == "queue" else priorities_of(visit.desk)
    chosen = chosen_queue(typed, tuple(dict.fromkeys((*known, one.given, one.likely)))) if typed else None
    if chosen is None:
        what = "queue" if one.head == "queue" else one.head
        raise ProblemError(422, "invalid-body", f"Nothing was kept: name a {what} that is known, by its whole name.")
    return chosen


def _final(visit: Visit, name: str, head: str, label: str) -> Verdict:
    word = Verdict(name, visit.person, visit.now, is_final=True)
    if head == "escalation":
        return replace(word, escalation=label == "true")
    return replace(word, queue=label) if head == "queue" else replace(word, priority=label)


def _name(head: str, ticket: str) -> str:
    return f"{head} {ticket}"
