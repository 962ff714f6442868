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
    """text, whole: shape (columns,), what the text alone adds up to, and the score with facts and intercept.

    rows: shape (k, columns), the weights of the ticket's places: gathering them costs more than adding them up.
    """

    text: NDArray[np.float64]
    whole: NDArray[np.float64]
    rows: NDArray[np.float32]


def linear_scores(linear: Linear, encoded: Encoded) -> LinearScores:
    """Score one ticket."""
    rows, ending = linear.weights.take(encoded.places, axis=0), encoded.text
    text = _sum(encoded.weights[:ending], rows[:ending])
    facts = _sum(encoded.weights[ending:], rows[ending:])
    return LinearScores(text, text + facts + linear.intercepts, rows)


def _sum(weights: NDArray[np.float32], rows: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(np.einsum("i,ij->j", weights, rows), dtype=np.float64)
