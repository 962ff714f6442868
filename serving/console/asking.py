"""`GET /console`: the ticket that is most worth asking about now, and `/console/tickets/…`: one that was looked up.

Whose turn a ticket is says the journal (`journal.questions`): it is held for some minutes, and a closed browser gives
it back. Knows not what is done with an answer.
"""

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from desk.question import Question
from journal.predictions import RecordedPrediction
from journal.questions import find_questions, settle, take_next, waiting
from serving.console.day import Day, day_of
from serving.console.queues import known_queues, priorities_of
from serving.console.sheet import Sheet, sheet_of
from serving.console.topics import answer_topic
from serving.console.visit import Visit
from serving.problems import ProblemError
from serving.replying import asked_of_journal

__all__ = ["answer_next", "answer_ticket", "sheet_page"]


@dataclass(frozen=True, slots=True)
class _Next:
    """What comes next: a question with its prediction, or none; `done` is what was answered just now."""

    day: Day
    done: dict[str, Any] | None
    question: Question | None = None
    found: RecordedPrediction | None = None
    queues: tuple[str, ...] = ()
    reason: str = ""


async def answer_next(visit: Visit) -> Response:
    """`GET /console`."""
    coming = await asked_of_journal(_next, visit)
    if coming.question is None or coming.found is None:
        return visit.page("rest.html", day=coming.day, done=coming.done, reason=coming.reason)
    if coming.question.topic is not None:
        return await answer_topic(visit, coming.question, coming.day, coming.done)
    sheet = await sheet_of(visit.desk, coming.found, coming.question, coming.queues)
    return sheet_page(visit, sheet, coming.queues, day=coming.day, done=coming.done)


async def answer_ticket(visit: Visit) -> Response:
    """`GET /console/tickets/{prediction_id}`."""
    name = visit.request.path_params["prediction_id"]
    found, question, queues = await asked_of_journal(_looked_up, visit, name)
    if found is None:
        raise ProblemError(404, "not-found", "There is no such ticket, or not any more.")
    sheet = await sheet_of(visit.desk, found, question, queues)
    return sheet_page(visit, sheet, queues, day=None, done=None)


def sheet_page(
    visit: Visit,
    sheet: Sheet,
    queues: tuple[str, ...],
    *,
    day: Day | None,
    done: dict[str, Any] | None,
    wrong: str | None = None,
    typed: str = "",
) -> Response:
    """The sheet with its form. day: None where the ticket was looked up. wrong: why an answer could not be kept."""
    priorities = priorities_of(visit.desk)
    shown = {"p": sheet.prediction_id, "w": visit.person, "saw": not sheet.is_unaided}
    if sheet.asks_priority and priorities:
        shown["wants"] = "priority"
    return visit.page(
        "question.html",
        200 if wrong is None else 422,
        sheet=sheet,
        seal=visit.seal.sign("sheet", shown),
        queues=queues,
        priorities=priorities,
        day=day,
        done=done,
        wrong=wrong,
        typed=typed,
        more=visit.more,
    )


def _next(visit: Visit) -> _Next:
    day = day_of(visit)
    done = _done(visit, day)
    if day.is_over and not visit.asked("more"):
        return _Next(day, done, reason="budget")
    while True:
        held = take_next(visit.engine, visit.person, at=visit.now, lasting=visit.policy.hold, tenant=visit.tenant)
        if held is None:
            return _Next(day, done, reason=_why_nothing(visit))
        question = held.question
        found = visit.desk.journaling.look_up(question.prediction_id)
        if found is not None:
            return _Next(day, done, question, found, tuple(known_queues(visit.desk)))
        # Its prediction was erased in the same moment.
        settle(visit.engine, [question.prediction_id], visit.person, at=visit.now, tenant=visit.tenant)


def _why_nothing(visit: Visit) -> str:
    there = waiting(visit.engine, at=visit.now, tenant=visit.tenant)
    if there.prepared_at is None:
        return "unprepared"
    return "others" if there.questions else "done"


def _done(visit: Visit, day: Day) -> dict[str, Any] | None:
    """What the visitor answered just now, as the address says: shown above what comes next."""
    name = visit.asked("done")
    said = next((one for one in day.said if name and one.verdict.prediction_id == name), None)
    if said is None:
        return None
    found = visit.desk.journaling.look_up(name)
    label = None if found is None else found.answer["queue"]["label"]
    hidden = label if not said.verdict.saw_suggestion else None
    return {"prediction_id": name, "ticket_id": said.ticket_id, "queue": said.verdict.queue, "hidden": hidden}


def _looked_up(visit: Visit, name: str) -> tuple[RecordedPrediction | None, Question | None, tuple[str, ...]]:
    found = visit.desk.journaling.look_up(name)
    question = find_questions(visit.engine, [name], visit.tenant).get(name) if found is not None else None
    return found, question, tuple(known_queues(visit.desk))
