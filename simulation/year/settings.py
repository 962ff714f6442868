"""The settings of a sample year: how long, how busy, when what changes. Knows nothing of what the changes are."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from desk.demands import Demand, Demands
from desk.errors import SettingError
from simulation.sample import SampleDesk

__all__ = ["SampleYear"]

_WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class SampleYear:
    """Weeks of `tickets_a_week` tickets, after `history_weeks` weeks of the same desk from which version 1 learns.

    begins: the Monday, UTC, when the first week of the year begins; weeks have numbers from 1. launch, new_queue,
    rename: the weeks in which these changes come, those in which months 4, 6 and 7 begin unless set otherwise. hostile:
    the first and the last week of hostile feedback, month 9. A year of fewer weeks ends before what would come later.
    queue_precision, priority_precision: what the desk demands of its contracts. With 3 % of its tickets misrouted and
    7 % that belong to a rival whatever they say, at the usual 0.96 nothing would ever be applied by itself.
    Raises `SettingError` where a number makes no year.
    """

    seed: int = 7
    weeks: int = 52
    tickets_a_week: int = 500
    history_weeks: int = 12
    begins: datetime = datetime(2024, 1, 1, tzinfo=UTC)
    launch: int = 14
    new_queue: int = 22
    rename: int = 27
    hostile: tuple[int, int] = (35, 39)
    queue_precision: float = 0.88
    priority_precision: float = 0.8

    def __post_init__(self) -> None:
        for name in ("weeks", "tickets_a_week", "history_weeks"):
            if getattr(self, name) < 1:
                raise SettingError(f"{name} must be at least 1, not {getattr(self, name)!r}.")
        if not 1 < self.launch < self.new_queue < self.rename < self.hostile[0] <= self.hostile[1]:
            raise SettingError("launch, new_queue, rename and hostile come in this order, after week 1.")

    @property
    def desk(self) -> SampleDesk:
        """The desk as it is before the year."""
        weeks = self.history_weeks
        return SampleDesk(
            tickets=weeks * self.tickets_a_week, start=self.begins - weeks * _WEEK, days=7 * weeks, seed=self.seed
        )

    @property
    def demands(self) -> Demands:
        """What the desk demands of its contracts."""
        return Demands({"queue": Demand(self.queue_precision), "priority": Demand(self.priority_precision)})

    def begin_of(self, week: int) -> datetime:
        """When the week of this number begins; those before the year have numbers from 0 down."""
        return self.begins + (week - 1) * _WEEK

    def end_of(self, week: int) -> datetime:
        """When it ends, and the next begins."""
        return self.begin_of(week + 1)
