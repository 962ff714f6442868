"""What every meaning can do: turn one text into one vector.

Two kinds serve: `StaticTable`, a mean over a table of tokens, and `OnnxEncoder`, a small transformer. Knows neither.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Meaning", "Vector", "unit"]

Vector = NDArray[np.float32]


class Meaning(Protocol):
    """Texts to vectors, one at a time, so that a ticket gets the same vector on every path."""

    @property
    def name(self) -> str:
        """The encoder that it comes from, for people."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""

    def embed(self, text: str) -> Vector:
        """The meaning of `text`, shape (dimensions,): a unit vector, or nought where the text says nothing to it."""


def unit(vector: Vector) -> Vector:
    """`vector` at length one; nought stays nought. `einsum` adds in the same order on every path, BLAS may not."""
    length = np.sqrt(np.einsum("i,i->", vector, vector))
    return vector if length == 0 else np.asarray(vector / length, dtype=np.float32)
