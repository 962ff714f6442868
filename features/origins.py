"""Which word of a ticket each part of its encoded text comes from: what explains a score by the ticket's own words.

Hashes cannot be turned back into text, so they are looked up among those of the ticket itself: no dictionary is kept.
Knows neither labels nor what the parts are worth.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.encoding import Encoded, Encoder, Reading
from features.ngrams import MOST_CHARACTERS, Hashes, Spots, spots_of

__all__ = ["Origins", "origins_of", "summed_by_word", "words_at"]

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Origins:
    """The words of one ticket, and what comes from them.

    words: the different ones in lower case; tokens without a word, such as "!!!", follow them. spelled: the same as the
    ticket spells them. spots: where each word of the text begins and ends, and its number or -1, in order. parts,
    owners, shares: shape (o,): that share of the encoded text's part `parts` comes from the word `owners`. A part of
    several words or places is shared among them evenly. pairs: two different words that stand side by side, and the
    encoded text's part that they are as a pair.
    """

    words: dict[str, int]
    spelled: Sequence[str]
    spots: Sequence[tuple[int, int, int]]
    parts: Places
    owners: Places
    shares: Floats
    pairs: Sequence[tuple[int, int, int]]


def origins_of(encoder: Encoder, reading: Reading, encoded: Encoded) -> Origins:
    """Where the parts of `encoded`, made of `reading` by `encoder`, come from."""
    spots = spots_of(reading.wording)
    in_order, words, run_owners = _words(spots)
    count = len(in_order)
    first_run = int(np.searchsorted(encoded.places[: encoded.text], len(encoder.words)))
    found = _found(encoder.words.hashes, encoded.places[:first_run], reading.grams.words)
    runs = _found(
        encoder.runs.hashes, encoded.places[first_run : encoded.text] - len(encoder.words), reading.grams.runs
    )
    pairs = found[count:]
    parts = np.concatenate((found[:count], pairs, pairs, np.where(runs < 0, -1, runs + first_run)))
    owners = np.concatenate((in_order, in_order[:-1], in_order[1:], run_owners))
    known = parts >= 0
    parts, owners = parts[known], owners[known]
    together = zip(in_order[:-1].tolist(), in_order[1:].tolist(), pairs.tolist(), strict=True)
    spelled, written = _spelled(words, reading.wording)
    return Origins(
        words,
        spelled,
        written,
        parts,
        owners,
        1.0 / np.bincount(parts, minlength=1)[parts],
        [(left, right, part) for left, right, part in together if part >= 0 and left != right],
    )


def summed_by_word(owners: Places, values: Floats, words: int) -> Floats:
    """The sums of `values`, shape (o,), by the word that owns each, shape (words,)."""
    return np.asarray(np.bincount(owners, values, words), dtype=np.float64)


def words_at(origins: Origins, middles: Iterable[int]) -> list[int]:
    """The number of the word that stands at each of these characters of the text; -1 where there is none."""
    ends = [end for _, end, _ in origins.spots]
    found = []
    for middle in middles:
        place = bisect_right(ends, middle)
        start, _, number = origins.spots[place] if place < len(ends) else (middle + 1, 0, -1)
        found.append(number if start <= middle else -1)
    return found


def _words(spots: Spots) -> tuple[Places, dict[str, int], Places]:
    """The number of the word at each place, the words with their numbers, and the owner of each run."""
    words: dict[str, int] = {}
    borders = zip(spots.starts.tolist(), spots.ends.tolist(), strict=True)
    in_order = np.array([words.setdefault(spots.normal[a:b], len(words)) for a, b in borders], dtype=np.int64)
    tokens = spots.spaces[spots.middles]
    if not len(in_order):
        return in_order, words, _token_owners(spots, words, tokens)
    # A run belongs to the word in which its middle lies, else to the one before it in the same token, else behind it.
    before = np.searchsorted(spots.starts, spots.middles, side="right") - 1
    behind = np.minimum(before + 1, len(in_order) - 1)
    token_of_word = spots.spaces[spots.starts]
    owners = np.where(
        (before >= 0) & (token_of_word[before] == tokens),
        in_order[before],
        np.where(token_of_word[behind] == tokens, in_order[behind], -1),
    )
    wordless = owners < 0
    owners[wordless] = _token_owners(spots, words, tokens[wordless])
    return in_order, words, owners


def _token_owners(spots: Spots, words: dict[str, int], tokens: NDArray[np.int32]) -> Places:
    """Numbers of tokens that hold no word, which are added to `words`."""
    if not len(tokens):
        return np.empty(0, np.int64)
    said = spots.normal.split(" ")
    return np.array([words.setdefault(said[token], len(words)) for token in tokens.tolist()], dtype=np.int64)


def _found(vocabulary: Hashes, places: Places, hashes: Hashes) -> Places:
    """Which of `places`, ascending ones of the vocabulary, each hash stands at; -1 for one that is not known."""
    if not len(places):
        return np.full(len(hashes), -1)
    own = vocabulary[places]
    found = np.minimum(np.searchsorted(own, hashes), len(own) - 1)
    return np.where(own[found] == hashes, found, -1)


def _spelled(words: dict[str, int], wording: str) -> tuple[list[str], list[tuple[int, int, int]]]:
    """Each word as it is spelled first, and where all of them stand, as `Origins` says."""
    spelled, spots = list(words), []
    for match in reversed(list(_WORD.finditer(wording[:MOST_CHARACTERS]))):
        number = words.get(match[0].lower(), -1)
        if number >= 0:
            spelled[number] = match[0]
        spots.append((*match.span(), number))
    return spelled, spots[::-1]
