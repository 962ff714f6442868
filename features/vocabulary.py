"""Which n-grams count, and how much: hashes to TF-IDF.

A vocabulary is two arrays: the sorted hashes and each one's inverse document frequency. An n-gram's place is its rank
by frequency, so that the rows of a ticket's n-grams, most of which are frequent, lie close together wherever there is a
row a place: in hash order they lay in 400 different pages of memory a ticket. Knows nothing of the text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from features.ngrams import Hashes

__all__ = ["SUBLINEAR", "Vocabulary", "at_length_one", "fit_vocabulary", "places_in", "weigh", "without_rarest"]

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]
_Numbers = TypeVar("_Numbers", NDArray[np.uint64], NDArray[np.int64], NDArray[np.int32])

SUBLINEAR: Final[NDArray[np.float64]] = 1 + np.log(np.arange(1, 4_097))
"""What an n-gram counts that comes once, twice, and so on."""

_BATCH = 2_000  # tickets whose hashes are counted in one go: bounds the memory, not the result


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """hashes: shape (v,), sorted, distinct. rarity: shape (v,), of each, ln((1 + n) / (1 + df)) + 1 over n tickets.

    in_hash_order: whether an n-gram's place is its hash's, as it was before format 5 of a version. places: shape (v,),
    of each hash. weights: shape (v,), the rarity at each place.
    """

    hashes: Hashes
    rarity: Floats
    in_hash_order: bool = False
    places: NDArray[np.int32] = field(init=False, repr=False, compare=False)
    weights: Floats = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Rank the n-grams: the most frequent first, of equal ones that of the smaller hash."""
        order = np.arange(len(self)) if self.in_hash_order else self.rarity.argsort(kind="stable")
        places = np.empty(len(self), np.int32)
        places[order] = np.arange(len(self), dtype=np.int32)
        object.__setattr__(self, "places", places)
        object.__setattr__(self, "weights", np.ascontiguousarray(self.rarity[order]))

    def __len__(self) -> int:
        return len(self.hashes)


def fit_vocabulary(texts: Iterable[Hashes], *, least_tickets: int, most: int) -> Vocabulary:
    """The n-grams that stand in at least `least_tickets` tickets, and of those the `most` frequent.

    `texts` holds one array of hashes a ticket, repeats allowed.
    """
    hashes, tickets, size = _count(texts)
    kept = np.flatnonzero(tickets >= least_tickets)
    if len(kept) > most:
        kept = np.sort(kept[np.argsort(-tickets[kept], kind="stable")[:most]])
    rarity = np.log((1 + size) / (1 + tickets[kept])) + 1
    return Vocabulary(hashes[kept], rarity.astype(np.float32))


def places_in(vocabulary: Vocabulary, hashes: Hashes) -> NDArray[np.int32]:
    """The place of each hash, -1 for one that the vocabulary has not; any order, repeats included."""
    if not len(vocabulary):
        return np.full(len(hashes), -1, np.int32)
    found = np.minimum(vocabulary.hashes.searchsorted(hashes), len(vocabulary) - 1)
    return np.where(vocabulary.hashes[found] == hashes, vocabulary.places[found], np.int32(-1))


def weigh(rarity: Floats, places: _Numbers) -> tuple[_Numbers, NDArray[np.float64]]:
    """The places of one ticket's n-grams, in any order, repeats included, once each, ascending, and what they weigh.

    rarity: shape (v,), of the n-gram at each place. Shapes (n,) to (k,) and (k,). The weight is (1 + ln tf) * rarity,
    to be brought to length one (sublinear TF-IDF; Manning, Raghavan and Schütze, Introduction to Information Retrieval,
    2008, section 6.4); what comes more often than 4,096 times counts no more.
    """
    if not len(places):
        return places, np.empty(0)
    distinct, counts = _distinct(places)
    return distinct, SUBLINEAR[np.minimum(counts, len(SUBLINEAR)) - 1] * rarity[distinct]


def at_length_one(weights: NDArray[np.float64]) -> Floats:
    """`weights`, scaled so that their squares, added one after the other, are one; nought stays nought."""
    length = np.sqrt(np.add.accumulate(weights * weights)[-1]) if len(weights) else 0.0
    return (weights / length if length > 0 else weights).astype(np.float32)


def without_rarest(vocabulary: Vocabulary) -> Vocabulary:
    """The n-grams that stand in more tickets than the rarest do: a ticket's own could do without that ticket."""
    kept = vocabulary.rarity < vocabulary.rarity.max(initial=0)
    return Vocabulary(vocabulary.hashes[kept], vocabulary.rarity[kept])


def _distinct(numbers: _Numbers) -> tuple[_Numbers, Indices]:
    """The same as numpy's `unique` with counts, at a third of the price for a few hundred numbers."""
    ordered = np.sort(numbers)
    starts = _starts(ordered)
    return ordered[starts[:-1]], starts[1:] - starts[:-1]


def _starts(ordered: NDArray[Any]) -> Indices:
    """Where each distinct one of sorted numbers begins, and where the last ends."""
    new = np.empty(len(ordered) + 1, dtype=np.bool_)
    new[0] = new[-1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:-1])
    return new.nonzero()[0]


def _count(texts: Iterable[Hashes]) -> tuple[Hashes, Indices, int]:
    """Distinct hashes, the number of tickets that each stands in, and the number of tickets."""
    batches: list[tuple[Hashes, Indices]] = []
    batch: list[Hashes] = []
    size = 0
    for hashes in texts:
        batch.append(_distinct(hashes)[0])
        size += 1
        if len(batch) == _BATCH:
            batches.append(_distinct(np.concatenate(batch)))
            batch = []
    if batch:
        batches.append(_distinct(np.concatenate(batch)))
    return *_merge(batches), size


def _merge(parts: Sequence[tuple[Hashes, Indices]]) -> tuple[Hashes, Indices]:
    """The sums of counts; the hashes of each part ascend, which the stable sort makes use of."""
    if not parts:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    hashes, counts = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    starts = _starts(ordered)[:-1]
    return ordered[starts], np.add.reduceat(counts[order], starts) if len(starts) else np.empty(0, np.int64)
