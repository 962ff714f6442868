"""A dense vector for a ticket where no encoder says what it means: its weighted n-grams, projected by chance signs.

Cosines between projections are those between the sparse rows, give or take one over the root of the dimensions
(Achlioptas, Database-friendly random projections, 2003). The signs are hashes of places, so nothing is learned or kept.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.meaning.meaning import Vector, unit
from features.mixing import STEP, mixed

__all__ = ["DIMENSIONS", "projected"]

DIMENSIONS: Final = 256
_WORDS: Final = DIMENSIONS // 64


def projected(places: NDArray[np.int64] | NDArray[np.int32], weights: NDArray[np.float32]) -> Vector:
    """The projection of a sparse row, shape (DIMENSIONS,): a unit vector, or nought for an empty row.

    places, weights: shape (k,), where the row is not nought and what it is there.
    """
    keys = np.add.outer(places.astype(np.uint64) * np.uint64(_WORDS), np.arange(_WORDS, dtype=np.uint64))
    bits = mixed(keys * STEP)
    signs = np.unpackbits(bits.view(np.uint8), axis=1).astype(np.float32) * 2 - 1
    return unit(np.einsum("i,ij->j", weights.astype(np.float32), signs))
