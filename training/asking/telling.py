"""The words of tickets, and how much each tells: what makes two tickets alike where neither is like anything known.

A word counts as it is rare in the history that the champion learned, and one that it never saw counts most. A ticket
that says next to nothing is like no other: it is not brought to length one. Knows neither queues nor bursts.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from scipy.sparse import csr_matrix

from features.ngrams import words_in
from features.vocabulary import Vocabulary, places_in

__all__ = ["word_rows", "words_of"]

_SHORTEST: Final = 3  # letters
_BESIDE_LETTERS: Final = frozenset("-'")
_CODED: Final = frozenset("@/\\_")


def words_of(chunks: Iterable[str]) -> frozenset[str]:
    """The words of a text without what stands around them; what holds a digit is a number, or the name of a thing."""
    found = (_bare(chunk) for chunk in chunks if not any(one.isdigit() or one in _CODED for one in chunk))
    return frozenset(word for word in found if len(word) >= _SHORTEST)


def word_rows(said: Sequence[frozenset[str]], vocabulary: Vocabulary) -> csr_matrix:
    """A row a ticket, shape (tickets, words): products of rows are cosines, less between tickets that say little.

    said: words of each. vocabulary: of the history. A word of one ticket alone is left out.
    """
    tickets = Counter(word for words in said for word in words)
    words = sorted(word for word, count in tickets.items() if count > 1)
    place = {word: column for column, word in enumerate(words)}
    columns = [[place[word] for word in sorted(each) if word in place] for each in said]
    ends = np.cumsum([0, *map(len, columns)])
    weights = _rarity(words, vocabulary)
    flat = np.fromiter((one for each in columns for one in each), np.int64, ends[-1])
    rows = csr_matrix((weights[flat], flat, ends), shape=(len(said), len(words)))
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    usual = float(np.median(lengths)) if len(lengths) else 0.0
    shortened = 1 / np.maximum(lengths, max(usual, np.finfo(np.float64).tiny))
    return csr_matrix(rows.multiply(shortened[:, np.newaxis]))


def _rarity(words: Sequence[str], vocabulary: Vocabulary) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Of each word as the history has it; a word that is none there, or not one, is as rare as the rarest."""
    hashes = [words_in([word]) for word in words]
    single = np.array([one[0] if len(one) == 1 else 0 for one in hashes], np.uint64)
    places = places_in(vocabulary, single)
    rarest = float(vocabulary.rarity.max(initial=1.0))
    known = np.append(vocabulary.weights, np.float32(rarest))
    return np.asarray(known[np.where(places >= 0, places, len(known) - 1)], np.float64)


def _bare(chunk: str) -> str:
    return "".join(one for one in chunk if one.isalpha() or one in _BESIDE_LETTERS).strip("-'")
