"""`GET /console/history`: what the visitor said, and what became of it. Knows not how a verdict comes to count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.responses import Response

from desk.errors import SettingError
from desk.feedback_policy import FEEDBACK_SETTING, FeedbackPolicy, read_feedback_policy
from desk.past_answers import past_answer
from desk.votes import Vote, person_of, votes_of
from journal.predictions import RecordedPrediction, find_all
from journal.settings import get_setting
from journal.verdicts import RecordedVerdict, verdicts_by, verdicts_on
from serving.console.visit import Visit
from serving.console.words import fate_words
from serving.replying import asked_of_journal
from serving.triage import Desk

__all__ = ["answer_history", "feedback_policy"]

AT_ONCE: Final = 50
LOOKED_THROUGH: Final = 500
"""The newest, among which those are looked for that differ from what was answered."""


@dataclass(frozen=True, slots=True)
class Line:
    """One verdict. fate: what became of it, in words. answered: the queue that was suggested. may_go: to be undone."""

    prediction_id: str
    ticket_id: str
    subject: str
    at: datetime
    queue: str | None
    more: Sequence[str]
    answered: str | None
    fate: str
    standing: str
    may_go: bool

    @property
    def differs(self) -> bool:
        """Whether it is another queue than the answer's."""
        return self.queue is not None and self.queue != self.answered


async def answer_history(visit: Visit) -> Response:
    """`GET /console/history`."""
    only = "disagreed" if visit.asked("only") == "disagreed" else ""
    lines, before = await asked_of_journal(_lines, visit, _before(visit), only=only)
    return visit.page("history.html", lines=lines, only=only, before=before)


def feedback_policy(desk: Desk) -> FeedbackPolicy:
    """Whose word counts, and how far. Asks the journal."""
    setting = get_setting(desk.journaling.engine, FEEDBACK_SETTING, desk.journaling.tenant)
    try:
        return read_feedback_policy(None if setting is None else setting.value)
    except SettingError:  # written by a newer build
        return FeedbackPolicy()


def _before(visit: Visit) -> datetime | None:
    try:
        moment = datetime.fromisoformat(visit.asked("before"))
    except ValueError:
        return None
    return moment if moment.utcoffset() is not None else None


def _lines(visit: Visit, before: datetime | None, *, only: str) -> tuple[list[Line], datetime | None]:
    """The lines of a page, and from when on the next goes back; None where there is none."""
    most = LOOKED_THROUGH if only else AT_ONCE
    told = verdicts_by(visit.engine, visit.person, most=most + 1, before=before, tenant=visit.tenant)
    said = [one for one in told[:most] if not one.verdict.withdraws]
    names = {one.verdict.prediction_id for one in said}
    answered = find_all(visit.engine, names, visit.tenant)
    votes = _votes(visit, answered)
    lines = [_line(one, answered.get(one.verdict.prediction_id), votes) for one in said]
    lines = [one for one in lines if one.differs] if only else lines
    return lines, told[most - 1].verdict.at if len(told) > most else None


def _votes(visit: Visit, answered: Mapping[str, RecordedPrediction]) -> dict[object, Vote]:
    heard = [one.verdict for one in verdicts_on(visit.engine, answered, visit.tenant)]
    answers = {name: past_answer(one.answer, one.at) for name, one in answered.items()}
    votes = votes_of(heard, answers, feedback_policy(visit.desk))
    mine = (one for one in votes if person_of(one.verdict.who) == visit.person)
    return {(one.verdict, one.head): one for one in mine}


def _line(one: RecordedVerdict, found: RecordedPrediction | None, votes: Mapping[object, Vote]) -> Line:
    said = one.verdict
    more = [f"priority {said.priority}"] if said.priority else []
    if said.escalation is not None:
        more.append("to be escalated" if said.escalation else "not to be escalated")
    vote = next((votes[said, head] for head in ("queue", "priority", "escalation") if (said, head) in votes), None)
    subject = "" if found is None else str(found.ticket.get("subject") or found.ticket.get("body") or "")[:200]
    return Line(
        said.prediction_id,
        one.ticket_id,
        subject,
        said.at,
        said.queue,
        more,
        None if found is None else found.answer["queue"]["label"],
        "the ticket is not kept any more" if found is None else "" if vote is None else fate_words(vote.standing),
        "" if vote is None else vote.standing,
        vote is not None and vote.standing != "superseded",
    )
