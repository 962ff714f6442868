"""Resolved tickets to an index of similar ones: the newest of a history, and what became of each.

Knows not where their vectors come from.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from desk.likeness import SimilarTicket
from desk.outcome import ResolvedTicket
from features.encoding import Reading
from features.meaning.projection import DIMENSIONS, projected
from features.ngrams import words_in
from features.vocabulary import Vocabulary, at_length_one, places_in, weigh
from models.similar import Similar, build_similar
from training.progress import Progress

__all__ = ["MOST_ROWS", "fit_similar", "newest_rows"]

Floats = NDArray[np.float32]

MOST_ROWS: Final = 100_000
"""Of an index: older tickets are solved otherwise by now, and the index stays under 100 MB."""

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def newest_rows(rows: Sequence[ResolvedTicket]) -> NDArray[np.int64]:
    """Places of the newest `MOST_ROWS` rows, in the history's order; without times the last ones count as newest."""
    age = sorted(range(len(rows)), key=lambda place: (rows[place].ticket.created_at or _NEVER, place))
    return np.array(sorted(age[-MOST_ROWS:]), dtype=np.int64)


def fit_similar(
    rows: Sequence[ResolvedTicket],
    readings: Sequence[Reading],
    words: Vocabulary,
    vectors: Floats,
    progress: Progress,
) -> Similar:
    """The index of the newest of `rows`.

    readings: what was read off each row's ticket. words: the encoder's. vectors: what the rows' texts mean, shape
    (rows, dimensions), or of no rows where nothing says so: then their words are projected. A row whose vector is
    nought says nothing that another could be like, and is left out.
    """
    newest = newest_rows(rows)
    progress.stage("Indexing resolved tickets", len(newest) * (1 if len(vectors) else 2))
    found = vectors[newest] if len(vectors) else _projections(readings, words, newest, progress.step)
    said = np.flatnonzero(found.any(axis=1))
    tickets = [_resolved(rows[place]) for place in newest[said].tolist()]
    return build_similar(tickets, found[said], progress.step)


def _projections(
    readings: Sequence[Reading], words: Vocabulary, places: NDArray[np.int64], tick: Callable[[], object]
) -> Floats:
    found = np.zeros((len(places), DIMENSIONS), dtype=np.float32)
    for row, place in enumerate(places.tolist()):
        known = places_in(words, words_in(readings[place].chunks))
        spoken, weights = weigh(words.weights, known[known >= 0])
        found[row] = projected(spoken, at_length_one(weights))
        tick()
    return found


def _resolved(row: ResolvedTicket) -> SimilarTicket:
    outcome = row.outcome
    return SimilarTicket(
        ticket_id=row.ticket.id,
        similarity=0,
        queue=outcome.queue,
        priority=outcome.priority,
        escalated=outcome.escalated,
        reassignment_count=outcome.reassignment_count,
        resolution=outcome.resolution,
    )
