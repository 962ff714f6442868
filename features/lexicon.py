"""The n-grams of a text as an encoder's vocabularies know them.

Compiled code looks them up in 0.02 ms a ticket, numpy in 0.15; what they find is the same. Knows neither tickets nor
weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.compiled import IS_COMPILED
from features.native import NativeVocabulary, find_grams, weigh_grams
from features.ngrams import hashed, inside_words, owners_of, pairs_of, spelled_out
from features.vocabulary import SUBLINEAR, Vocabulary, at_length_one, places_in, weigh

__all__ = ["Found", "Lexicon", "Places"]

Places = NDArray[np.int32]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a text.

    normal: the text in its normal form. starts, ends: shape (w,), where each of its words begins and ends there.
    words: shape (w,), their places in the vocabulary of words, -1 for one that is not known. pairs: shape
    (max(w - 1, 0),), those of each word with the next. runs: shape (r,), the places of the runs of characters that are
    known, in the vocabulary of runs, repeats included. owners: shape (r,), the number of the word that each belongs to,
    -1 - c in a chunk c without words.
    """

    normal: str
    starts: Places
    ends: Places
    words: Places
    pairs: Places
    runs: Places
    owners: Places

    @property
    def share(self) -> float | None:
        """The share of the words, repeats included, that are known; None where there are none."""
        return float((self.words >= 0).mean()) if len(self.words) else None


class Lexicon:
    """Looks up texts in the vocabularies of words and of runs of characters."""

    def __init__(self, words: Vocabulary, runs: Vocabulary) -> None:
        self._words, self._runs = words, runs
        self._native = tuple(NativeVocabulary(one.hashes, one.places) for one in (words, runs)) if IS_COMPILED else ()

    def __reduce__(self) -> tuple[type["Lexicon"], tuple[Vocabulary, Vocabulary]]:
        """Copies are made anew: addresses mean nothing elsewhere."""
        return Lexicon, (self._words, self._runs)

    def find(self, chunks: Sequence[str]) -> Found:
        """What is known of a text in these chunks (`features.ngrams.chunks_in`)."""
        if not self._native:
            return self.find_by_numpy(chunks)
        normal, points = spelled_out(chunks)
        inside = None if normal.isascii() else inside_words(normal, np.frombuffer(points, dtype=np.uint32))
        words, runs = self._native
        return Found(normal, *find_grams(points, inside, words, runs))

    def weigh(
        self, found: Found, rarity: NDArray[np.float32], run_scale: np.float32
    ) -> tuple[NDArray[np.int64], Floats]:
        """The places of what was found once each, ascending, and what they weigh; those of the runs follow the words.

        rarity: of each place. run_scale: what runs count beside words, each kind being brought to length one.
        """
        if not self._native:
            return self.weigh_by_numpy(found, rarity, run_scale)
        parts = found.words, found.pairs, found.runs
        return weigh_grams(parts, len(self._words), rarity, SUBLINEAR, run_scale)

    def weigh_by_numpy(
        self, found: Found, rarity: NDArray[np.float32], run_scale: np.float32
    ) -> tuple[NDArray[np.int64], Floats]:
        """The same without compiled code."""
        first_run = np.int32(len(self._words))
        spoken = np.concatenate((found.words, found.pairs))
        places, weights = weigh(rarity, np.concatenate((spoken[spoken >= 0], found.runs + first_run)))
        words = int(places.searchsorted(first_run))
        word_weights, run_weights = (at_length_one(part) for part in (weights[:words], weights[words:]))
        return places.astype(np.int64), np.concatenate((word_weights, run_weights * run_scale))

    def find_by_numpy(self, chunks: Sequence[str]) -> Found:
        """The same without compiled code."""
        found = hashed(chunks)
        words, pairs = places_in(self._words, found.words), places_in(self._words, pairs_of(found.words))
        runs = places_in(self._runs, found.runs)
        known = runs >= 0
        parts = (found.starts, found.ends, words, pairs, runs[known], owners_of(found)[known])
        return Found(found.normal, *(part.astype(np.int32) for part in parts))
