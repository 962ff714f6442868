"""Text to n-gram hashes: every word, pair of words and run of characters becomes a 64-bit number.

A version then needs no dictionary of strings: its vocabulary is one sorted array that processes can share, and one
ticket costs a handful of numpy calls. Knows neither vocabularies nor weights.

A text is hashed chunk by chunk, a chunk being what stands between two spaces: a word of it, or a run of characters,
says the same wherever the chunk stands, so that chunks which come again need no second look (`features.kept`).

All hashes of several chunks come from one prefix sum. With code points c_i scrambled to 64 bits, the polynomial hash of
characters a to b is (S_b - S_a) * B^-a modulo 2^64, where S is the running sum of c_i * B^i and B is odd, so that its
inverse exists (Karp and Rabin, 1987). Two of ten million different n-grams share a hash with a probability of 3e-6.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from features.kept import Kept
from features.mixing import mixed

__all__ = ["MOST_CHARACTERS", "Chunked", "Grams", "Hashes", "chunks_in", "grams_of", "hashed", "inside_words"]
__all__ += ["is_cut", "normal_form", "owners_of", "pairs_of", "runs_in", "spelled_out", "words_in"]

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
    runs: shape (r,), the runs of `RUN_LENGTHS` characters within one chunk and the space on either side of it, chunk by
    chunk, the shorter ones of a chunk first.
    """

    words: Hashes
    runs: Hashes


@dataclass(frozen=True, slots=True)
class Chunked:
    """The n-grams of several chunks, chunk by chunk, without the pairs of words.

    words, runs: shapes (w,) and (r,), hashes, as in `Grams`. word_ends, run_ends: shape (chunks,), where those of each
    chunk end. normal: the chunks with single spaces between and around them. starts, ends: shape (w,), where each word
    begins and ends in it. middles: shape (r,), a character in the middle of each run.
    """

    words: Hashes
    runs: Hashes
    word_ends: NDArray[np.int64]
    run_ends: NDArray[np.int64]
    normal: str
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    middles: NDArray[np.int64]


def grams_of(text: str) -> Grams:
    """All n-grams of `text`; a text without a word has none."""
    chunks = chunks_in(text)
    return Grams(words_in(chunks), runs_in(chunks))


def words_in(chunks: Sequence[str]) -> Hashes:
    """The words of a text in these chunks, and then the pairs of neighbouring words, as in `Grams`."""
    words = _joined([words for words, _ in _KEPT.of(chunks)])
    return np.concatenate((words, pairs_of(words)))


def runs_in(chunks: Sequence[str]) -> Hashes:
    """The runs of characters of a text in these chunks, as in `Grams`."""
    return _joined([runs for _, runs in _KEPT.of(chunks)])


def chunks_in(text: str) -> list[str]:
    """What stands between the spaces of `text`, in its normal form."""
    return normal_form(text).split()


def pairs_of(words: Hashes) -> Hashes:
    """The hashes of the pairs of neighbours, shape (max(w - 1, 0),)."""
    return mixed(words[:-1] * _PAIR_SALT + words[1:])


def hashed(chunks: Sequence[str]) -> Chunked:
    """The n-grams of `chunks`: none is empty or holds white space, and together they are one text at most."""
    normal, spelled = spelled_out(chunks)
    points = np.frombuffer(spelled, dtype=np.uint32)
    inside = inside_words(normal, points)
    sums = _prefix_sums(points)
    borders = (inside[1:] != inside[:-1]).nonzero()[0] + 1  # words begin and end in turn: spaces are first and last
    starts, ends = borders[::2], borders[1::2]
    words = (sums[ends] - sums[starts]) * _INVERSES[starts]
    middles, runs = (np.concatenate(part) for part in zip(*_runs(points, sums), strict=True))
    # All in one go: for a few hundred numbers a call of numpy costs more than its work.
    hashes = mixed(np.concatenate((words, runs)))
    place = np.cumsum(points == _SPACE)  # the same within a chunk: one in the first
    order = place[middles].argsort(kind="stable")
    middles = middles[order]
    numbers = np.arange(1, len(chunks) + 1)
    return Chunked(
        words=hashes[: len(starts)],
        runs=hashes[len(starts) :][order],
        word_ends=place[starts].searchsorted(numbers, side="right"),
        run_ends=place[middles].searchsorted(numbers, side="right"),
        normal=normal,
        starts=starts,
        ends=ends,
        middles=middles,
    )


def spelled_out(chunks: Sequence[str]) -> tuple[str, bytes]:
    """A text in these chunks in its normal form, and its code points in four bytes each."""
    normal = f" {' '.join(chunks)} "
    return normal, normal.encode("utf-32-le", "surrogatepass")


def inside_words(normal: str, points: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Whether each character of a text in its normal form is part of a word, shape (n,)."""
    if points.max() < len(_IS_WORD):
        return np.asarray(_IS_WORD[points])
    return np.fromiter(map(_is_word, normal), dtype=np.bool_, count=len(points))


def owners_of(chunked: Chunked) -> NDArray[np.int64]:
    """The number of the word that each run belongs to, shape (r,); -1 - c in a chunk c without words.

    It is the word in which the run's middle lies, else the one before it in its chunk, else the one behind it.
    """
    first = np.concatenate(([0], chunked.word_ends))[:-1]
    chunk = np.repeat(np.arange(len(first)), np.diff(chunked.run_ends, prepend=0))
    before = chunked.starts.searchsorted(chunked.middles, side="right") - 1
    spoken = chunked.word_ends > first
    return np.asarray(np.where(spoken[chunk], np.maximum(before, first[chunk]), -1 - chunk))


def _parted(values: NDArray[Any], ends: NDArray[np.int64]) -> list[NDArray[Any]]:
    """`values` in parts, which end at `ends`."""
    borders = [0, *ends.tolist()]
    return [values[start:end] for start, end in pairwise(borders)]


def normal_form(text: str) -> str:
    """Lower-case `text` with single spaces between words and one on either side; cut at `MOST_CHARACTERS`."""
    return f" {' '.join(text[:MOST_CHARACTERS].lower().split())[:MOST_CHARACTERS]} "


def is_cut(text: str) -> bool:
    """Whether `normal_form` leaves something of `text` out."""
    if 2 * len(text) <= MOST_CHARACTERS:  # in lower case a text is at most twice as long
        return False
    return len(text) > MOST_CHARACTERS or len(" ".join(text.lower().split())) > MOST_CHARACTERS


def _runs(points: NDArray[np.uint32], sums: Hashes) -> Iterator[tuple[NDArray[np.int64], Hashes]]:
    """Middles and polynomial hashes of the runs that hold no space but at their ends, by length."""
    middle = (points != _SPACE)[1:-1]
    within = middle
    for longer, length in enumerate(RUN_LENGTHS):
        if longer:
            within = within[:-1] & middle[longer:]
        at = within.nonzero()[0]
        hashes = (sums[at + length] - sums[at]) * _INVERSES[at]
        yield at + length // 2, hashes + np.uint64(length)


def _prefix_sums(points: NDArray[np.uint32]) -> Hashes:
    bits = _MIXED[points] if points.max() < len(_MIXED) else mixed(points.astype(np.uint64))
    sums = np.zeros(len(points) + 1, dtype=np.uint64)
    np.add.accumulate(bits * _POWERS[: len(points)], out=sums[1:])
    return sums


def _made(chunks: Sequence[str]) -> list[tuple[Hashes, Hashes]]:
    """Words and runs of each chunk."""
    found = hashed(chunks)
    return list(zip(_parted(found.words, found.word_ends), _parted(found.runs, found.run_ends), strict=True))


def _joined(parts: list[Hashes]) -> Hashes:
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


_KEPT: Final = Kept(_made)
