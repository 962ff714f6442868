"""Linear scores of one encoded ticket for the columns of all heads at once.

Knows neither labels nor probabilities. A sum's order depends on the row alone: BLAS splits work by the number of
threads, and the same ticket would not score the same to the bit in a batch, a service and a command.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from features.encoding import Encoded
from features.sums import Rows

__all__ = ["Linear", "LinearScores", "linear_scores"]


@dataclass(frozen=True, slots=True)
class Linear:
    """weights: shape (width of the encoder, columns), float32. intercepts: shape (columns,)."""

    weights: NDArray[np.float32]
    intercepts: NDArray[np.float64]
    rows: Rows = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make ready to add up."""
        object.__setattr__(self, "rows", Rows(self.weights))


@dataclass(frozen=True, slots=True)
class LinearScores:
    """text, whole: shape (columns,), what the text alone adds up to, and the score with facts and intercept."""

    text: NDArray[np.float64]
    whole: NDArray[np.float64]


def linear_scores(linear: Linear, encoded: Encoded) -> LinearScores:
    """Score one ticket."""
    ending, places, weights = encoded.text, encoded.places, encoded.weights
    text = linear.rows.sum(places[:ending], weights[:ending]).astype(np.float64)
    return LinearScores(text, text + linear.rows.sum(places[ending:], weights[ending:]) + linear.intercepts)
