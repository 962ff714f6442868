"""The formulas behind every figure: arrays in, one number out.

Knows no heads, labels or files. Ties are taken honestly: no figure depends on the order of the rows.
"""

import numpy as np
from numpy.typing import NDArray

from training.evidence.tallies import tallied

__all__ = [
    "BINS",
    "auroc",
    "average_precision",
    "brier",
    "calibration_error",
    "calibration_error_of_chance",
    "coverage_at",
    "coverage_within",
    "equal_mass_error",
    "false_alarms_at_capacity",
    "log_loss",
    "macro_f1",
    "mean_f1",
    "mean_recall",
    "precision_by_coverage",
    "quadratic_kappa",
    "recall_at_capacity",
    "top_share",
]

Floats = NDArray[np.float64]
Columns = NDArray[np.int64]
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64] | NDArray[np.float64]

BINS = 15
SEED = 20261122
SMALLEST = 1e-15
"""Probabilities below this count as this in the log loss, which would be infinite for one sure mistake."""


def macro_f1(truth: Columns, answered: Columns, *, unseen: int | None = None, only_true: bool = False) -> float:
    """Mean F1 over the labels that occur in `truth` or `answered`, as scikit-learn's `f1_score(average="macro")`.

    truth, answered: shape (n,), columns; -1 in `truth` is a label that the head does not know. Each of the `unseen`
    distinct such labels counts as a class with an F1 of 0; not given, they count as one class together. only_true: over
    those that occur in `truth` alone, as with `labels=numpy.unique(truth)`.
    """
    width = int(max(truth.max(), answered.max())) + 1
    hits = np.bincount(truth[truth == answered], minlength=width)
    support = np.bincount(truth[truth >= 0], minlength=width)
    given = np.bincount(answered, minlength=width)
    strangers = int((truth < 0).any()) if unseen is None else unseen
    return mean_f1(hits, support, given, strangers, only_true=only_true)


def mean_f1(hits: Counts, support: Counts, given: Counts, strangers: int, *, only_true: bool = False) -> float:
    """`macro_f1` from counts per label: rows where it is rightly answered, where it is true, where it is answered.

    strangers: labels beside them that are never found.
    """
    total = support + given
    counts = support > 0 if only_true else total > 0
    return float((2 * hits[counts] / total[counts]).sum() / (counts.sum() + strangers))


def mean_recall(truth: Columns, answered: Columns, columns: Columns) -> float:
    """Mean recall over those of `columns` that occur in `truth`, each counting the same; NaN where none does."""
    support = np.bincount(truth[truth >= 0], minlength=int(columns.max(initial=0)) + 1)
    hits = np.bincount(truth[truth == answered], minlength=len(support))
    there = columns[support[columns] > 0]
    return float((hits[there] / support[there]).mean()) if len(there) else float("nan")


def top_share(truth: Columns, probabilities: Floats, among: int = 3) -> float:
    """Share of rows whose true label is one of the `among` most probable; of equals the first column goes first."""
    known = np.flatnonzero(truth >= 0)
    columns = truth[known, None]
    own = np.take_along_axis(probabilities[known], columns, axis=1)
    earlier = np.arange(probabilities.shape[1]) < columns
    ahead = (probabilities[known] > own) | ((probabilities[known] == own) & earlier)
    return float((ahead.sum(axis=1) < among).sum() / len(truth))


def calibration_error(confidence: Floats, hit: Flags, bins: int = BINS) -> float:
    """Expected calibration error of the answered label: mean gap of confidence and hits, weighted by rows.

    The bins' edges are the quantiles of `confidence`, so equal confidences share a bin and heavy ties leave fewer,
    unequal bins. Source: Nguyen and O'Connor, "Posterior calibration and exploratory analysis", EMNLP 2015.
    """
    return _binned_error(_bins(confidence, bins), confidence - hit)


def _bins(confidence: Floats, bins: int) -> Columns:
    """The bin of each row; the highest is never empty."""
    edges = np.quantile(confidence, np.linspace(0, 1, bins + 1))
    return np.clip(np.searchsorted(edges, confidence, side="right") - 1, 0, bins - 1)


def _binned_error(place: Columns, gap: Floats) -> float:
    return float(np.abs(np.bincount(place, weights=gap)).sum() / len(gap))


def calibration_error_of_chance(
    confidence: Floats, *, draws: int = 200, level: float = 0.95, seed: int = SEED
) -> float:
    """The `calibration_error` that a head whose confidence means just what it says stays under in `level` of cases.

    Hits are drawn from the confidences themselves, `draws` times: a figure below this one is no sign of miscalibration
    on so many rows. Source: consistency resampling, Bröcker and Smith, "Increasing the reliability of reliability
    diagrams", Weather and Forecasting 22 (2007).
    """
    chance, place = np.random.default_rng(seed), _bins(confidence, BINS)
    drawn = [_binned_error(place, confidence - (chance.random(len(confidence)) < confidence)) for _ in range(draws)]
    return float(np.quantile(drawn, level))


def equal_mass_error(confidence: Floats, hit: Flags, bins: int = BINS) -> float:
    """As `calibration_error` with bins of truly equal numbers of rows, however many confidences are equal.

    Rows of equal confidence each count the hit rate of them all, so it is no matter which of them fall into which bin.
    """
    values, place, counts = np.unique(confidence, return_inverse=True, return_counts=True)
    rate = np.bincount(place, weights=hit) / counts
    surest_last = np.sort(place)
    parts = np.array_split((values - rate)[surest_last], min(bins, len(confidence)))
    return float(sum(abs(part.sum()) for part in parts) / len(confidence))


def precision_by_coverage(confidence: Floats, hit: Flags) -> tuple[Floats, Floats, Floats]:
    """Answer only rows at or above a confidence: (thresholds falling, share answered, precision among them).

    One point for each distinct confidence: rows of equal confidence are answered together or not at all.
    """
    tally = tallied(hit, confidence)
    return tally.values, *tally.by_coverage()


def coverage_at(confidence: Floats, hit: Flags, precision: float) -> float:
    """The largest share of rows that can be answered, surest first, with at least `precision` right; 0 where none."""
    return tallied(hit, confidence).coverage_at(precision)


def coverage_within(happened: Flags, probability: Floats, accuracy: float, false_alarms: float) -> float:
    """The largest share of rows of which it can be said whether it happens, the surest first; 0 where none.

    Said is the likelier side. At least `accuracy` of what is said must be right, and of the answered rows where it did
    not happen fewer than `false_alarms` may be said to happen.
    """
    says = probability >= 0.5
    confidence = np.where(says, probability, 1 - probability)
    values, place, counts = np.unique(-confidence, return_inverse=True, return_counts=True)

    def among(flags: Flags) -> Floats:
        return np.cumsum(np.bincount(place, weights=flags, minlength=len(values)))

    answered = np.cumsum(counts)
    fits = among(says == happened) >= accuracy * answered - 1e-9
    fits &= among(says & ~happened) < false_alarms * np.maximum(among(~happened), 1)
    return float((answered[fits] / len(happened)).max(initial=0.0))


def quadratic_kappa(truth: Columns, answered: Columns, levels: int) -> float:
    """Cohen's kappa with quadratic weights over ordered levels 0 to `levels` - 1; NaN where all rows are one level.

    Source: Cohen, "Weighted kappa", Psychological Bulletin 70 (1968).
    """
    seen = np.bincount(truth * levels + answered, minlength=levels**2).reshape(levels, levels) / len(truth)
    chance = np.outer(seen.sum(axis=1), seen.sum(axis=0))
    steps = np.arange(levels)
    weights = (steps[:, None] - steps[None, :]) ** 2
    expected = float((weights * chance).sum())
    return float("nan") if expected == 0 else 1 - float((weights * seen).sum()) / expected


def auroc(happened: Flags, probability: Floats) -> float:
    """Chance that a row where it happened got the higher probability; equals count half. NaN with one side only.

    Source: Mann and Whitney's U, over the number of pairs.
    """
    return tallied(happened, probability).auroc()


def average_precision(happened: Flags, probability: Floats) -> float:
    """Mean precision over the rises of recall, as scikit-learn's `average_precision_score`; NaN where none happened."""
    return tallied(happened, probability).average_precision()


def recall_at_capacity(happened: Flags, probability: Floats, capacity: float) -> float:
    """Share of what happened among the top `capacity` of rows by probability; NaN where none happened.

    Where the cut runs through equal probabilities, the mean over every order of them.
    """
    return tallied(happened, probability).recall_at_capacity(capacity)


def false_alarms_at_capacity(happened: Flags, probability: Floats, capacity: float) -> float:
    """Share of what did not happen among the top `capacity` of rows by probability (the false-positive rate there).

    NaN where it happened throughout. Ties as in `recall_at_capacity`.
    """
    return recall_at_capacity(~happened, probability, capacity)


def brier(truth: Columns, probabilities: Floats) -> float:
    """Mean squared distance of the probabilities from what was true, summed over the labels: 0 to 2.

    For two labels it is twice the squared error of one of them. A label unknown to the head is a row of zeros.
    Source: Brier, "Verification of forecasts expressed in terms of probability", 1950.
    """
    known = np.flatnonzero(truth >= 0)
    own = np.zeros(len(truth))
    own[known] = probabilities[known, truth[known]]
    squares = (probabilities**2).sum(axis=1)
    return float(np.mean(squares - 2 * own + (truth >= 0)))


def log_loss(truth: Columns, probabilities: Floats) -> float:
    """Mean negative natural logarithm of the true label's probability over the rows whose label the head knows."""
    known = np.flatnonzero(truth >= 0)
    if not len(known):
        return float("nan")
    return float(-np.log(np.maximum(probabilities[known, truth[known]], SMALLEST)).mean())
