"""An order in which the worthiest come first and no two in a row ask the same: worth, discounted by what was asked.

Greedy: the next is the one with the most left of its worth, of which a ticket loses as much as it is like one that was
chosen before. Likeness is taken along the few directions in which the candidates differ most, so that tickets which say
alike in other words count as like (latent semantic analysis; Deerwester and others, 1990). Knows arrays only.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["spread"]

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

WIDTH: Final = 5
"""Times as many as are wanted are looked at, the worthiest: beyond, nothing is left of their worth."""

LEAST_LOOKED_AT: Final = 1_000
AXES: Final = 100
POWER: Final = 2.0


def spread(worth: Floats, vectors: NDArray[Any] | None, count: int) -> Codes:
    """The places of at most `count` tickets, in the order in which they are worth asking.

    worth: shape (n,), not negative. vectors: shape (n, d), unit vectors; of rows of nought, or without vectors, nothing
    is known to be like another.
    """
    first = np.argsort(-worth, kind="stable")
    if vectors is None or not vectors.shape[1] or count <= 0:
        return np.asarray(first[: max(count, 0)])
    near = reduced(vectors)
    first = first[: max(WIDTH * count, LEAST_LOOKED_AT)]
    near, left = near[first], worth[first].copy()
    likeness = np.zeros(len(first))
    chosen: list[int] = []
    for _ in range(min(count, len(first))):
        value = left * (1 - likeness) ** POWER
        value[chosen] = -1.0
        best = int(value.argmax())
        chosen.append(best)
        likeness = np.maximum(likeness, np.clip(near @ near[best], 0.0, 1.0))
    return np.asarray(first[chosen])


def reduced(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """The vectors along the `AXES` directions in which they differ most, at length one; shape (n, at most `AXES`)."""
    wide = vectors.astype(np.float64)
    _, axes = np.linalg.eigh(wide.T @ wide)
    flat = wide @ axes[:, -AXES:]
    lengths = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.asarray(flat / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)
