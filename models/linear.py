"""Linear scores of one encoded ticket for the columns of all heads at once.

Knows neither labels nor probabilities. The sums are einsum's, whose order depends on the row alone: BLAS splits work by
the number of threads, and the same ticket would not score the same to the bit in a batch, a service and a command.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.encoding import Encoded

__all__ = ["Linear", "LinearScores", "linear_scores"]


@dataclass(frozen=True, slots=True)
class Linear:
    """weights: shape (width of the encoder, columns), float32. intercepts: shape (columns,)."""

    weights: NDArray[np.float32]
    intercepts: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LinearScores:
    """Both of shape (columns,): what the text alone adds up to, and the whole score with facts and intercept."""

    text: NDArray[np.float64]
    whole: NDArray[np.float64]


def linear_scores(linear: Linear, encoded: Encoded) -> LinearScores:
    """Score one ticket."""
    text = _sum(linear, encoded, slice(0, encoded.text))
    facts = _sum(linear, encoded, slice(encoded.text, None))
    return LinearScores(text, text + facts + linear.intercepts)


def _sum(linear: Linear, encoded: Encoded, part: slice) -> NDArray[np.float64]:
    rows = linear.weights.take(encoded.places[part], axis=0)
    return np.asarray(np.einsum("i,ij->j", encoded.weights[part], rows), dtype=np.float64)
