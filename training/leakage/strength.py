"""How well one column by itself gives a label away, on rows that were not used to learn how.

Works on codes: one whole number a row for the column's value and for the label. Knows neither names nor meanings.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.stats import rankdata

from training.leakage.suspects import Codes

__all__ = ["FITTED", "Copy", "Strength", "area", "copy_of", "explained", "recall"]

FITTED: Final = 0.7
"""Share of the rows, the older ones, that a column is fitted on; the younger ones judge it."""

ROWS_TO_COUNT: Final = 20
"""Rows that a label needs before its recall says anything."""

ROWS_TO_MATCH: Final = 5
"""Rows that a label needs to be matched with a value of its own: the more labels, the surer what merges them shows."""

SMOOTHING: Final = 2.0
"""Rows' worth of the overall shares that every value starts with, so that a rare value proves little."""

MOST_VALUES: Final = 400
"""Values that the search for a one-to-one match looks at, the most frequent first: beyond it is no copy of a label."""

SURE: Final = 1.64
"""Standard errors below the measured recall: the 95 % one-sided bound of a normal approximation."""


@dataclass(frozen=True, slots=True)
class Strength:
    """explained: share of the label's entropy that the column explains on younger rows, 1 is all, below 0 is none.

    area: area under the ROC curve on younger rows for two-sided labels, else 0.5.
    recall: mean over labels of the share of their rows whose value points to them most (halves judge each other).
    """

    explained: float
    area: float
    recall: float


@dataclass(frozen=True, slots=True)
class Copy:
    """How far a column is a label under other names, each label having one value of its own.

    share: mean over labels of the share of their rows that carry the label's own value; bound: its lower bound.
    owners: share of the labels of which more than half the rows carry it.
    """

    share: float
    bound: float
    owners: float


def explained(values: Codes, labels: Codes, order: NDArray[np.int64]) -> tuple[float, float]:
    """Share of the label's entropy explained and area under the ROC curve, both on the younger rows.

    The cross-entropy of smoothed shares by value, against that of the overall shares (McFadden's pseudo R²).
    """
    order = order[labels[order] >= 0]
    cut = int(FITTED * len(order))
    fit, judge = order[:cut], order[cut:]
    classes = int(labels.max(initial=0)) + 1
    prior = (np.bincount(labels[fit], minlength=classes) + 0.5) / (len(fit) + 0.5 * classes)
    counts = _table(values[fit], labels[fit], int(values.max(initial=0)) + 1, classes)
    shares = (counts + SMOOTHING * prior) / (counts.sum(axis=1, keepdims=True) + SMOOTHING)
    said = shares[values[judge]]
    truth = labels[judge]
    loss = -np.log(said[np.arange(len(judge)), truth]).mean()
    chance = -np.log(prior[truth]).mean()
    return float(1 - loss / chance), area(said[:, 1], truth) if classes == 2 else 0.5


def area(scores: NDArray[np.float64], truth: Codes) -> float:
    """Area under the ROC curve by the rank sum (Mann and Whitney); 0.5 where only one side is there."""
    positive = int(truth.sum())
    negative = len(truth) - positive
    if not positive or not negative:
        return 0.5
    ranks = rankdata(scores)
    return float((ranks[truth == 1].sum() - positive * (positive + 1) / 2) / (positive * negative))


def recall(values: Codes, labels: Codes) -> float:
    """Mean over labels of the share of their rows whose value is relatively most frequent with that very label.

    Each half of a seeded split is judged by the other. Labels count alike, however rare; a value that the other half
    lacks points nowhere. 0 where fewer than two labels have rows enough.
    """
    rows = np.flatnonzero(labels >= 0)
    half = np.random.default_rng(1).permutation(len(rows)) % 2
    width, classes = int(values.max(initial=0)) + 1, int(labels.max(initial=0)) + 1
    hits = np.zeros(classes)
    for side in (0, 1):
        fit, judge = rows[half != side], rows[half == side]
        counts = _table(values[fit], labels[fit], width, classes)
        shares = counts / np.maximum(counts.sum(axis=0), 1)
        pointed = np.where(counts.sum(axis=1) > 0, shares.argmax(axis=1), -1)[values[judge]]
        hits += np.bincount(labels[judge][pointed == labels[judge]], minlength=classes)
    sizes = np.bincount(labels[rows], minlength=classes)
    large = sizes >= ROWS_TO_COUNT
    return float((hits[large] / sizes[large]).mean()) if large.sum() > 1 else 0.0


def copy_of(values: Codes, labels: Codes) -> Copy:
    """Match every label with a value of its own so that most rows agree (the assignment problem), and count.

    A noisy copy, a hash or another numbering of a label keeps its share at one minus the noise, however rare the label;
    a column that merges labels cannot give each its own value.
    """
    rows = np.flatnonzero(labels >= 0)
    classes = int(labels.max(initial=0)) + 1
    counts = _table(values[rows], labels[rows], int(values.max(initial=0)) + 1, classes)
    sizes = counts.sum(axis=0)
    large = np.flatnonzero(sizes >= ROWS_TO_MATCH)
    if len(large) < 2:
        return Copy(0.0, 0.0, 0.0)
    frequent = np.argsort(-counts.sum(axis=1), kind="stable")[:MOST_VALUES]
    shares = counts[np.ix_(frequent, large)] / sizes[large]
    own, label = linear_sum_assignment(-shares)
    found = np.zeros(len(large))
    found[label] = shares[own, label]
    error = np.sqrt((found * (1 - found) / sizes[large]).sum()) / len(large)
    return Copy(float(found.mean()), float(found.mean() - SURE * error), float((found > 0.5).mean()))


def _table(values: Codes, labels: Codes, width: int, classes: int) -> NDArray[np.float64]:
    flat = np.bincount(values * classes + labels, minlength=width * classes)
    return flat.reshape(width, classes).astype(np.float64)
