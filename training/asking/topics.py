"""Bursts: tickets of the last days that are like nothing the champion learned, and like each other.

What is like nothing is for the version to say; how near tickets of one topic lie is taken from resolved tickets of one
queue. Average linkage keeps a chain of neighbours from becoming a topic. Knows neither journal nor screen.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journal.recent_answers import RecentAnswer
from models.similar import Similar
from models.version import Version
from training.asking.naming import name_words
from training.asking.scoring import Scored

__all__ = ["FEWEST", "FEWEST_CUSTOMERS", "Topic", "topics_in"]

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

FEWEST: Final = 5
"""Tickets that make a burst."""

FEWEST_CUSTOMERS: Final = 3
"""Of whom they come, where it is known: what one customer repeats is no topic of the desk."""

_MOST: Final = 2_000  # tickets that are held against each other, the strangest
_ID: Final = 8  # bytes of a topic's id


@dataclass(frozen=True, slots=True)
class Topic:
    """A burst.

    id: kept from round to round while most of its tickets stay. places: of its tickets, the most typical first. words:
    what they say and other tickets do not, the most telling first: of tickets' text, for people's eyes only. customers:
    None where no ticket says whose it is.
    """

    id: str
    places: tuple[int, ...]
    words: tuple[str, ...]
    customers: int | None

    @property
    def name(self) -> str:
        """As proposed to people."""
        return " ".join(self.words)

    def reason(self) -> dict[str, Any]:
        """Of the question that is its card."""
        told: dict[str, Any] = {"reason": "topic", "name": self.name, "words": list(self.words)}
        told |= {"tickets": len(self.places)}
        return told if self.customers is None else {**told, "customers": self.customers}


def topics_in(scored: Scored, version: Version, before: Mapping[str, str] | None = None) -> list[Topic]:
    """The bursts among these tickets, the largest first; none of a version that learned too little to know what is new.

    before: ticket id -> id of the topic that it was in the last time.
    """
    vectors = scored.candidates.vectors
    strange = np.flatnonzero((scored.strange > 0) & (vectors.any(axis=1) if vectors is not None else False))
    if vectors is None or version.similar is None or len(strange) < FEWEST:
        return []
    strange = strange[np.argsort(-scored.strange[strange], kind="stable")[:_MOST]]
    near = nearness_of_a_topic(version.similar, len(scored.answers))
    if near is None:
        return []
    ids = [scored.candidates.ids[place] for place in strange]
    strange = strange[np.argsort(ids, kind="stable")]
    found = []
    for group in clusters(vectors[strange], 1 - near):
        places = strange[group]
        customers = _customers([scored.answers[place] for place in places])
        if customers is None or customers >= FEWEST_CUSTOMERS:
            found.append((places, customers))
    named = name_words([places.tolist() for places, _ in found], scored.chunks, scored.answers)
    return _topics(scored, found, named, before or {})


def nearness_of_a_topic(similar: Similar, tickets: int) -> float | None:
    """The cosine from which on tickets are of one topic; None where too few resolved tickets say so.

    As many resolved tickets as there are `tickets` are drawn; it is the median of how near the fourth nearest of the
    same queue lies, which makes a burst's five with the ticket itself.
    """
    rows = np.flatnonzero(similar.facts[:, 0] >= 0)
    drawn = np.random.default_rng(0).permutation(rows)[: min(max(tickets, 200), 2_000)]
    queues = similar.facts[drawn, 0]
    vectors = _unit(np.array([similar.index.get(int(row)) for row in drawn], np.float32))
    fourth = []
    for queue in np.unique(queues):
        mine = vectors[queues == queue]
        if len(mine) >= 2 * FEWEST:
            like = mine @ mine.T
            np.fill_diagonal(like, -1)
            fourth.append(np.partition(like, -(FEWEST - 1), axis=1)[:, -(FEWEST - 1)])
    return float(np.median(np.concatenate(fourth))) if fourth else None


def clusters(vectors: NDArray[np.float32], distance: float) -> list[Codes]:
    """Groups of at least `FEWEST` rows whose mean cosine distance to each other is at most `distance`, largest first.

    vectors: shape (n, d), unit vectors.
    """
    from sklearn.cluster import AgglomerativeClustering

    if len(vectors) < FEWEST:
        return []
    apart = np.clip(1 - vectors.astype(np.float64) @ vectors.T.astype(np.float64), 0, 2)
    made = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=max(distance, 1e-9)
    )
    labels = made.fit(apart).labels_
    groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    return sorted((one for one in groups if len(one) >= FEWEST), key=lambda one: (-len(one), int(one[0])))


def _topics(
    scored: Scored,
    found: Sequence[tuple[Codes, int | None]],
    named: Sequence[tuple[str, ...]],
    before: Mapping[str, str],
) -> list[Topic]:
    vectors, taken, topics = scored.candidates.vectors, set[str](), []
    for (places, customers), words in zip(found, named, strict=True):
        if not words or vectors is None:
            continue
        mine = vectors[places]
        typical = places[np.argsort(-(mine @ mine.mean(axis=0)), kind="stable")].tolist()
        ids = [scored.candidates.ids[place] for place in typical]
        known = Counter(before[name] for name in ids if name in before and before[name] not in taken)
        name = known.most_common(1)[0][0] if known else _id(ids[0])
        taken.add(name)
        topics.append(Topic(name, tuple(typical), words, customers))
    return topics


def _customers(answers: Sequence[RecentAnswer]) -> int | None:
    known = {one.customer_id for one in answers if one.customer_id is not None}
    return len(known) or None


def _id(ticket_id: str) -> str:
    return blake2b(ticket_id.encode("utf-8", "surrogatepass"), digest_size=_ID, person=b"topic").hexdigest()


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)
