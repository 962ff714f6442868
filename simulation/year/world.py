"""The sample desk's weeks, one after the other: those of its history, and those of the year with all that changes.

Each ticket comes with what people would make of it without any machine, and apart from that with the truth. Knows
nothing of answers, nor of who learns from what.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from desk.outcome import ResolvedTicket
from simulation.arrivals import arrival_times
from simulation.memory import DeskMemory
from simulation.sample import DrawnTicket, cast_of, draw_ticket
from simulation.year.changes import plan_in
from simulation.year.settings import SampleYear

__all__ = ["Week", "history_of", "weeks_of"]


@dataclass(frozen=True, slots=True)
class Week:
    """The tickets opened from `begins` until before `ends`, oldest first; numbers below 1 are of the history."""

    number: int
    begins: datetime
    ends: datetime
    tickets: tuple[DrawnTicket, ...]


def weeks_of(year: SampleYear) -> Iterator[Week]:
    """The desk's weeks from the first of its history on, without an end; the same for the same settings.

    Weeks come in order only, for a desk remembers; the year's length says nothing here.
    """
    desk = year.desk
    cast = cast_of(desk)
    memory = DeskMemory(desk.tickets / desk.days, desk.seed)
    indices = count()
    for number in count(1 - year.history_weeks):
        begins = year.begin_of(number)
        cast = replace(cast, plan=plan_in(year, number))
        times = arrival_times(year.tickets_a_week, begins, 7, _seed_of(year, number))
        tickets = tuple(draw_ticket(year.seed, cast, memory, next(indices), at) for at in times)
        yield Week(number, begins, year.end_of(number), tickets)


def history_of(year: SampleYear, weeks: Iterator[Week]) -> list[ResolvedTicket]:
    """What the desk has resolved when the year begins; `weeks`, which are at their beginning, stand at week 1 after."""
    drawn = [next(weeks) for _ in range(year.history_weeks)]
    rows = [ticket.row for week in drawn for ticket in week.tickets]
    return [row for row in rows if row.outcome.resolved_at is not None and row.outcome.resolved_at <= year.begins]


def _seed_of(year: SampleYear, number: int) -> int:
    """Of a week's arrival times: weeks of different seeds share none."""
    return 1000 * year.seed + year.history_weeks + number
