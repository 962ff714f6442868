"""Text to n-gram hashes: every word, pair of words and run of characters becomes a 64-bit number.

A version then needs no dictionary of strings: its vocabulary is one sorted array that processes can share, and one
ticket costs a handful of numpy calls. Knows neither vocabularies nor weights.

All hashes of a text come from one prefix sum. With code points c_i scrambled to 64 bits, the polynomial hash of
characters a to b is (S_b - S_a) * B^-a modulo 2^64, where S is the running sum of c_i * B^i and B is odd, so that its
inverse exists (Karp and Rabin, 1987). Two of ten million different n-grams share a hash with a probability of 3e-6.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.mixing import mixed

__all__ = ["MOST_CHARACTERS", "Grams", "Hashes", "Spots", "grams_of", "normal_form", "spots_of"]

Hashes = NDArray[np.uint64]

MOST_CHARACTERS: Final = 100_000
"""Text beyond this many characters is not read."""

RUN_LENGTHS: Final = (3, 4, 5)
"""Lengths of the runs of characters, from three on; shorter ones say little, longer ones are words."""

_BASE: Final = 0x9E3779B97F4A7C15  # odd, so it has an inverse modulo 2^64; the golden ratio's bits are well spread
_SPACE: Final = 0x20
_PAIR_SALT: Final = np.uint64(0xD1B54A32D192ED03)


def _powers(base: int, count: int) -> Hashes:
    powers = np.full(count, base, dtype=np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


_IS_WORD: Final = np.fromiter(map(_is_word, map(chr, range(0x10000))), dtype=np.bool_, count=0x10000)
_MIXED: Final = mixed(np.arange(len(_IS_WORD), dtype=np.uint64))  # 0.5 MB, and most texts use one kilobyte of it
_POWERS: Final = _powers(_BASE, MOST_CHARACTERS + 3)
_INVERSES: Final = _powers(pow(_BASE, -1, 1 << 64), MOST_CHARACTERS + 3)


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of one text, each kind as hashes in order of appearance, repeats included.

    words: shape (w + max(w - 1, 0),), the words and then the pairs of neighbouring words.
    runs: shape (r,), the runs of `RUN_LENGTHS` characters within one word and the space on either side of it.
    """

    words: Hashes
    runs: Hashes

    @property
    def single_words(self) -> Hashes:
        """The words without the pairs, shape (w,)."""
        return self.words[: (len(self.words) + 1) // 2]


@dataclass(frozen=True, slots=True)
class Spots:
    """Where the n-grams of one text stand in its normal form, in the order of its `Grams`.

    starts, ends: shape (w,), of the words; the pairs are of neighbours. middles: shape (r,), a character in the middle
    of each run. spaces: shape (characters,), how many spaces there are up to each character: the same within a token.
    """

    normal: str
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    middles: NDArray[np.int64]
    spaces: NDArray[np.int32]


def grams_of(text: str) -> Grams:
    """All n-grams of `text`; a text without a word has none."""
    normal = normal_form(text)
    points = _points(normal)
    is_plain = bool(points.max() < len(_IS_WORD))
    sums = _prefix_sums(points, is_plain=is_plain)
    starts, ends = _word_borders(points, normal, is_plain=is_plain)
    words = (sums[ends] - sums[starts]) * _INVERSES[starts]
    # All in one go: for a few hundred numbers a call of numpy costs more than its work, here 0.02 ms in all.
    hashes = mixed(np.concatenate((words, *_runs(points, sums))))
    words, runs = hashes[: len(starts)], hashes[len(starts) :]
    pairs = mixed(words[:-1] * _PAIR_SALT + words[1:])
    return Grams(np.concatenate((words, pairs)), runs)


def spots_of(text: str) -> Spots:
    """Where the n-grams of `text` stand: for who wants to say which word a hash came from."""
    normal = normal_form(text)
    points = _points(normal)
    starts, ends = _word_borders(points, normal, is_plain=bool(points.max() < len(_IS_WORD)))
    middles = [within.nonzero()[0] + length // 2 for length, within in _within_words(points)]
    return Spots(normal, starts, ends, np.concatenate(middles), np.cumsum(points == _SPACE, dtype=np.int32))


def normal_form(text: str) -> str:
    """Lower-case `text` with single spaces between words and one on either side; cut at `MOST_CHARACTERS`."""
    return f" {' '.join(text[:MOST_CHARACTERS].lower().split())[:MOST_CHARACTERS]} "


def _points(normal: str) -> NDArray[np.uint32]:
    return np.frombuffer(normal.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _word_borders(
    points: NDArray[np.uint32], normal: str, *, is_plain: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where words begin and where they end: the first and the last character are spaces, so the two take turns."""
    inside = _in_words(points, normal, is_plain=is_plain)
    borders = (inside[1:] != inside[:-1]).nonzero()[0] + 1
    return borders[::2], borders[1::2]


def _in_words(points: NDArray[np.uint32], normal: str, *, is_plain: bool) -> NDArray[np.bool_]:
    """Whether each character belongs to a word: a letter, a digit or an underscore, as `re` has it.

    is_plain: whether all characters are among the 65,536 that tables are kept of.
    """
    return _IS_WORD[points] if is_plain else np.fromiter(map(_is_word, normal), dtype=np.bool_, count=len(points))


def _runs(points: NDArray[np.uint32], sums: Hashes) -> Iterator[Hashes]:
    """The polynomial hashes of the runs within words, by length."""
    for length, within in _within_words(points):
        hashes = (sums[length:] - sums[:-length]) * _INVERSES[: len(within)]
        yield hashes[within] + np.uint64(length)


def _within_words(points: NDArray[np.uint32]) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Per length of a run whether each holds no space but at its ends, shape (characters - length + 1,)."""
    middle = (points != _SPACE)[1:-1]
    within = middle
    for longer, length in enumerate(RUN_LENGTHS):
        if longer:
            within = within[:-1] & middle[longer:]
        yield length, within


def _prefix_sums(points: NDArray[np.uint32], *, is_plain: bool) -> Hashes:
    bits = _MIXED[points] if is_plain else mixed(points.astype(np.uint64))
    sums = np.zeros(len(points) + 1, dtype=np.uint64)
    np.add.accumulate(bits * _POWERS[: len(points)], out=sums[1:])
    return sums
