"""Snapshots of a history's growing tickets: what was written since each opening, after messages 1 to 5.

A ticket's snapshots stand where the ticket itself stands, on one side of every split and in one fold, and each has its
own moment. Knows no labels.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from functools import cache
from hashlib import blake2b
from itertools import takewhile
from operator import attrgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from desk.outcome import ResolvedTicket
from desk.snapshots import snapshots_of
from desk.ticket import Message, Ticket
from features.encoding import Encoder
from features.ngrams import Hashes
from features.thread import THREAD_MEASURES, grams_of_message, new_words, read_thread
from training.learning.rows import Rows

__all__ = ["MOST_SNAPSHOTS", "Snapshots", "snapshots_in", "thread_words"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

_said_of: Final = attrgetter(*(one.name for one in fields(Ticket) if one.name != "messages"))

MOST_SNAPSHOTS: Final = 30_000
"""Of a whole history, of tickets drawn by their ids: more sharpen little, and time and memory are for the openings."""


@dataclass(frozen=True)
class Snapshots:
    """s snapshots, ticket by ticket, in order of time within each.

    owners: shape (s,), the place of each one's ticket among the rows. counts: shape (s,), messages since the opening.
    moments: shape (s,), seconds since 1970. measures: shape (s, len(THREAD_MEASURES)). grams: of each the n-grams of
    its newest messages, once a message. said: of each these messages.
    """

    owners: Codes
    counts: Codes
    moments: Floats
    measures: Floats
    grams: Sequence[Hashes]
    said: Sequence[tuple[Message, ...]]

    def __len__(self) -> int:
        return len(self.owners)

    def take(self, places: Codes) -> "Snapshots":
        """The snapshots at `places`."""
        grams = [self.grams[place] for place in places.tolist()]
        said = [self.said[place] for place in places.tolist()]
        measures = self.measures[places]
        return Snapshots(self.owners[places], self.counts[places], self.moments[places], measures, grams, said)


def snapshots_in(rows: Sequence[ResolvedTicket], most: int = MOST_SNAPSHOTS) -> Snapshots:
    """The snapshots of tickets drawn by a hash of their ids, until there are `most` or no more.

    What the members of a head say of an opening is known of rows that they did not see, of a ticket whose fields
    changed since it is not: a ticket's snapshots end where one of its fields changed.
    """
    attributes = frozenset(name for row in rows for name in row.ticket.attributes)
    drawn: list[tuple[int, list[Ticket]]] = []
    size = 0
    written_to = (place for place, row in enumerate(rows) if row.thread)
    for place in sorted(written_to, key=lambda place: _lot(rows[place])):
        if size >= most:
            break
        found = _unchanged(rows[place], attributes)
        size += len(found)
        drawn.append((place, found))
    drawn.sort(key=lambda one: one[0])
    owners: list[int] = []
    moments, measures, grams, said = [], [], [], []
    for place, found in drawn:
        read = cache(grams_of_message)  # a ticket's snapshots share its messages
        for snapshot in found:
            reading = read_thread(snapshot, read)
            if reading is not None:
                owners.append(place)
                moments.append(snapshot.messages[-1].at.timestamp())
                measures.append(reading.measures)
                grams.append(np.concatenate(reading.grams))
                said.append(reading.messages)
    table = np.array(measures, np.float64).reshape(len(owners), len(THREAD_MEASURES))
    return Snapshots(np.array(owners, np.int64), table[:, 0].astype(np.int64), np.array(moments), table, grams, said)


def thread_words(snapshots: Snapshots, encoder: Encoder, everything: Rows) -> sparse.csr_matrix:
    """What the customers' messages say beside the openings, as `everything`, of all rows, has it; shape (s, width).

    The weights of a snapshot's messages are added up.
    """
    matrix = everything.sparse
    found: dict[tuple[int, Message], tuple[NDArray[np.int64], NDArray[np.float32]]] = {}
    places, weights, ends = [], [], [0]
    for owner, messages in zip(snapshots.owners.tolist(), snapshots.said, strict=True):
        own = matrix.indices[matrix.indptr[owner] : matrix.indptr[owner + 1]]
        for message in messages:
            if (owner, message) not in found:
                found[owner, message] = new_words(encoder, message, own)
        parts = [found[owner, message] for message in messages]
        places += [part for part, _ in parts]
        weights += [part for _, part in parts]
        ends.append(ends[-1] + sum(len(part) for part, _ in parts))
    if not places:
        return sparse.csr_matrix((0, encoder.width), dtype=np.float32)
    inside = np.concatenate(weights), np.concatenate(places), np.array(ends)
    return sparse.csr_matrix(inside, shape=(len(snapshots), encoder.width))


def _lot(row: ResolvedTicket) -> bytes:
    return blake2b(row.ticket.id.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _unchanged(row: ResolvedTicket, attributes: Collection[str]) -> list[Ticket]:
    """The ticket's snapshots up to the first in which it says something else than at its opening."""
    opening = _said_of(row.ticket)
    return list(takewhile(lambda one: _said_of(one) == opening, snapshots_of(row, attributes)))
