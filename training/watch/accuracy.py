"""How often a version is right: expected from its probabilities before a label is there, and held against labels after.

Under automation most labels become known only where they were wrong. So what is measured is measured on tickets whose
label becomes known whatever it is, and those that a contract would apply, of which chance keeps only a few back, count
for all of their kind (post-stratification; Holt and Smith, 1979). Knows rows, neither journal nor versions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from training.evidence.formulas import calibration_error, calibration_error_of_chance
from training.evidence.metrics import CALIBRATED_FROM
from training.evidence.reliability import wilson
from training.watch.told import Told

__all__ = ["LEAST_GAP", "Calibration", "Expected", "Measured", "Sample", "calibration_of", "expected_by_label"]
__all__ += ["measured_by_label", "sample_of"]

ALL: Final = ""
"""The name of all labels together, which no label has."""

LEAST_GAP: Final = 0.05
"""Between what is expected and what is measured: less is not worth a word."""

_TWO_SIDED: Final = 1.96
_FEWEST_OF_A_KIND: Final = 10


@dataclass(frozen=True, slots=True)
class Expected:
    """What the probabilities of `rows` answers with one label promise.

    accuracy: the share that is right, with its 95 % interval were each as probable as it says.
    """

    rows: int
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What labels say of answers with one label, and what had been expected of the same rows.

    rows: labels that are known. low, high: Wilson's 95 % interval, of as many rows as the weights leave. p: the chance
    of so low an accuracy or a lower one if each answer were as probable as it said.
    """

    rows: int
    accuracy: float
    low: float
    high: float
    expected: float
    p: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Calibration error over 15 bins, and what perfect calibration stays under on such rows in 95 of 100 cases."""

    rows: int
    error: float
    of_chance: float


@dataclass(frozen=True, slots=True)
class Sample:
    """Answers whose label is known whatever it is, the newest.

    weights: shape (rows,), of mean one. covered: the share of all answers of that time for which they stand; under 1
    where too few of those that a contract would apply were kept back.
    """

    labels: tuple[str, ...]
    truth: tuple[str, ...]
    probabilities: NDArray[np.float64]
    hits: NDArray[np.bool_]
    weights: NDArray[np.float64]
    covered: float


def expected_by_label(answered: Sequence[tuple[str, float]]) -> dict[str, Expected]:
    """By label, and under "" of all: what is expected of answers, each a label and its probability."""
    found = {ALL: _expected(np.array([probability for _, probability in answered]))} if answered else {}
    for label in sorted({label for label, _ in answered}):
        found[label] = _expected(np.array([probability for one, probability in answered if one == label]))
    return found


def sample_of(told: Sequence[Told], thresholds: Mapping[str, float], most: int) -> Sample:
    """The newest `most` answers that are a fair sample. told: in order of the answers. thresholds: by label."""
    picked = [one for one in told if one.is_sample][-most:]
    since = picked[0].answer.at if picked else None
    all_since = [one for one in told if since is not None and one.answer.at >= since]
    kinds = {sure: [one for one in picked if _is_sure(one, thresholds) is sure] for sure in (True, False)}
    totals = {sure: sum(_is_sure(one, thresholds) is sure for one in all_since) for sure in (True, False)}
    if totals[True] > len(kinds[True]) and len(kinds[True]) < _FEWEST_OF_A_KIND:
        picked = kinds[False]  # too few to stand for all of their kind: nothing is said of it
        covered = totals[False] / max(sum(totals.values()), 1)
    else:
        covered = 1.0 if picked else 0.0
    weights = np.array(
        [totals[sure] / len(kinds[sure]) for one in picked for sure in (_is_sure(one, thresholds),)], dtype=np.float64
    )
    return Sample(
        tuple(str(one.said.label) for one in picked),
        tuple(str(one.label) for one in picked),
        np.array([one.said.probability for one in picked], dtype=np.float64),
        np.array([one.said.label == one.label for one in picked], dtype=np.bool_),
        weights / weights.mean() if len(weights) else weights,
        covered,
    )


def measured_by_label(sample: Sample) -> dict[str, Measured]:
    """By label, and under "" of all."""
    if not sample.labels:
        return {}
    labels = np.array(sample.labels)
    found = {ALL: _measured(sample, np.ones(len(labels), np.bool_))}
    return found | {label: _measured(sample, labels == label) for label in sorted(set(sample.labels))}


def calibration_of(sample: Sample) -> Calibration | None:
    """None of too few rows to tell it from chance."""
    rows = len(sample.labels)
    if rows < CALIBRATED_FROM:
        return None
    probabilities = sample.probabilities
    return Calibration(
        rows, calibration_error(probabilities, sample.hits), float(calibration_error_of_chance(probabilities))
    )


def _expected(probabilities: NDArray[np.float64]) -> Expected:
    mean = float(probabilities.mean())
    half = _TWO_SIDED * float(np.sqrt((probabilities * (1 - probabilities)).sum())) / len(probabilities)
    return Expected(len(probabilities), mean, max(mean - half, 0.0), min(mean + half, 1.0))


def _measured(sample: Sample, these: NDArray[np.bool_]) -> Measured:
    weights, hits, said = sample.weights[these], sample.hits[these], sample.probabilities[these]
    total = weights.sum()
    accuracy, expected = float((weights * hits).sum() / total), float((weights * said).sum() / total)
    size = float(total**2 / (weights**2).sum())
    low, high = wilson(np.array([accuracy]), np.array([size]))
    spread = float(np.sqrt((weights**2 * said * (1 - said)).sum()) / total)
    p = float(norm.cdf((accuracy - expected) / spread)) if spread > 0 else 1.0
    return Measured(int(these.sum()), accuracy, float(low[0]), float(high[0]), expected, p)


def _is_sure(one: Told, thresholds: Mapping[str, float]) -> bool:
    threshold = thresholds.get(str(one.said.label))
    return threshold is not None and (one.said.probability or 0.0) >= threshold and one.said.why != "unknown_topic"
