"""What a head said of rows that it never saw, beside the truth: what every metric and picture is made from.

Knows neither how the rows were chosen nor how the head was learned.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from desk.heads import Head
from models.heads import chosen

__all__ = ["HeldOut"]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """`n` rows that a head with `k` labels did not see.

    labels: the `k` labels in column order; a risk head's are ("false", "true").
    truth: shape (n,), integer column of the true label; -1 where the head does not know the true label.
    probabilities: shape (n, k), calibrated, rows sum to 1. favour: what choosing adds to their logs, as in `chosen`.
    """

    head: Head
    labels: tuple[str, ...]
    truth: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    favour: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    @property
    def labelled(self) -> "HeldOut":
        """The rows whose true label the head knows."""
        known = np.flatnonzero(self.truth >= 0)
        return HeldOut(self.head, self.labels, self.truth[known], self.probabilities[known], self.favour)

    @property
    def answered(self) -> NDArray[np.int64]:
        """Shape (n,): the column that the head answers."""
        return chosen(self.probabilities, self.favour)

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Shape (n,): the probability of the answered label."""
        return np.take_along_axis(self.probabilities, self.answered[:, np.newaxis], axis=1)[:, 0]

    @property
    def hit(self) -> NDArray[np.bool_]:
        """Shape (n,): whether the answer is right."""
        return np.equal(self.answered, self.truth)
