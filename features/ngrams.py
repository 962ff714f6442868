"""Text to n-gram hashes: every word, pair of words and run of characters becomes a 64-bit number.

A version then needs no dictionary of strings: its vocabulary is one sorted array that processes can share, and one
ticket costs a handful of numpy calls. Knows neither vocabularies nor weights.

All hashes of a text come from one prefix sum. With code points c_i scrambled to 64 bits, the polynomial hash of
characters a to b is (S_b - S_a) * B^-a modulo 2^64, where S is the running sum of c_i * B^i and B is odd, so that its
inverse exists (Karp and Rabin, 1987). Two of ten million different n-grams share a hash with a probability of 3e-6.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_CHARACTERS", "Grams", "Hashes", "Spots", "grams_of", "normal_form", "spots_of"]

Hashes = NDArray[np.uint64]

MOST_CHARACTERS: Final = 100_000
"""Text beyond this many characters is not read."""

RUN_LENGTHS: Final = (3, 4, 5)
"""Lengths of the runs of characters; shorter ones say little, longer ones are words."""

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
    sums = _prefix_sums(points)
    starts, ends = _word_borders(points, normal)
    words = _mix((sums[ends] - sums[starts]) * _INVERSES[starts])
    pairs = _mix(words[:-1] * _PAIR_SALT + words[1:])
    return Grams(np.concatenate((words, pairs)), _run_hashes(points, sums))


def spots_of(text: str) -> Spots:
    """Where the n-grams of `text` stand: for who wants to say which word a hash came from."""
    normal = normal_form(text)
    points = _points(normal)
    starts, ends = _word_borders(points, normal)
    spaces = _spaces(points)
    middles = [np.flatnonzero(_within_a_word(spaces, length)) + length // 2 for length in RUN_LENGTHS]
    return Spots(normal, starts, ends, np.concatenate(middles), spaces[1:])


def normal_form(text: str) -> str:
    """Lower-case `text` with single spaces between words and one on either side; cut at `MOST_CHARACTERS`."""
    return f" {' '.join(text[:MOST_CHARACTERS].lower().split())[:MOST_CHARACTERS]} "


def _points(normal: str) -> NDArray[np.uint32]:
    return np.frombuffer(normal.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _word_borders(points: NDArray[np.uint32], normal: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where words begin and where they end: the first and the last character are spaces, so the two take turns."""
    borders = np.flatnonzero(np.diff(_in_words(points, normal))) + 1
    return borders[::2], borders[1::2]


def _in_words(points: NDArray[np.uint32], normal: str) -> NDArray[np.bool_]:
    """Whether each character belongs to a word: a letter, a digit or an underscore, as `re` has it."""
    if points.max() < len(_IS_WORD):
        return _IS_WORD[points]
    return np.fromiter(map(_is_word, normal), dtype=np.bool_, count=len(points))


def _run_hashes(points: NDArray[np.uint32], sums: Hashes) -> Hashes:
    spaces = _spaces(points)
    return _mix(np.concatenate([_runs(sums, spaces, length) for length in RUN_LENGTHS]))


def _runs(sums: Hashes, spaces: NDArray[np.int32], length: int) -> Hashes:
    count = max(len(sums) - length, 0)
    hashes = (sums[length:] - sums[:count]) * _INVERSES[:count] + np.uint64(length)
    return np.asarray(hashes[_within_a_word(spaces, length)])


def _within_a_word(spaces: NDArray[np.int32], length: int) -> NDArray[np.bool_]:
    """Whether each run of this length holds no space but at its ends."""
    count = max(len(spaces) - length, 0)
    return np.asarray(spaces[length - 1 : length - 1 + count] == spaces[1 : 1 + count])


def _spaces(points: NDArray[np.uint32]) -> NDArray[np.int32]:
    """How many spaces stand before each character, and in the whole."""
    spaces = np.zeros(len(points) + 1, dtype=np.int32)
    np.cumsum(points == _SPACE, out=spaces[1:])
    return spaces


def _prefix_sums(points: NDArray[np.uint32]) -> Hashes:
    sums = np.zeros(len(points) + 1, dtype=np.uint64)
    np.cumsum(_mix(points.astype(np.uint64)) * _POWERS[: len(points)], out=sums[1:])
    return sums


def _mix(values: Hashes) -> Hashes:
    """Spread the bits of each value: the finaliser of splitmix64 (Steele, Lea and Flood, 2014)."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
