"""An answer given on a sheet, kept as a verdict; and taken back.

What is kept says truthfully whether the suggestion was seen: the form brings that back as it was sealed. Knows not how
a sheet looks.
"""

from typing import Final

from starlette.responses import Response

from desk.feedback import Verdict
from desk.feedback_bounds import LONGEST_COMMENT
from journal.predictions import RecordedPrediction
from journal.questions import find_questions, pass_on
from serving.console.asking import sheet_page
from serving.console.keeping import keep, take_back
from serving.console.queues import chosen_queue, known_queues, priorities_of
from serving.console.sheet import sheet_of
from serving.console.visit import Visit
from serving.problems import ProblemError
from serving.replying import asked_of_journal

__all__ = ["answer_given", "answer_undo"]

HELD: Final = {"yes": True, "no": False}


async def answer_given(visit: Visit) -> Response:
    """`POST /console/answers`."""
    sheet = visit.seal.read("sheet", visit.form.get("seal", ""))
    if sheet is None or sheet["w"] != visit.person:
        raise ProblemError(400, "invalid-body", "This form is of another page. Open the console and try again.")
    if visit.form.get("act") == "pass":
        await asked_of_journal(pass_on, visit.engine, sheet["p"], visit.person, tenant=visit.tenant)
        return visit.to_console()
    queues = tuple(await asked_of_journal(known_queues, visit.desk))
    found = await asked_of_journal(visit.desk.journaling.look_up, sheet["p"])
    if found is None:
        raise ProblemError(404, "not-found", "This ticket is not there any more: nothing was kept.")
    queue, wrong = _queue(visit, found, queues, saw=sheet["saw"])
    if queue is None:
        return await _asked_again(visit, found, queues, wrong)
    priority = _priority(visit, found)
    if priority is None and sheet.get("wants") == "priority":
        return await _asked_again(visit, found, queues, "Say its priority, too: it is what the question is about.")
    verdict = Verdict(
        prediction_id=found.prediction_id,
        who=visit.person,
        at=visit.now,
        queue=queue,
        priority=priority,
        escalation=HELD.get(visit.form.get("escalation", "")),
        comment=visit.form.get("comment", "")[:LONGEST_COMMENT] or None,
        saw_suggestion=sheet["saw"],
    )
    await keep(visit, [verdict])
    return visit.to_console(done=found.prediction_id)


async def answer_undo(visit: Visit) -> Response:
    """`POST /console/undo`."""
    name = visit.form.get("prediction", "")
    if not await asked_of_journal(take_back, visit, name):
        raise ProblemError(404, "not-found", "There is nothing of yours to take back.")
    if visit.form.get("to") == "history":
        return visit.to("/console/history")
    return visit.to_console()


def _queue(
    visit: Visit, found: RecordedPrediction, queues: tuple[str, ...], *, saw: bool
) -> tuple[str | None, str | None]:
    """The queue that was chosen, or what is wrong with it."""
    suggested = str(found.answer["queue"]["label"])
    pressed, typed = visit.form.get("queue", ""), visit.form.get("typed", "")
    if pressed:
        is_known = pressed in queues or (saw and pressed == suggested)
        return (pressed, None) if is_known else (None, f"There is no queue “{pressed[:100]}” any more; choose another.")
    if typed:
        queue = chosen_queue(typed, queues)
        return queue, f"Nobody can tell which queue “{typed[:100]}” is; choose one of the list."
    if not saw:
        return None, "Choose a queue first: the suggestion is hidden."
    return suggested, None


async def _asked_again(visit: Visit, found: RecordedPrediction, queues: tuple[str, ...], wrong: str | None) -> Response:
    asked = await asked_of_journal(find_questions, visit.engine, [found.prediction_id], visit.tenant)
    sheet = await sheet_of(visit.desk, found, asked.get(found.prediction_id), queues)
    return sheet_page(visit, sheet, queues, day=None, done=None, wrong=wrong, typed=visit.form.get("typed", ""))


def _priority(visit: Visit, found: RecordedPrediction) -> str | None:
    said = visit.form.get("priority", "")
    known = {*priorities_of(visit.desk), found.answer.get("priority", {}).get("label")}
    return said if said in known else None
