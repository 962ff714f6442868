"""Which word of a ticket each part of its encoded text comes from: what explains a score by the ticket's own words.

Hashes cannot be turned back into text, so they are looked up among those of the ticket itself: no dictionary is kept.
Knows neither labels nor what the parts are worth.
"""

import re
from collections.abc import Sequence
from ctypes import addressof, c_int32, c_int64
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.compiled import ADDRESS, IS_COMPILED, NUMBER, address_of, compiled
from features.encoding import Encoded, Encoder, Reading
from features.lexicon import Found
from features.ngrams import MOST_CHARACTERS

__all__ = ["Origins", "origins_of"]

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

_WORD: Final = re.compile(r"\w+")
_ORIGINS: Final = compiled(
    "pointsman_origins",
    *(ADDRESS, NUMBER, ADDRESS, ADDRESS, NUMBER, ADDRESS),
    *(ADDRESS, ADDRESS, NUMBER, c_int32),
    *[ADDRESS] * 5,
    returns=NUMBER,
)
_BY_WORD: Final = compiled("pointsman_by_word", ADDRESS, ADDRESS, ADDRESS, NUMBER, ADDRESS, NUMBER, ADDRESS)


@dataclass(frozen=True, slots=True)
class Origins:
    """The words of one ticket, and what comes from them.

    words: the different ones in lower case, with their numbers; chunks without a word, such as "!!!", follow them.
    spelled: each as the ticket spells it first. parts, owners, shares: shape (o,): that share of the encoded text's
    part `parts` comes from the word `owners`. A part of several words or places is shared among them evenly.
    neighbours: two words that stand side by side, and the encoded text's part that they are as a pair, each pair once.
    """

    words: dict[str, int]
    spelled: Sequence[str]
    parts: Places
    owners: Places
    shares: Floats
    neighbours: Sequence[tuple[int, int, int]]

    def by_word(self, said: Floats) -> Floats:
        """What the words say of what the encoded text's parts say, `said` of shape (parts, k); shape (words, k)."""
        if not IS_COMPILED:
            return self.by_word_with_numpy(said)
        sums, given = np.zeros((len(self.words), said.shape[1])), np.ascontiguousarray(said)
        mine = address_of(self.parts), address_of(self.owners), address_of(self.shares), len(self.parts)
        _BY_WORD(*mine, address_of(given), said.shape[1], address_of(sums))
        return sums

    def by_word_with_numpy(self, said: Floats) -> Floats:
        """The same without compiled code."""
        kinds = said.shape[1]
        values = self.shares[:, np.newaxis] * said[self.parts]
        places = self.owners[:, np.newaxis] * kinds + np.arange(kinds)
        sums = np.bincount(places.ravel(), values.ravel(), len(self.words) * kinds)
        return np.asarray(sums, dtype=np.float64).reshape(len(self.words), kinds)


def origins_of(encoder: Encoder, reading: Reading, encoded: Encoded) -> Origins:
    """Where the parts of `encoded`, made of `reading` by `encoder`, come from."""
    found = encoded.found or encoder.lexicon.find(reading.chunks)
    words: dict[str, int] = {}
    firsts: list[tuple[int, int]] = []
    numbers = []
    for border in zip(found.starts.tolist(), found.ends.tolist(), strict=True):
        number = words.setdefault(found.normal[slice(*border)], len(words))
        if number == len(firsts):
            firsts.append(border)
        numbers.append(number)
    spelled = _spelled(reading.wording, found.normal, firsts)
    spoken = np.array(numbers, dtype=np.int64)
    run_owners = spoken[np.maximum(found.owners, 0)] if numbers else found.owners.astype(np.int64)
    for place in (found.owners < 0).nonzero()[0].tolist():
        chunk = reading.chunks[-1 - int(found.owners[place])]
        run_owners[place] = words.setdefault(chunk, len(words))
    spelled += [*words][len(spelled) :]
    places = encoded.places[: encoded.text]
    parts, owners, shares, paired = _parts(places, found, spoken, run_owners, len(encoder.words))
    pairs = int(np.count_nonzero(found.pairs >= 0))
    lefts, rights, last = owners[paired : paired + pairs], owners[paired + pairs :], paired + pairs
    beside = zip(lefts.tolist(), rights.tolist(), parts[paired:last].tolist(), strict=False)
    neighbours = [one for one in dict.fromkeys(beside) if one[0] != one[1]]
    return Origins(words, spelled, parts, owners, shares, neighbours)


def _parts(
    places: Places, found: Found, spoken: Places, run_owners: Places, first_run: int
) -> tuple[Places, Places, Floats, int]:
    """Parts, owners and shares, and where those of the pairs begin: by their first words, then by their second."""
    if not IS_COMPILED:
        return _parts_by_numpy(places, found, spoken, run_owners, first_run)
    most = len(spoken) + 2 * len(found.pairs) + len(found.runs)
    numbers, shares, paired = np.zeros(len(places) + 2 * most, np.int64), np.empty(most), c_int64()
    first = address_of(numbers)
    made = first + 8 * len(places), first + 8 * (len(places) + most)
    words = address_of(found.words), address_of(spoken), len(spoken), address_of(found.pairs)
    runs = address_of(found.runs), address_of(run_owners), len(found.runs), first_run
    size = _ORIGINS(address_of(places), len(places), *words, *runs, first, *made, address_of(shares), addressof(paired))
    parts, owners = numbers[len(places) :][:size], numbers[len(places) + most :][:size]
    return parts, owners, shares[:size], paired.value


def _parts_by_numpy(
    places: Places, found: Found, spoken: Places, run_owners: Places, first_run: int
) -> tuple[Places, Places, Floats, int]:
    """The same without compiled code."""
    known = np.concatenate((found.words, found.pairs, found.pairs, found.runs + first_run), dtype=np.int64)
    owners = np.concatenate((spoken, spoken[:-1], spoken[1:], run_owners))[known >= 0]
    parts = places.searchsorted(known[known >= 0])
    shares = 1.0 / np.bincount(parts, minlength=1)[parts]
    return parts, owners, shares, int(np.count_nonzero(found.words >= 0))


def _spelled(wording: str, normal: str, firsts: Sequence[tuple[int, int]]) -> list[str]:
    """The words between these borders of the text's normal form as the text spells them."""
    text = wording[:MOST_CHARACTERS]
    spaced = f" {' '.join(text.split())[:MOST_CHARACTERS]} "
    if len(spaced) == len(normal):  # no letter became two in lower case
        return [spaced[start:end] for start, end in firsts]
    first: dict[str, str] = {}
    for word in _WORD.findall(text):
        first.setdefault(word.lower(), word)
    return [first.get(word, word) for word in (normal[start:end] for start, end in firsts)]
