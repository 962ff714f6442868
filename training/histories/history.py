"""A history that has been read: resolved tickets and what reading them did; and a file of tickets to score.

Knows neither files nor how the rows are learned from. The digest names the content, whatever file held it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import orjson

from desk.outcome import ResolvedTicket
from desk.taxonomy import NO_CHANGES, Taxonomy
from desk.ticket import Ticket

__all__ = ["History", "OpenedTickets", "TicketFile", "digest_of"]

DIGEST_FORMAT = b"pointsman history 1\n"
"""Goes into every digest; count up when a ticket's or an outcome's fields change."""


@dataclass(frozen=True, slots=True)
class History:
    """Resolved tickets in file order.

    digest: SHA-256 of the rows, the same for CSV, JSON Lines and Parquet.
    columns: the file's columns as they are understood -> kind of value, for the run's schema.
    notes: what reading did, in words.
    label_rule: how `escalated` came about, in words.
    known_priority_order: the most urgent first; empty where neither the desk nor the words say it.
    read_through: the records of changed queues that its labels were read through; none for labels as they were said.
    """

    rows: tuple[ResolvedTicket, ...]
    digest: str
    columns: Mapping[str, str]
    notes: tuple[str, ...]
    label_rule: str
    known_priority_order: tuple[str, ...]
    read_through: Taxonomy = NO_CHANGES


@dataclass(frozen=True, slots=True)
class TicketFile:
    """Tickets to score, in file order, repeated ids kept; and what reading did, in words."""

    tickets: tuple[Ticket, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenedTickets:
    """A file of tickets to score that has been read, and as many tickets as `count` says, to be drawn once."""

    count: int
    tickets: Iterator[Ticket]
    notes: tuple[str, ...]


def digest_of(rows: Iterable[ResolvedTicket]) -> str:
    """SHA-256, in hex, of the rows in their order: sorted names, times in UTC, so of the content and not of a file."""
    digest = hashlib.sha256(DIGEST_FORMAT)
    for row in rows:
        digest.update(orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE))
    return digest.hexdigest()
