"""The desk of a sample year as its journal sees it: tickets are answered, outcomes and verdicts come back, late.

Everything is under names that follow from the year alone, so that a week that was interrupted can be done again and
leaves the same rows. Knows nothing of what is learned or how it is judged.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from desk.feedback import Verdict
from desk.feedback_policy import FEEDBACK_SETTING, read_feedback_policy
from desk.past_answers import past_answer
from journal.database import writing
from journal.environment import Environment
from journal.outcomes import GivenReport
from journal.outcomes import record as record_outcomes
from journal.predictions import RecordedPrediction, find_all
from journal.predictions import record as record_predictions
from journal.promotions import champion, promotions
from journal.questions import AnsweredQuestion, answered_questions, settle
from journal.questions import questions as waiting_questions
from journal.settings import get_setting
from journal.verdicts import GivenVerdict, verdicts
from journal.verdicts import record as record_verdicts
from simulation.sample import DrawnTicket
from simulation.year.asking import said_when_asked, second_opinions
from simulation.year.changes import names_in, plan_in
from simulation.year.habits import Habits
from simulation.year.hostile import hostile_verdicts
from simulation.year.settings import SampleYear
from simulation.year.specialists import Handled, handled, said_unasked
from simulation.year.world import Week
from training.asking.preparing import prepare_questions
from training.backtest.answering import answering_of, name_of, recorded
from training.gate.contestants import contestant
from training.progress import Unwatched
from training.run_off.undecided import run_off_of

__all__ = ["DeskOfYear", "FedBack"]

VIA: Final = "simulate"
NOBODY: Final = "nobody"
"""Settles a question that its specialist left unanswered."""

BEFORE_THE_END: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class FedBack:
    """What came back in a week. asked: labels that the loop asked for; the others are verdicts that came in."""

    outcomes: int
    asked: int
    said_when_asked: int
    unasked: int
    hostile: int


@dataclass(slots=True)
class DeskOfYear:
    """Weeks go through it in order. `handled` holds, by prediction, all that was answered."""

    year: SampleYear
    habits: Habits
    environment: Environment
    engine: Engine
    handled: dict[str, Handled] = field(default_factory=dict)

    def version_at_begin(self, week: Week) -> str:
        """The version that is champion when the week begins."""
        since = [one for one in promotions(self.engine, self.environment.tenant) if one.since <= week.begins]
        return since[-1].version

    def answer(self, week: Week) -> list[RecordedPrediction]:
        """Every ticket of the week answered by the champion of its begin and journaled, unless it was already."""
        tenant = self.environment.tenant
        tickets = [(one.row.ticket, one.row.ticket.created_at or week.begins) for one in week.tickets]
        names = [name_of(ticket, at, tenant) for ticket, at in tickets]
        found = find_all(self.engine, names, tenant)
        if len(found) < len(names):
            version = self.version_at_begin(week)
            answering = answering_of(self.environment, self.engine, version, at=week.begins)
            rows = recorded(answering, tickets)
            with writing(self.engine) as connection:
                record_predictions(connection, rows)
        else:
            rows = [found[name] for name in names]
        current = names_in(self.year, week.number)
        for drawn, row in zip(week.tickets, rows, strict=True):
            self.handled[row.prediction_id] = self._handled(drawn, row, current)
        return rows

    def feed_back(self, week: Week) -> FedBack:
        """All that comes back until the week ends."""
        resolved = [one for one in self.handled.values() if week.begins < one.resolved_at <= week.ends]
        reports = [GivenReport(one.report) for one in resolved]
        record_outcomes(self.engine, reports, via=VIA, received_at=week.ends, tenant=self.environment.tenant)
        mine = self._of(week)
        unasked = list(filter(None, (said_unasked(self.year.seed, one, self.habits) for one in resolved)))
        hostile = self._hostile(week, mine)
        self._record(week, [*unasked, *hostile])
        at = week.ends - BEFORE_THE_END
        asked, asked_said = self._asked(at)
        waiting = self._waiting(week)
        said = [*asked_said, *said_when_asked(self.year.seed, waiting, self.habits, at=at, by_lead=True)]
        self._record(week, said)
        return FedBack(len(reports), asked + len(waiting), len(said), len(unasked), len(hostile))

    def _asked(self, at: datetime) -> tuple[int, list[Verdict]]:
        """How many of the questions that wait were asked, and what was said; those of a week that is done again."""
        tenant = self.environment.tenant
        questions = [one.question for one in self._settled(at)]
        if not questions:
            standing = champion(self.engine, tenant)
            if standing is None:
                return 0, []
            prepare_questions(
                self.engine,
                contestant(self.environment, standing.version).version,
                at=at,
                tenant=tenant,
                progress=Unwatched(),
                run_off=run_off_of(self.environment, self.engine, at=at),
            )
            questions = waiting_questions(self.engine, tenant)[: self.habits.asked_a_week]
        unaided = {one.prediction_id for one in questions if {"reason": "unaided"} in one.reasons}
        asked = [self.handled[one.prediction_id] for one in questions]
        said = said_when_asked(self.year.seed, asked, self.habits, at=at, by_lead=False, unaided=unaided)
        answers = {one.prediction_id: one.who for one in said}
        for one in questions:
            settle(self.engine, [one.prediction_id], answers.get(one.prediction_id, NOBODY), at=at, tenant=tenant)
        return len(questions), said

    def _settled(self, at: datetime) -> list[AnsweredQuestion]:
        found = answered_questions(self.engine, since=at, tenant=self.environment.tenant)
        return [one for one in found.values() if one.at == at]

    def _handled(self, drawn: DrawnTicket, row: RecordedPrediction, current: dict[str, str]) -> Handled:
        return handled(self.year.seed, drawn, past_answer(row.answer, row.at), self.habits, current)

    def _of(self, week: Week) -> list[Handled]:
        return [one for one in self.handled.values() if week.begins <= one.answer.at < week.ends]

    def _hostile(self, week: Week, mine: Sequence[Handled]) -> list[Verdict]:
        first, last = self.year.hostile
        if not first <= week.number <= last:
            return []
        at = week.ends - 2 * BEFORE_THE_END
        return hostile_verdicts(self.year.seed, week.number, mine, self.habits, at=at)

    def _waiting(self, week: Week) -> list[Handled]:
        """Predictions of which a lead has the last word to say, and has not said it yet."""
        tenant = self.environment.tenant
        # A week that is done again must not know what was said in it before.
        earlier = [one for one in verdicts(self.engine, tenant) if one.at < week.ends - BEFORE_THE_END]
        answers = {one.prediction_id: self.handled[one.prediction_id].answer for one in earlier}
        policy = get_setting(self.engine, FEEDBACK_SETTING, tenant)
        # A queue's old name stays known: what was said under it is no word that nobody knows.
        labels = {*plan_in(self.year, week.number).names, *names_in(self.year, week.number)}
        names = second_opinions(
            earlier, answers, read_feedback_policy(None if policy is None else policy.value), labels, self.habits
        )
        return [self.handled[name] for name in names]

    def _record(self, week: Week, said: Iterable[Verdict]) -> None:
        listed, tenant = list(said), self.environment.tenant
        rows = find_all(self.engine, [one.prediction_id for one in listed], tenant)
        given = [GivenVerdict(one, rows[one.prediction_id]) for one in listed]
        record_verdicts(self.engine, given, via=VIA, received_at=week.ends, secret=_nobody_is_erased, tenant=tenant)


def _nobody_is_erased() -> bytes:
    raise RuntimeError("Nobody is erased in a sample year, so nothing is asked of the installation's secret.")
