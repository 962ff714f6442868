"""Encoded tickets as the matrices that learning wants. Knows no labels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from features.encoding import Encoded, Encoder, Reading, encode_sparse, read_text
from features.ngrams import Grams, grams_of
from training.learning.hints import Hints

__all__ = ["EncodedOnce", "Rows", "encode_rows", "hint_grams", "hinted"]

_BATCH: Final = 2_000  # tickets that are encoded before they become part of the matrix: bounds the memory, no more


@dataclass(frozen=True, slots=True)
class Rows:
    """n tickets.

    sparse: (n, width) CSR, the text's `text` columns first. numbers: (n, m), what trees see. vectors: (n, d) float32,
    what the texts mean; d is 0 without a meaning. counts: (n,), what each row counts in learning. facts: what facts
    count beside the text in `sparse`.
    """

    sparse: sparse.csr_matrix
    text: int
    numbers: NDArray[np.float64]
    vectors: NDArray[np.float32]
    counts: NDArray[np.float64]
    facts: float = 1.0

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, places: NDArray[np.int64]) -> "Rows":
        """The rows at `places`; where these follow each other they are no copy, and must not be written to."""
        if not len(places) or bool((np.diff(places) == 1).all()):
            first = int(places[0]) if len(places) else 0
            return self._following(slice(first, first + len(places)))
        numbers, vectors, counts = self.numbers[places], self.vectors[places], self.counts[places]
        return replace(self, sparse=self.sparse[places], numbers=numbers, vectors=vectors, counts=counts)

    def without_text(self) -> "Rows":
        """The same tickets with nothing in the sparse row, for those who look at numbers alone."""
        return replace(self, sparse=sparse.csr_matrix((len(self), 0), dtype=np.float32), text=0)

    def _following(self, rows: slice) -> "Rows":
        ends = self.sparse.indptr[rows.start : rows.stop + 1]
        part = slice(int(ends[0]), int(ends[-1]))
        inside = (self.sparse.data[part], self.sparse.indices[part], ends - ends[0])
        shape = (rows.stop - rows.start, self.sparse.shape[1])
        matrix = sparse.csr_matrix(inside, shape=shape)
        numbers, vectors, counts = self.numbers[rows], self.vectors[rows], self.counts[rows]
        return replace(self, sparse=matrix, numbers=numbers, vectors=vectors, counts=counts)

    def emphasised(self, facts: float) -> sparse.csr_matrix:
        """`sparse` with facts counting `facts` times as much beside the text.

        It shares its places with `sparse`: of 100,000 tickets they take 200 MB.
        """
        if facts == self.facts:
            return self.sparse
        weights = self.sparse.data.copy()
        weights[self.sparse.indices >= self.text] *= np.float32(facts / self.facts)
        return sparse.csr_matrix((weights, self.sparse.indices, self.sparse.indptr), shape=self.sparse.shape)


def encode_rows(
    encoder: Encoder,
    readings: Sequence[Reading],
    vectors: NDArray[np.float32] | None = None,
    counts: NDArray[np.float64] | None = None,
) -> Rows:
    """Encode every ticket by the same function that serves one.

    vectors: what each means, where that is known. counts: what each counts, where not all do alike.
    """
    parts = [_encoded(encoder, readings[first : first + _BATCH]) for first in range(0, max(len(readings), 1), _BATCH)]
    matrices, numbers = zip(*parts, strict=True)
    return Rows(
        sparse=sparse.vstack(matrices, format="csr"),
        text=len(encoder.words) + len(encoder.runs),
        numbers=np.concatenate(numbers),
        vectors=np.empty((len(readings), 0), np.float32) if vectors is None else vectors,
        counts=np.ones(len(readings)) if counts is None else counts / counts.mean(),
    )


class EncodedOnce:
    """The sparse rows of tickets, each encoded when it is first asked for."""

    def __init__(self, encoder: Encoder, readings: Sequence[Reading]) -> None:
        self._encoder, self._readings = encoder, readings
        self._matrix = sparse.csr_matrix((0, encoder.width), dtype=np.float32)
        self._row_of: dict[int, int] = {}

    def of(self, places: Sequence[int]) -> sparse.csr_matrix:
        """Those of the tickets at `places`, in this order."""
        new = [place for place in places if place not in self._row_of]
        if new:
            first = self._matrix.shape[0]
            self._row_of |= dict(zip(new, range(first, first + len(new)), strict=True))
            encoded = encode_rows(self._encoder, [self._readings[place] for place in new]).sparse
            self._matrix = sparse.vstack((self._matrix, encoded), format="csr")
        return self._matrix[np.array([self._row_of[place] for place in places], np.int64)]


def hinted(
    encoder: Encoder, rows: Rows, codes: NDArray[np.int64], hints: Hints, facts: float
) -> tuple[Rows, NDArray[np.int64]]:
    """`rows` and their codes with a row more for each hint, its words and no fact; facts: what facts are to count.

    For a linear member: it asks for no numbers and no vectors, which are left out. What is a copy anyhow has its facts
    emphasised at once: of 100,000 tickets another copy takes 200 MB.
    """
    if not hints.texts:
        return rows, codes
    encoded = [encode_sparse(encoder, read_text(text)) for text in hints.texts]
    words = [replace(one, places=one.places[: one.text], weights=one.weights[: one.text]) for one in encoded]
    count = len(words)
    whole = sparse.vstack((rows.sparse, _matrix(words, encoder.width)), format="csr")
    whole.data[whole.indices >= rows.text] *= np.float32(facts / rows.facts)
    more = Rows(
        whole,
        rows.text,
        np.empty((len(rows) + count, 0)),
        np.empty((len(rows) + count, 0), np.float32),
        np.concatenate((rows.counts, np.ones(count))),
        facts,
    )
    return more, np.concatenate((codes, hints.codes))


def hint_grams(hints: Hints) -> list[Grams]:
    """The n-grams of the hints' texts, for the vocabulary."""
    return [grams_of(text) for text in hints.texts]


def _encoded(encoder: Encoder, readings: Sequence[Reading]) -> tuple[sparse.csr_matrix, NDArray[np.float64]]:
    encoded = [encode_sparse(encoder, reading) for reading in readings]
    numbers = np.array([one.numbers for one in encoded]).reshape(len(encoded), len(encoder.number_names))
    return _matrix(encoded, encoder.width), numbers


def _matrix(encoded: list[Encoded], width: int) -> sparse.csr_matrix:
    ends = np.cumsum([0, *(len(one.places) for one in encoded)])
    places = np.concatenate([one.places for one in encoded]) if encoded else np.empty(0, np.int64)
    weights = np.concatenate([one.weights for one in encoded]) if encoded else np.empty(0, np.float32)
    return sparse.csr_matrix((weights, places.astype(np.int32), ends.astype(np.int32)), shape=(len(encoded), width))
