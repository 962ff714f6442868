"""An order in which the worthiest come first and no two in a row ask the same: worth, discounted by what was asked.

Greedy: the next is the one with the most left of its worth, of which a ticket loses as much as it is like one that was
chosen before. Likeness is taken along the few directions in which the candidates differ most, so that tickets which say
alike in other words count as like (latent semantic analysis; Deerwester and others, 1990). Knows arrays only.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, issparse
from sklearn.decomposition import TruncatedSVD

__all__ = ["directions", "spread"]

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

WIDTH: Final = 5
"""Times as many as are wanted are looked at, the worthiest: beyond, nothing is left of their worth."""

LEAST_LOOKED_AT: Final = 1_000
AXES: Final = 100
POWER: Final = 2.0
_ROUNDS: Final = 5  # of the randomised decomposition: after them 20,000 tickets' axes stand still


def spread(worth: Floats, near: NDArray[np.float32] | None, count: int) -> Codes:
    """The places of at most `count` tickets, in the order in which they are worth asking.

    worth: shape (n,), not negative. near: shape (n, d), as `directions` gives it; of rows of nought, or without any,
    nothing is known to be like another.
    """
    first = np.argsort(-worth, kind="stable")
    if near is None or not near.shape[1] or count <= 0:
        return np.asarray(first[: max(count, 0)])
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


def directions(vectors: csr_matrix | NDArray[Any]) -> NDArray[np.float32]:
    """Rows along the `AXES` directions in which they differ most, at length one: shape (n, `AXES` at most).

    Of all candidates, not of the worthiest alone: a thousand tickets that nobody is sure of differ in what is odd.
    """
    flat = _of_sparse(vectors) if issparse(vectors) else _of_dense(np.asarray(vectors, np.float64))
    lengths = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.asarray(flat / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)


def _of_dense(vectors: Floats) -> Floats:
    _, axes = np.linalg.eigh(vectors.T @ vectors)
    return np.asarray(vectors @ axes[:, -AXES:])


def _of_sparse(vectors: csr_matrix) -> Floats:
    axes = min(AXES, *(size - 1 for size in vectors.shape))
    if axes < 1 or not vectors.nnz:
        return np.zeros((vectors.shape[0], 1))
    return np.asarray(TruncatedSVD(axes, n_iter=_ROUNDS, random_state=0).fit_transform(vectors), np.float64)
