"""When tickets arrive, and when the desk is staffed.

Weekdays and mornings are busier, the end of a month and a few days of incidents more so. The desk sits in Europe and
is staffed on weekdays from 7 to 17 h UTC. Knows nothing of who writes and about what.
"""

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

__all__ = ["add_staffed_hours", "arrival_times", "is_staffed"]

OPENS, CLOSES = 7, 17
SHIFT = float(CLOSES - OPENS)
WORKDAYS = 5
A_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
WEEKDAY_LOAD = (1.15, 1.1, 1.0, 1.0, 0.9, 0.3, 0.22)
HOUR_LOAD = (3, 3, 4, 4, 5, 8, 14, 26, 34, 36, 34, 28, 26, 30, 32, 30, 26, 20, 16, 13, 11, 8, 5, 4)
MONTH_END_LOAD = 1.25
INCIDENT_SHARE, INCIDENT_LOAD = 0.03, 1.9


def arrival_times(tickets: int, start: datetime, days: int, seed: int) -> list[datetime]:
    """`tickets` times in UTC within `days` days from `start`, ascending, to the second."""
    rng = np.random.default_rng([seed, 1])
    load = np.outer(_day_load(start, days, rng), np.array(HOUR_LOAD, dtype=np.float64)).ravel()
    hours = rng.choice(load.size, size=tickets, p=load / load.sum())
    seconds = np.sort(hours * 3600 + rng.integers(0, 3600, size=tickets))
    midnight = start.astimezone(UTC)
    return [midnight + timedelta(seconds=int(second)) for second in seconds]


def _day_load(start: datetime, days: int, rng: np.random.Generator) -> NDArray[np.float64]:
    dates = [start + timedelta(days=day) for day in range(days)]
    load = np.array([WEEKDAY_LOAD[date.weekday()] for date in dates])
    load *= np.array([MONTH_END_LOAD if date.day >= 28 or date.day <= 2 else 1.0 for date in dates])
    load[rng.random(days) < INCIDENT_SHARE] *= INCIDENT_LOAD
    return load


def is_staffed(at: datetime) -> bool:
    """Whether somebody is at the desk at this UTC time."""
    return at.weekday() < WORKDAYS and OPENS <= at.hour < CLOSES


def add_staffed_hours(at: datetime, hours: float) -> datetime:
    """The UTC time when `hours` staffed hours have passed since `at`; never closing time itself.

    Counts in hours since a Monday: plain numbers cost a fifth of what times do.
    """
    weeks, rest = divmod((at - A_MONDAY).total_seconds() / 3600.0, 168.0)
    day, clock = divmod(rest, 24.0)
    today = min(SHIFT, max(0.0, clock - OPENS)) if day < WORKDAYS else 0.0
    staffed = (weeks * WORKDAYS + min(day, WORKDAYS)) * SHIFT + today + hours
    shifts, into = divmod(staffed, SHIFT)
    weeks, day = divmod(shifts, WORKDAYS)
    return A_MONDAY + timedelta(hours=weeks * 168.0 + day * 24.0 + OPENS + into)
