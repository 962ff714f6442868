"""Numbers to chance bits that are the same everywhere and always: splitmix64 (Steele, Lea and Flood, 2014)."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["STEP", "mixed"]

STEP: Final = np.uint64(0x9E3779B97F4A7C15)
"""What splitmix64's state moves on by: the golden ratio's bits."""

_ROUNDS: Final = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
_LAST_SHIFT: Final = np.uint64(31)


def mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread the bits of each value, any shape: what splitmix64 draws next where that is its state."""
    bits = values + STEP
    for shift, factor in _ROUNDS:
        bits ^= bits >> shift
        bits *= factor
    bits ^= bits >> _LAST_SHIFT
    return bits
