"""What a ticket's meaning says of every column: a sum over its vector's numbers, and what resolved tickets say of it.

The second part is there where a desk has few resolved tickets: each of them has a voice for its own label and against
the others, the louder the nearer it lies, and together they tell a label's probability, whose logarithm counts. Knows
neither labels nor how it was learned.

Single, batch and command give the same bits, since `einsum` adds in an order that depends on the row alone.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from desk.errors import DamagedVersionError
from features.meaning.meaning import Vector
from features.sums import Rows
from models.shelf import Shelf, save_array

__all__ = ["SHARPNESS", "Kernel", "Sense", "in_favour", "read_sense", "sense_scores", "sense_slopes", "write_sense"]

SHARPNESS: Final = 2.0
"""How fast a ticket's voice fades with distance: at the cosine c it is exp(SHARPNESS (c - 1)). Of 1, 2, 4 and 8 none is
best on every public table; 2 is best with few rows (docs/decisions/0012-little-data.md)."""

_WEIGHTS: Final = "sense.weights.npy"
_INTERCEPTS: Final = "sense.intercepts.npy"
_TICKETS: Final = "sense.tickets.npy"
_VOICES: Final = "sense.voices.npy"
_SILENCE: Final = "sense.silence.npy"
_LEAST: Final = 0.02  # a probability that a sum of voices, which may be negative, counts as at least
_COUNTS: Final = 2.0  # of their logarithm, beside half of a regression's log-odds

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kernel:
    """vectors: float32, shape (m, d), what resolved tickets mean. voices: shape (m, columns), what each one says.

    silence: shape (columns,), what a column's probability is where nobody is heard; one, and no voices, for a column
    that has none to say.
    """

    vectors: NDArray[np.float32]
    voices: Floats
    silence: Floats


@dataclass(frozen=True, slots=True)
class Sense:
    """weights: float32, shape (d, columns). intercepts: shape (columns,). kernel: None where rows are many."""

    weights: NDArray[np.float32]
    intercepts: Floats
    kernel: Kernel | None = None
    rows: Rows = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make ready to add up."""
        object.__setattr__(self, "rows", Rows(self.weights))


def sense_scores(sense: Sense, vector: Vector) -> Floats:
    """What a ticket's meaning says of each column, shape (columns,). vector: shape (d,)."""
    scores = np.einsum("i,ij->j", vector, sense.weights) + sense.intercepts
    if sense.kernel is not None:
        said = sense.kernel.silence + np.einsum("i,ij->j", _loudness(sense.kernel, vector), sense.kernel.voices)
        scores = scores + in_favour(said)
    return np.asarray(scores, dtype=np.float64)


def in_favour(said: Floats) -> Floats:
    """What speaks for each column of which voices say that its probability is `said`, any shape."""
    return np.asarray(_COUNTS * np.log(np.maximum(said, _LEAST)))


def sense_slopes(sense: Sense, vector: Vector, counts: Floats, spans: NDArray[np.int64]) -> Floats:
    """How sums of some columns, each times its count, follow the vector's numbers at `vector`; shape (spans, d).

    counts: shape (columns,). spans: the columns of each sum, as `features.sums` has them.
    """
    slopes = sense.rows.products(counts.astype(np.float32), spans).T.astype(np.float64)
    if sense.kernel is None:
        return slopes
    kernel, loudness = sense.kernel, _loudness(sense.kernel, vector)
    said = kernel.silence + np.einsum("i,ij->j", loudness, kernel.voices)
    steep = counts * np.where(said > _LEAST, _COUNTS / np.maximum(said, _LEAST), 0.0)
    for row, (first, size, _) in zip(slopes, spans.tolist(), strict=True):
        columns = slice(first, first + size)
        follows = SHARPNESS * loudness * np.einsum("ij,j->i", kernel.voices[:, columns], steep[columns])
        row += np.einsum("i,id->d", follows, kernel.vectors)
    return slopes


def write_sense(folder: Path, sense: Sense) -> None:
    """Write `sense` into the version's folder."""
    save_array(folder, _WEIGHTS, sense.weights)
    save_array(folder, _INTERCEPTS, sense.intercepts)
    if sense.kernel is not None:
        save_array(folder, _TICKETS, sense.kernel.vectors)
        save_array(folder, _VOICES, sense.kernel.voices)
        save_array(folder, _SILENCE, sense.kernel.silence)


def read_sense(shelf: Shelf, dimensions: int, columns: int) -> Sense:
    """The sense on the shelf, of vectors of this length and of so many columns. Raises `DamagedVersionError`."""
    weights = shelf.array(_WEIGHTS, np.float32, (dimensions, columns))
    intercepts = shelf.array(_INTERCEPTS, np.float64, (columns,))
    if not any(name in shelf for name in (_TICKETS, _VOICES, _SILENCE)):
        return Sense(weights, intercepts)
    vectors = shelf.array(_TICKETS, np.float32, (None, dimensions))
    voices = shelf.array(_VOICES, np.float64, (len(vectors), columns))
    if not len(vectors):
        raise DamagedVersionError(f"{_TICKETS!r} of version {shelf.folder.name!r} holds no ticket: fetch it again.")
    return Sense(weights, intercepts, Kernel(vectors, voices, shelf.array(_SILENCE, np.float64, (columns,))))


def _loudness(kernel: Kernel, vector: Vector) -> Floats:
    """How loud each resolved ticket is heard where `vector` lies, shape (m,)."""
    near = np.einsum("ij,j->i", kernel.vectors, vector).astype(np.float64)
    return np.asarray(np.exp(SHARPNESS * (near - 1)))
