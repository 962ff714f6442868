"""A person's day of labelling: what they answered, how long it took, and what the minutes left are expected to teach.

Knows no pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from desk.labelling import Gain, gain_of, pace_of, spent
from journal.questions import worth_of
from journal.verdicts import RecordedVerdict, verdicts_by
from serving.console.visit import Visit

__all__ = ["Day", "day_of"]

MOST_A_DAY: Final = 2_000


@dataclass(frozen=True, slots=True)
class Day:
    """said: what they said in the console today and did not take back, the newest first. spent: by how these follow.

    waiting: questions of anybody. share_done: of the worth of today's list, what was answered by anybody; None where
    it has none. gain: what the minutes left are expected to teach, None where nobody can tell.
    """

    said: Sequence[RecordedVerdict]
    spent: timedelta
    budget: timedelta
    waiting: int
    share_done: float | None
    gain: Gain | None

    @property
    def is_over(self) -> bool:
        """Whether the person has given what they were asked for."""
        return self.spent >= self.budget

    @property
    def left(self) -> timedelta:
        """Of the budget."""
        return max(self.budget - self.spent, timedelta())


def day_of(visit: Visit) -> Day:
    """The visitor's day up to now. Raises `JournalUnavailableError`."""
    began = visit.policy.day_of(visit.now)
    told = verdicts_by(visit.engine, visit.person, most=MOST_A_DAY, since=began, tenant=visit.tenant)
    said = _standing([one for one in told if one.via.endswith(", console")])
    times = [one.verdict.at for one in said]
    took = spent(times)
    worth = worth_of(visit.engine, since=began, tenant=visit.tenant)
    total = worth.settled_worth + sum(worth.left)
    budget = visit.policy.budget
    return Day(
        said,
        took,
        budget,
        len(worth.left),
        worth.settled_worth / total if total > 0 else None,
        gain_of(max(budget - took, timedelta()), pace_of(times), worth.left),
    )


def _standing(told: Sequence[RecordedVerdict]) -> list[RecordedVerdict]:
    """Without what was taken back, and without the taking back. told: the newest first."""
    taken_back: set[str] = set()
    found = []
    for one in told:
        name = one.verdict.prediction_id
        if one.verdict.withdraws:
            taken_back.add(name)
        elif name not in taken_back:
            found.append(one)
    return found
