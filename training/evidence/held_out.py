"""What a head said of rows that it never saw, beside the truth: what every metric and picture is made from.

Knows neither how the rows were chosen nor how the head was learned.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desk.heads import Head

__all__ = ["HeldOut"]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """`n` rows that a head with `k` labels did not see.

    labels: the `k` labels in column order; a risk head's are ("false", "true").
    truth: shape (n,), integer column of the true label; -1 where the head does not know the true label.
    probabilities: shape (n, k), calibrated, rows sum to 1.
    """

    head: Head
    labels: tuple[str, ...]
    truth: NDArray[np.int64]
    probabilities: NDArray[np.float64]

    @property
    def answered(self) -> NDArray[np.int64]:
        """Shape (n,): the column that the head answers."""
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.int64)

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Shape (n,): the probability of the answered label."""
        return np.asarray(self.probabilities.max(axis=1), dtype=np.float64)

    @property
    def hit(self) -> NDArray[np.bool_]:
        """Shape (n,): whether the answer is right."""
        return np.equal(self.answered, self.truth)
