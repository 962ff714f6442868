"""Snapshots of a history's growing tickets: what was written since each opening, after messages 1 to 5.

A ticket's snapshots stand where the ticket itself stands, on one side of every split and in one fold, and each has its
own moment. Knows no labels.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from itertools import takewhile
from typing import Final

import numpy as np
from numpy.typing import NDArray

from desk.outcome import ResolvedTicket
from desk.snapshots import after_message, snapshots_of
from desk.ticket import Ticket
from features.ngrams import Hashes
from features.thread import THREAD_MEASURES, grams_of_message, read_thread

__all__ = ["MOST_SNAPSHOTS", "Snapshots", "snapshots_in"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_SNAPSHOTS: Final = 30_000
"""Of a whole history, of tickets drawn by their ids: more sharpen little, and time and memory are for the openings."""


@dataclass(frozen=True)
class Snapshots:
    """s snapshots, ticket by ticket, in order of time within each.

    owners: shape (s,), the place of each one's ticket among the rows. counts: shape (s,), messages since the opening.
    moments: shape (s,), seconds since 1970. measures: shape (s, len(THREAD_MEASURES)). grams: of each the n-grams of
    its newest messages, once a message.
    """

    owners: Codes
    counts: Codes
    moments: Floats
    measures: Floats
    grams: Sequence[Hashes]

    def __len__(self) -> int:
        return len(self.owners)

    def take(self, places: Codes) -> "Snapshots":
        """The snapshots at `places`."""
        grams = [self.grams[place] for place in places.tolist()]
        measures = self.measures[places]
        return Snapshots(self.owners[places], self.counts[places], self.moments[places], measures, grams)


def snapshots_in(rows: Sequence[ResolvedTicket], most: int = MOST_SNAPSHOTS) -> Snapshots:
    """The snapshots of tickets drawn by a hash of their ids, until there are `most` or no more.

    What the members of a head say of an opening is known of rows that they did not see, of a ticket whose fields
    changed since it is not: a ticket's snapshots end where one of its fields changed.
    """
    attributes = frozenset(name for row in rows for name in row.ticket.attributes)
    drawn: list[tuple[int, list[Ticket]]] = []
    size = 0
    growing = (place for place, row in enumerate(rows) if row.thread and after_message(row, 1) is not None)
    for place in sorted(growing, key=lambda place: _lot(rows[place])):
        if size >= most:
            break
        found = _unchanged(rows[place], attributes)
        size += len(found)
        drawn.append((place, found))
    drawn.sort(key=lambda one: one[0])
    owners: list[int] = []
    moments, measures, grams = [], [], []
    for place, found in drawn:
        read = cache(grams_of_message)  # a ticket's snapshots share its messages
        for snapshot in found:
            reading = read_thread(snapshot, read)
            if reading is not None:
                owners.append(place)
                moments.append(snapshot.messages[-1].at.timestamp())
                measures.append(reading.measures)
                grams.append(np.concatenate(reading.grams))
    table = np.array(measures, np.float64).reshape(len(owners), len(THREAD_MEASURES))
    return Snapshots(np.array(owners, np.int64), table[:, 0].astype(np.int64), np.array(moments), table, grams)


def _lot(row: ResolvedTicket) -> bytes:
    return blake2b(row.ticket.id.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _unchanged(row: ResolvedTicket, attributes: Collection[str]) -> list[Ticket]:
    """The ticket's snapshots up to the first in which it says something else than at its opening."""
    found = snapshots_of(row, attributes)
    return list(takewhile(lambda one: replace(one, messages=row.ticket.messages) == row.ticket, found))
