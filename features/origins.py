"""Which word of a ticket each part of its encoded text comes from: what explains a score by the ticket's own words.

Hashes cannot be turned back into text, so they are looked up among those of the ticket itself: no dictionary is kept.
Knows neither labels nor what the parts are worth.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.encoding import Encoded, Encoder, Reading
from features.lexicon import Places as Small
from features.ngrams import MOST_CHARACTERS

__all__ = ["Origins", "origins_of"]

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Origins:
    """The words of one ticket, and what comes from them.

    words: the different ones in lower case, with their numbers; chunks without a word, such as "!!!", follow them.
    parts, owners, shares: shape (o,): that share of the encoded text's part `parts` comes from the word `owners`. A
    part of several words or places is shared among them evenly. followers: by word, those that stand behind it, and the
    encoded text's part that they are as a pair. wording: the text itself.
    """

    words: dict[str, int]
    parts: Places
    owners: Places
    shares: Floats
    followers: Mapping[int, Sequence[tuple[int, int]]]
    wording: str

    def by_word(self, said: Floats) -> Floats:
        """What the words say of what the encoded text's parts say, `said` of shape (parts, k); shape (words, k)."""
        kinds = said.shape[1]
        values = self.shares[:, np.newaxis] * said[self.parts]
        places = self.owners[:, np.newaxis] * kinds + np.arange(kinds)
        sums = np.bincount(places.ravel(), values.ravel(), len(self.words) * kinds)
        return np.asarray(sums, dtype=np.float64).reshape(len(self.words), kinds)

    def spelled(self) -> list[str]:
        """Every word as the ticket spells it first, in the order of their numbers."""
        first: dict[str, str] = {}
        for word in _WORD.findall(self.wording[:MOST_CHARACTERS]):
            first.setdefault(word.lower(), word)
        return [first.get(word, word) for word in self.words]


def origins_of(encoder: Encoder, reading: Reading, encoded: Encoded) -> Origins:
    """Where the parts of `encoded`, made of `reading` by `encoder`, come from."""
    found = encoded.found or encoder.lexicon.find(reading.chunks)
    words: dict[str, int] = {}
    borders = zip(found.starts.tolist(), found.ends.tolist(), strict=True)
    spoken = np.array([words.setdefault(found.normal[a:b], len(words)) for a, b in borders], dtype=np.int64)
    owners = found.owners.astype(np.int64)
    wordless = (owners < 0).nonzero()[0]
    in_words = spoken[np.maximum(owners, 0)] if len(spoken) else owners
    in_words[wordless] = [
        words.setdefault(reading.chunks[-1 - number], len(words)) for number in owners[wordless].tolist()
    ]
    places = np.concatenate((found.words, found.pairs, found.pairs, found.runs + len(encoder.words)), dtype=np.int64)
    owners = np.concatenate((spoken, spoken[:-1], spoken[1:], in_words))
    known = places >= 0
    parts, owners = encoded.places[: encoded.text].searchsorted(places[known]), owners[known]
    return Origins(
        words,
        parts,
        owners,
        1.0 / np.bincount(parts, minlength=1)[parts],
        _followers(spoken, found.pairs, encoded),
        reading.wording,
    )


def _followers(spoken: Places, pairs: Small, encoded: Encoded) -> dict[int, list[tuple[int, int]]]:
    at = (pairs >= 0).nonzero()[0]
    parts = encoded.places[: encoded.text].searchsorted(pairs[at])
    found: dict[int, list[tuple[int, int]]] = {}
    for left, right, part in zip(spoken[at].tolist(), spoken[at + 1].tolist(), parts.tolist(), strict=True):
        if left != right and (right, part) not in (behind := found.setdefault(left, [])):
            behind.append((right, part))
    return found
