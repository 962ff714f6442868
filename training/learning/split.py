"""Which rows a model learns from and which it is judged on: by time where there is time, else a seeded shuffle.

Copies of one ticket never stand on both sides of a shuffle. Knows no models.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

__all__ = ["Split", "deal", "split_rows"]

Places = NDArray[np.int64]

JUDGED_SHARE = 0.2
"""The share of a history, the newest, that judges what was learned from the rest."""

_JUDGED_BETWEEN = (0.05, 0.5)  # where many rows share a moment, the border moves; beyond this it is no use


@dataclass(frozen=True, slots=True)
class Split:
    """learned, judged: places of rows, in order of time where `by_time`. how: the same in words."""

    learned: Places
    judged: Places
    by_time: bool
    how: str


def split_rows(
    times: Sequence[datetime | None], copies: Sequence[Hashable], labels: Sequence[str | None], *, seed: int
) -> Split:
    """Split by time where every row has one; otherwise shuffle, the labels' shares kept and copies together.

    Rows of the same moment are never parted by time; where too many share one, the split is a shuffle.
    times, copies, labels: one a row; rows with equal `copies` are the same ticket twice.
    """
    known = [time for time in times if time is not None]
    if known and len(known) == len(times) and (split := _by_time(known)):
        return split
    folds = deal(copies, labels, folds=round(1 / JUDGED_SHARE), seed=seed)
    why = _why_no_time(len(times), len(known))
    how = f"a shuffle with seed {seed}, since the history {why}; labels keep their shares, copies stay together"
    return Split(np.flatnonzero(folds != 0), np.flatnonzero(folds == 0), by_time=False, how=how)


def deal(copies: Sequence[Hashable], labels: Sequence[str | None], *, folds: int, seed: int) -> Places:
    """A fold from 0 to `folds` - 1 for every row, as a dealer deals cards: a label's rows go round the folds.

    Rows with equal `copies` get the same fold. A label with fewer rows than folds is missing from some.
    """
    first: dict[Hashable, int] = {}
    group = np.array([first.setdefault(copy, place) for place, copy in enumerate(copies)], dtype=np.int64)
    heads = np.unique(group)
    codes = np.unique([labels[place] or "" for place in heads], return_inverse=True)[1] if len(heads) else heads
    order = np.lexsort((np.random.default_rng(seed).random(len(heads)), codes))
    dealt = np.zeros(len(group), dtype=np.int64)
    dealt[heads[order]] = np.arange(len(heads)) % folds
    return dealt[group]


def _why_no_time(rows: int, known: int) -> str:
    if not known:
        return "has no times"
    return f"lacks the time of {rows - known} of {rows} rows" if known < rows else "has too few different times"


def _by_time(times: list[datetime]) -> Split | None:
    """None where no border between two moments leaves a fair share on both sides."""
    order = np.array(sorted(range(len(times)), key=times.__getitem__), dtype=np.int64)
    border = _border([times[place] for place in order])
    if border is None:
        return None
    since = times[order[border]].isoformat()
    how = f"by time: learned from what was opened before {since}, judged on what came after"
    return Split(order[:border], order[border:], by_time=True, how=how)


def _border(ordered: list[datetime]) -> int | None:
    """The first judged row, none of its moment before it, the nearest to the share that judges."""
    size = len(ordered)
    wanted = size - max(round(size * JUDGED_SHARE), 1)
    either = (bisect_left(ordered, ordered[wanted]), bisect_right(ordered, ordered[wanted]))
    least, most = _JUDGED_BETWEEN
    fair = [border for border in either if least * size <= size - border <= most * size]
    return min(fair, key=lambda border: abs(border - wanted), default=None)
