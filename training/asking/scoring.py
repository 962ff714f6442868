"""What the champion makes of recent tickets, and what a challenger said of them in shadow: as arrays for the ranking.

Scores each ticket anew by its queue head, for the champion may be another than the one that answered. Knows neither
what is settled nor what is worth asking.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from desk.taxonomy import Taxonomy
from desk.ticket_json import ticket_in
from features.encoding import Reading, encode, is_legible, read
from journal.recent_answers import RecentAnswer
from models.linear import linear_scores
from models.novelty import familiarity
from models.queue_names import QueueNames, names_of
from models.scoring import said_of
from models.similar import distances, ticket_vector, vector_length, words_of
from models.version import Version
from training.asking.ranking import Candidates

__all__ = ["Scored", "score"]

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_DIGEST: Final = 16
_SURELY: Final = np.inf


@dataclass(frozen=True, slots=True)
class Scored:
    """n tickets.

    answers: in the order of the candidates. strange: shape (n,), how much less familiar each ticket is than one that
    may still belong, in standard deviations; above nought it is about something else. NaN where nobody knows.
    chunks: the words of each text, in its normal form.
    """

    answers: Sequence[RecentAnswer]
    candidates: Candidates
    strange: Floats
    chunks: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class _One:
    said: Floats
    vector: NDArray[np.float32]
    words: tuple[Codes, NDArray[np.float32]]
    strange: float
    reading: Reading


def score(
    version: Version,
    answers: Sequence[RecentAnswer],
    taxonomy: Taxonomy,
    shadow: Mapping[str, Mapping[str, Any]],
    shadow_version: str,
    tick: Callable[[], object] = lambda: None,
) -> Scored:
    """Score the tickets of these answers; one that cannot be read is left out.

    shadow: by prediction, what `shadow_version` would have answered. taxonomy: records that have come about, by which
    queues have their names.
    """
    asked = replace(version, heads={head: one for head, one in version.heads.items() if head == "queue"})
    names, kept, found = names_of(version, taxonomy), list[RecentAnswer](), list[_One]()
    for one in answers:
        scored = _scored(asked, one)
        tick()
        if scored is not None:
            kept.append(one)
            found.append(scored)
    vectors = np.array([one.vector for one in found], np.float32).reshape(len(found), _dimensions(version))
    return Scored(
        kept,
        _candidates(version, names, kept, found, vectors, taxonomy, shadow, shadow_version),
        np.array([one.strange for one in found]),
        [one.reading.chunks for one in found],
    )


def _scored(version: Version, one: RecentAnswer) -> _One | None:
    try:
        reading = read(ticket_in(one.ticket))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    encoded = encode(version.encoder, reading)
    vector = ticket_vector(encoded, len(version.encoder.words), encoded.vector)
    words = words_of(encoded, len(version.encoder.words))
    said = said_of(version, encoded, linear_scores(version.linear, encoded)).get("queue")
    if said is None:
        return _One(np.empty(0), vector, words, np.nan, reading)
    strange = np.nan
    if version.novelty is not None:
        strange = version.novelty.cut - familiarity(version.novelty, said.scores, encoded.vector)
        if not is_legible(version.encoder, reading):
            strange = _SURELY
    return _One(said.probabilities, vector, words, strange, reading)


def _candidates(
    version: Version,
    names: QueueNames | None,
    answers: Sequence[RecentAnswer],
    found: Sequence[_One],
    vectors: NDArray[np.float32],
    taxonomy: Taxonomy,
    shadow: Mapping[str, Mapping[str, Any]],
    shadow_version: str,
) -> Candidates:
    head = version.heads.get("queue")
    own = () if head is None else head.labels
    said = np.array([one.said for one in found]).reshape(len(found), len(own))
    labels = own if names is None else names.queues
    if names is not None and len(own):
        said = names.columns(said)
    theirs = [_queues(shadow.get(one.prediction_id), one, taxonomy) for one in answers]
    more = tuple(sorted({label for each in theirs for label in each} - set(labels)))
    said, labels = np.hstack((said, np.zeros((len(found), len(more))))), (*labels, *more)
    return Candidates(
        ids=[one.ticket_id for one in answers],
        labels=labels,
        probabilities=said,
        challenger=_challenger(theirs, labels) if any(theirs) else None,
        challenger_name=shadow_version,
        vectors=_words(found, len(version.encoder.words)),
        distances=np.full(len(found), np.nan) if version.similar is None else distances(version.similar, vectors),
        rows=_rows(version, names, labels),
        copies=[_copy(one, ticket.ticket_id) for one, ticket in zip(found, answers, strict=True)],
    )


def _words(found: Sequence[_One], width: int) -> csr_matrix:
    """The words of each text, as the champion weighs them: by these the next one would tell tickets apart."""
    places, weights = ([one.words[part] for one in found] for part in (0, 1))
    ends = np.cumsum([0, *map(len, places)])
    if not len(found):
        return csr_matrix((0, width), dtype=np.float32)
    return csr_matrix((np.concatenate(weights), np.concatenate(places), ends), shape=(len(found), width))


def _queues(answer: Mapping[str, Any] | None, one: RecentAnswer, taxonomy: Taxonomy) -> dict[str, float]:
    """The queues that an answer names, as they are called today, and how probable it held them to be."""
    found: dict[str, float] = {}
    for each in (answer or {}).get("queue", {}).get("top", ()):
        label = taxonomy.today(str(each["label"]), one.at)
        if label is not None:
            found[label] = found.get(label, 0.0) + float(each["probability"])
    return found


def _challenger(theirs: Sequence[Mapping[str, float]], labels: Sequence[str]) -> Floats:
    said = np.array([[each.get(label, 0.0) for label in labels] for each in theirs])
    said[[not each for each in theirs]] = np.nan
    return said


def _rows(version: Version, names: QueueNames | None, labels: Sequence[str]) -> Codes:
    """Of each label the resolved tickets that the version has by heart, by the names of today; empty: it has none."""
    if version.similar is None:
        return np.empty(0, np.int64)
    counts = dict.fromkeys(labels, 0)
    places, found = np.unique(version.similar.facts[:, 0], return_counts=True)
    for place, rows in zip(places.tolist(), found.tolist(), strict=True):
        queue = version.similar.queues[place] if place >= 0 else None
        today = queue if names is None or queue is None else names.similar.get(queue, queue)
        if today in counts:
            counts[today] += rows
    return np.array(list(counts.values()), dtype=np.int64)


def _copy(one: _One, ticket_id: str) -> bytes | str:
    """Equal for tickets that say the same; a ticket without words is like no other."""
    text = " ".join(one.reading.chunks)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest() if text else ticket_id


def _dimensions(version: Version) -> int:
    return vector_length(version.encoder.meaning)
