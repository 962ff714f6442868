"""How a person's minutes of labelling are counted, and what those that are left are expected to teach.

Knows neither people nor tickets: times and worths come in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

__all__ = ["LONGEST", "Gain", "gain_of", "pace_of", "spent"]

LONGEST: Final = timedelta(minutes=2)
"""That one answer counts: who was away for longer was away."""

FIRST: Final = timedelta(seconds=30)
"""What an answer counts before which nobody knows what happened: the first of a day."""

_FEWEST: Final = 5
"""Answers, below which nobody's pace is known."""


@dataclass(frozen=True, slots=True)
class Gain:
    """questions: how many fit in the time that is left. share: of the worth of all that wait, 0 to 1."""

    questions: int
    share: float


def spent(times: Sequence[datetime]) -> timedelta:
    """What answers given at these times, in any order, took: each since the one before, but at most `LONGEST`."""
    return sum(_spans(times), timedelta())


def pace_of(times: Sequence[datetime]) -> timedelta:
    """What one answer takes, the median of those given at these times; `FIRST` where they are too few to tell."""
    spans = _spans(times)
    return sorted(spans)[len(spans) // 2] if len(spans) >= _FEWEST else FIRST


def gain_of(left: timedelta, pace: timedelta, worths: Sequence[float]) -> Gain | None:
    """What the time that is left is worth. worths: of all that wait, in the order they are asked in.

    None where nothing waits or nothing is known of what it is worth.
    """
    total = sum(worths)
    fit = min(len(worths), max(0, int(left / max(pace, timedelta(seconds=1)))))
    return None if total <= 0 else Gain(fit, sum(worths[:fit]) / total)


def _spans(times: Sequence[datetime]) -> list[timedelta]:
    ordered = sorted(times)
    return [FIRST] * bool(ordered) + [min(then - before, LONGEST) for before, then in pairwise(ordered)]
