"""Figures of rows that are drawn again and again, as the bootstrap draws them.

Each takes columns as its namesake in `training.evidence.formulas` does, and gives a function of row numbers that says
what the namesake says of the rows with these numbers. What no draw changes is done once: values are ranked, labels are
paired, and of a draw only the equals are counted.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from training.evidence import formulas
from training.evidence.tallies import Ranked

__all__ = [
    "auroc",
    "average_precision",
    "calibration_error",
    "coverage_at",
    "macro_f1",
    "recall_at_capacity",
]

Floats = NDArray[np.float64]
Columns = NDArray[np.int64]
Flags = NDArray[np.bool_]
Redrawn: TypeAlias = Callable[[Columns], float]


def auroc(happened: Flags, probability: Floats) -> Redrawn:
    """As `formulas.auroc`."""
    ranked = Ranked(happened, probability)
    return lambda rows: ranked.drawn(rows).auroc()


def average_precision(happened: Flags, probability: Floats) -> Redrawn:
    """As `formulas.average_precision`."""
    ranked = Ranked(happened, probability)
    return lambda rows: ranked.drawn(rows).average_precision()


def recall_at_capacity(happened: Flags, probability: Floats, capacity: float) -> Redrawn:
    """As `formulas.recall_at_capacity`."""
    ranked = Ranked(happened, probability)
    return lambda rows: ranked.drawn(rows).recall_at_capacity(capacity)


def coverage_at(confidence: Floats, hit: Flags, precision: float) -> Redrawn:
    """As `formulas.coverage_at`."""
    ranked = Ranked(hit, confidence)
    return lambda rows: ranked.drawn(rows).coverage_at(precision)


def macro_f1(truth: Columns, answered: Columns, *, unseen: int | None = None, only_true: bool = False) -> Redrawn:
    """As `formulas.macro_f1`."""
    width = int(max(truth.max(), answered.max())) + 1
    pairs, kind = np.unique((truth + 1) * width + answered, return_inverse=True)
    place, said = np.divmod(pairs, width)  # place: 0 for labels that the head does not know
    right = place == said + 1

    def figure(rows: Columns) -> float:
        times = np.bincount(kind[rows], minlength=len(pairs))
        hits = np.bincount(said, times * right, width)
        support = np.bincount(place, times, width + 1)
        given = np.bincount(said, times, width)
        strangers = int(support[0] > 0) if unseen is None else unseen
        return formulas.mean_f1(hits, support[1:], given, strangers, only_true=only_true)

    return figure


def calibration_error(confidence: Floats, hit: Flags, bins: int = formulas.BINS) -> Redrawn:
    """As `formulas.calibration_error`; each draw has edges of its own."""
    values, place = np.unique(confidence, return_inverse=True)
    gap, shares = confidence - hit, np.linspace(0, 1, bins + 1)

    def figure(rows: Columns) -> float:
        drawn = place[rows]
        edges = _quantiles(values, np.bincount(drawn, minlength=len(values)), shares)
        ends = np.searchsorted(values, edges[1:-1])  # the first value of each bin but the lowest
        bin_of = np.repeat(np.arange(bins), np.diff(ends, prepend=0, append=len(values)))
        gaps = np.bincount(bin_of[drawn], weights=gap[rows], minlength=bins)
        return float(np.abs(gaps).sum() / len(rows))

    return figure


def _quantiles(values: Floats, times: Columns, shares: Floats) -> Floats:
    """As `numpy.quantile` of the rising `values`, each of them `times` over: linear between neighbours, and to the bit.

    Source: definition 7 of Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50
    (1996).
    """
    up_to = np.cumsum(times)
    at = shares * (up_to[-1] - 1)
    whole = np.floor(at).astype(np.int64)
    next_one = np.minimum(whole + 1, up_to[-1] - 1)
    low, high = (values[np.searchsorted(up_to, place, side="right")] for place in (whole, next_one))
    part = at - whole
    rise = high - low
    found: Floats = np.where(part < 0.5, low + rise * part, high - rise * (1 - part))
    return found
