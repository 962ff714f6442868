"""Bursts: tickets of the last days that are like nothing the champion learned, and like each other.

What is like nothing is for the version to say; how much alike tickets of one topic are is taken from those that are
familiar and have one queue. Average linkage keeps a chain of neighbours from becoming a topic. Knows neither journal
nor screen.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from features.vocabulary import Vocabulary
from training.asking.naming import name_words
from training.asking.scoring import Scored
from training.asking.telling import word_rows, words_of

__all__ = ["FEWEST", "FEWEST_CUSTOMERS", "Topic", "topics_in"]

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

FEWEST: Final = 5
"""Tickets that make a burst, or one in `SHARE` where many come in: among thousands five are alike by chance."""

SHARE: Final = 500

FEWEST_CUSTOMERS: Final = 3
"""Of whom they come, where it is known: what one customer repeats is no topic of the desk."""

_MOST: Final = 2_000  # tickets that are held against each other
_EDGE: Final = 0.5  # of how much alike a burst's tickets are: what one that joins it must be
_ID: Final = 8  # bytes of a topic's id

NOTHING_KNOWN: Final[Mapping[str, str]] = {}


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


def topics_in(scored: Scored, vocabulary: Vocabulary, before: Mapping[str, str] = NOTHING_KNOWN) -> list[Topic]:
    """The bursts among these tickets, the largest first.

    vocabulary: the words of the history that the champion learned. before: ticket id -> id of the topic that it was in
    the last time.
    """
    order = np.argsort(scored.candidates.ids, kind="stable")
    strange = order[scored.strange[order] > 0]
    familiar = _distinct(order[scored.strange[order] <= 0], scored)
    if len(strange) < FEWEST:
        return []
    strange = np.sort(strange[np.argsort(-scored.strange[strange], kind="stable")[:_MOST]])
    said = [words_of(chunks) for chunks in scored.chunks]
    rows = word_rows(said, vocabulary)
    queues = scored.candidates.probabilities.argmax(axis=1) if scored.candidates.labels else np.zeros(len(said))
    alike = likeness_of_a_topic(rows[familiar], queues[familiar])
    if alike is None:
        return []
    everywhere = Counter(word for words in said for word in words)
    customers = [one.customer_id for one in scored.answers]
    found = []
    for group in joined(clusters(rows[strange], alike), rows[strange], alike):
        places = strange[group].tolist()
        whose = {customers[place] for place in places} - {None}
        words = name_words(places, said, everywhere, customers)
        is_many = len(places) >= max(FEWEST, len(said) // SHARE)
        if is_many and words and (not whose or len(whose) >= FEWEST_CUSTOMERS):
            found.append((_typical_first(places, rows), words, len(whose) or None))
    return _topics(found, scored.candidates.ids, before)


def likeness_of_a_topic(rows: csr_matrix, queues: NDArray[Any]) -> float | None:
    """How much alike tickets of one topic are; None where too few say so.

    rows: of familiar tickets, as `training.asking.telling.word_rows` has them. queues: shape (n,), of each. It is the
    median of how much like a ticket the fourth nearest of its queue is: with the ticket itself, a burst's five.
    """
    drawn = np.sort(np.random.default_rng(0).permutation(rows.shape[0])[:_MOST])
    fourth = []
    for queue in np.unique(queues[drawn]):
        mine = rows[drawn[queues[drawn] == queue]]
        if mine.shape[0] >= 2 * FEWEST:
            like = _products(mine)
            np.fill_diagonal(like, -1)
            fourth.append(np.partition(like, 1 - FEWEST, axis=1)[:, 1 - FEWEST])
    found = float(np.median(np.concatenate(fourth))) if fourth else 0.0
    return found if found > 0 else None


def clusters(rows: csr_matrix, alike: float) -> list[Codes]:
    """Groups of at least `FEWEST` rows that are in the mean at least so much alike, the largest first."""
    from sklearn.cluster import AgglomerativeClustering

    if rows.shape[0] < FEWEST:
        return []
    apart = np.clip(1 - _products(rows), 0, 1)
    np.fill_diagonal(apart, 0)
    made = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=1 - alike
    )
    labels = made.fit(apart).labels_
    groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    return sorted((one for one in groups if len(one) >= FEWEST), key=lambda one: (-len(one), int(one[0])))


def joined(groups: Sequence[Codes], rows: csr_matrix, alike: float) -> list[Codes]:
    """The groups with what is left of the rows that is half as much alike as they are, each with the nearest group.

    A topic's edge is wider than what makes it one.
    """
    if not groups:
        return []
    left = np.setdiff1d(np.arange(rows.shape[0]), np.concatenate(groups))
    like = np.column_stack([np.asarray(rows[left] @ rows[group].mean(axis=0).T).ravel() for group in groups])
    nearest = like.argmax(axis=1)
    is_near = like.max(axis=1) >= _EDGE * alike
    return [np.sort(np.append(one, left[is_near & (nearest == number)])) for number, one in enumerate(groups)]


def _distinct(places: Codes, scored: Scored) -> Codes:
    """Of tickets that say the same the first: a form that a hundred fill in is no measure of likeness."""
    texts = [" ".join(scored.chunks[place]) for place in places.tolist()]
    _, first = np.unique(np.array(texts, dtype=object), return_index=True) if texts else (None, np.empty(0, np.int64))
    return places[np.sort(first)]


def _typical_first(places: Sequence[int], rows: csr_matrix) -> tuple[int, ...]:
    near = _products(rows[list(places)]).sum(axis=1)
    return tuple(places[one] for one in np.argsort(-near, kind="stable").tolist())


def _topics(
    found: Sequence[tuple[tuple[int, ...], tuple[str, ...], int | None]], ids: Sequence[str], before: Mapping[str, str]
) -> list[Topic]:
    """With the ids that most of their tickets had the last time; of two that claim one, the larger has it."""
    taken: set[str] = set()
    topics = []
    for places, words, customers in found:
        names = [ids[place] for place in places]
        known = Counter(before[name] for name in names if name in before and before[name] not in taken)
        name = known.most_common(1)[0][0] if known else _id(names[0])
        taken.add(name)
        topics.append(Topic(name, places, words, customers))
    return topics


def _products(rows: csr_matrix) -> Floats:
    return np.asarray((rows @ rows.T).toarray(), np.float64)


def _id(ticket_id: str) -> str:
    return blake2b(ticket_id.encode("utf-8", "surrogatepass"), digest_size=_ID, person=b"topic").hexdigest()
