"""Columns that are times, parts of times or lengths of time: do they speak of the opening or of something later?

Compares values with when a ticket was opened, answered and resolved. Knows no names and no labels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import spearmanr

from training.histories.dates import parse_times
from training.leakage.suspects import Codes, Evidence, seconds

__all__ = [
    "Echo",
    "Lag",
    "Parts",
    "calendar_echo",
    "calendar_parts",
    "duration_echo",
    "lag_after_opening",
    "moment_echo",
    "times_in",
]

READABLE: Final = 0.9
"""Share of a column's values that must be times before it counts as a column of times."""

ROWS_TO_COUNT: Final = 20
DAY: Final = 86_400.0
SAME_MOMENT: Final = 90.0
"""Seconds: a log and a field that note the same moment may differ by their rounding to minutes."""

Parts = Mapping[str, Codes]
"""Part of a time (weekday, hour …) -> its number a row, -1 where the time is unknown."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How times lie to the opening: share of rows after and before it, days between (median), different distances."""

    after: float
    before: float
    days: float
    distances: int
    is_date: bool


@dataclass(frozen=True, slots=True)
class Echo:
    """What a column repeats: of which moment, which part, how well, and how well it repeats the opening's."""

    moment: str
    part: str
    later: float
    opening: float


def times_in(values: Sequence[str | None]) -> NDArray[np.float64] | None:
    """The values as seconds since 1970, or None where the column is no column of times."""
    given = [value for value in values if value is not None]
    if not given or _unreadable(given[:: max(1, len(given) // 200)]) or _unreadable(given):
        return None
    return seconds(parse_times({"": values})[""].values)


def _unreadable(given: Sequence[str]) -> bool:
    return len(parse_times({"": given})[""].unreadable) > (1 - READABLE) * len(given)


def lag_after_opening(times: NDArray[np.float64], created: NDArray[np.float64]) -> Lag | None:
    """How the times lie to the opening; None where too few rows have both. Dates without a clock compare as dates."""
    both = np.isfinite(times) & np.isfinite(created)
    if both.sum() < ROWS_TO_COUNT:
        return None
    opened = created[both]
    is_date = not (times[both] % DAY).any()
    if is_date:
        opened = opened - opened % DAY
    gap = times[both] - opened
    return Lag(
        after=float((gap > 60).mean()),
        before=float((gap < -DAY).mean()),
        days=float(np.median(gap)) / DAY,
        distances=len(np.unique(np.round(gap / 60))),
        is_date=is_date,
    )


def calendar_parts(times: NDArray[np.float64]) -> Parts:
    """The parts of a column of times, in UTC."""
    known = np.isfinite(times)
    at = pd.to_datetime(np.where(known, times, 0.0), unit="s")
    parts = {
        "weekday": at.day_of_week,
        "hour": at.hour,
        "month": at.month,
        "day of the month": at.day,
        "week": at.isocalendar().week,
        "quarter": at.quarter,
        "date": at.year * 366 + at.day_of_year,
    }
    return {name: np.where(known, np.asarray(part, dtype=np.int64), -1) for name, part in parts.items()}


def calendar_echo(values: Codes, opening: Parts, later: Mapping[str, Parts]) -> Echo | None:
    """The part of a later moment that a column follows, beyond how it follows the same part of the opening.

    A column follows a part when knowing the part tells the value; which value stands for Monday does not matter.
    """
    found = [
        Echo(moment, part, agreement, _agreement(values, opening[part]) or 0.0)
        for moment, parts in later.items()
        for part, codes in parts.items()
        if (agreement := _agreement(values, codes)) is not None
    ]
    return max(found, key=lambda one: one.later - one.opening, default=None)


def _agreement(values: Codes, parts: Codes) -> float | None:
    """Share of the rows, beyond the most frequent value's, whose value the part tells; None where rows are too few."""
    rows = (parts >= 0) & (values >= 0)
    held = values[rows]
    distinct = len(np.unique(held))
    if distinct < 2 or len(held) < ROWS_TO_COUNT * distinct:
        return None
    told = np.unique(parts[rows], return_inverse=True)[1]
    width = int(held.max()) + 1
    counts = np.bincount(told * width + held, minlength=(int(told.max()) + 1) * width).reshape(-1, width)
    usual = counts.sum(axis=0).max()
    return float((counts.max(axis=1).sum() - usual) / (len(held) - usual))


def moment_echo(times: NDArray[np.float64], evidence: Evidence) -> Echo | None:
    """The later moment that a column of times repeats most, a time zone aside, in which share of the rows."""
    opening = _same(times, evidence.created) or 0.0
    found = [
        Echo(moment, "moment", same, opening)
        for moment, later in evidence.moments.items()
        if (same := _same(times, later)) is not None
    ]
    return max(found, key=lambda one: one.later, default=None)


def _same(times: NDArray[np.float64], moment: NDArray[np.float64]) -> float | None:
    gap = times - moment
    gap = gap[np.isfinite(gap)]
    return float((np.abs(gap - np.median(gap)) <= SAME_MOMENT).mean()) if len(gap) >= ROWS_TO_COUNT else None


def duration_echo(numbers: NDArray[np.float64], evidence: Evidence) -> tuple[str, float] | None:
    """The later moment whose distance from the opening a numeric column follows best, and the rank correlation."""
    found = []
    for moment, times in evidence.moments.items():
        gaps = times - evidence.created
        both = np.isfinite(gaps) & np.isfinite(numbers)
        if both.sum() >= ROWS_TO_COUNT and np.ptp(gaps[both]) and np.ptp(numbers[both]):
            found.append((moment, float(spearmanr(gaps[both], numbers[both]).statistic)))
    return max(found, key=lambda one: abs(one[1]), default=None)
