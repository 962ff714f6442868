"""Bootstrap intervals: how far a figure would move on another draw of the same kind of tickets.

Knows no metric: a figure is a function of row numbers. Seeded, so that a report can be repeated.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Interval", "bootstrap"]

SEED = 20261121
MOST_RESAMPLES = 500
FEWEST_RESAMPLES = 100
ROWS_DRAWN = 5_000_000
"""Rows drawn in all: large sets have narrow intervals, which fewer resamples describe well enough."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A percentile bootstrap interval of a figure, 95 % unless asked otherwise."""

    low: float
    high: float


def bootstrap(
    figure: Callable[[NDArray[np.int64]], float], rows: int, *, level: float = 0.95, seed: int = SEED
) -> Interval:
    """The interval of `figure`, which is called with row numbers drawn with replacement, shape (rows,).

    Give the difference of two systems on the same rows as `figure` and the interval is a paired one. Draws where the
    figure is NaN (one class only, say) are left out; where all are, both ends are NaN.
    Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.
    """
    chance = np.random.default_rng(seed)
    resamples = int(np.clip(ROWS_DRAWN // rows, FEWEST_RESAMPLES, MOST_RESAMPLES))
    drawn = np.array([figure(chance.integers(0, rows, rows)) for _ in range(resamples)])
    drawn = drawn[~np.isnan(drawn)]
    if not len(drawn):
        return Interval(float("nan"), float("nan"))
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))
