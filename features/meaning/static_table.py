"""A meaning without a network: the weighted mean of a vector a token, looked up in a table (model2vec's idea).

Costs a tokenising and some fifty rows of bytes, and shares its table between processes. Knows not where the table
comes from: `training.meaning` distils it from an encoder.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from features.meaning.chunks import Chunks, chunks_of
from features.meaning.meaning import Vector, unit
from features.meaning.tokens import clean
from features.sums import ScaledRows

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["StaticTable"]


@dataclass(frozen=True, slots=True)
class StaticTable:
    """rows: int8, shape (tokens, dimensions). scales: float32, shape (tokens,), what a row's one stands for.

    A token's weight in the mean is in its scale, nought for one that says nothing.
    """

    name: str
    rows: NDArray[np.int8]
    scales: Vector
    tokenizer: "Tokenizer"
    _chunks: Chunks = field(init=False, repr=False, compare=False)
    _scaled: ScaledRows = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make ready to tokenise and to add up."""
        object.__setattr__(self, "_chunks", chunks_of(self.tokenizer))
        object.__setattr__(self, "_scaled", ScaledRows(self.rows, self.scales))

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self.rows.shape[1])

    def embed(self, text: str) -> Vector:
        """The meaning of `text`, shape (dimensions,): a unit vector, or nought where no token counts."""
        return unit(self._scaled.sum(self._chunks.ids(clean(text))))

    def absences(self, text: str, words: Mapping[str, int], directions: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the absence of each of the text's words would take off the meaning along each direction.

        Shape (words, directions). words: in lower case, with their numbers, from nought on. directions: shape
        (directions, dimensions).
        """
        ids, names = self._chunks.named(clean(text))
        owners = np.array([words.get(name, -1) for name in names], dtype=np.int64)
        return self._scaled.absences(ids, owners, len(words), directions)
