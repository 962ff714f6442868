"""Tickets with all that was ever answered to them: what feedback and outcomes are about.

Knows nothing of what is made of them.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, select

from journal.database import reading, snapshot
from journal.tables import DEFAULT_TENANT, outcomes, predictions, tickets, verdicts

__all__ = ["AnsweredTicket", "Scored", "answered", "newest_tickets", "spoken_of"]

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Scored:
    """One answer. ticket: as it was scored; answer: as it left the house; both are JSON objects."""

    prediction_id: str
    at: datetime
    version: str | None
    ticket: dict[str, Any]
    answer: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AnsweredTicket:
    """A ticket and what was answered to it, the oldest first; at least once."""

    ticket_id: str
    scored: Sequence[Scored]


def spoken_of(engine: Engine, tenant: str = DEFAULT_TENANT) -> frozenset[str]:
    """Ids of the tickets of which the tenant has a verdict or an outcome. Raises `JournalUnavailableError`."""
    with reading(engine) as connection:
        found = (select(one.c.ticket_id).where(one.c.tenant == tenant).distinct() for one in (verdicts, outcomes))
        return frozenset(name for query in found for name in connection.scalars(query))


def answered(engine: Engine, ticket_ids: Collection[str], tenant: str = DEFAULT_TENANT) -> Iterator[AnsweredTicket]:
    """Those of these tickets that were answered, in the order of their ids. Raises `JournalUnavailableError`."""
    names = sorted(set(ticket_ids))
    with snapshot(engine) as connection:
        for start in range(0, len(names), _AT_ONCE):
            yield from _answered(connection, names[start : start + _AT_ONCE], tenant)


def newest_tickets(engine: Engine, most: int, tenant: str = DEFAULT_TENANT) -> list[dict[str, Any]]:
    """The tickets that were scored last, as they were then, the newest first, one of each id; at most `most`."""
    same_ticket = (tickets.c.tenant == predictions.c.tenant) & (tickets.c.digest == predictions.c.ticket_digest)
    query = select(tickets.c.ticket_id, tickets.c.content).join(predictions, same_ticket)
    query = query.where(predictions.c.tenant == tenant).order_by(predictions.c.at.desc(), predictions.c.prediction_id)
    found: dict[str, dict[str, Any]] = {}
    with reading(engine) as connection:
        for row in connection.execute(query.limit(2 * most)):
            found.setdefault(row.ticket_id, row.content)
    return list(found.values())[:most]


def _answered(connection: Connection, names: Sequence[str], tenant: str) -> Iterator[AnsweredTicket]:
    same_ticket = (tickets.c.tenant == predictions.c.tenant) & (tickets.c.digest == predictions.c.ticket_digest)
    said = predictions.c
    query = (
        select(tickets.c.ticket_id, tickets.c.content, said.prediction_id, said.at, said.version, said.answer)
        .join(predictions, same_ticket)
        .where(tickets.c.tenant == tenant, tickets.c.ticket_id.in_(names))
        .order_by(said.at, said.prediction_id)
    )
    found: dict[str, list[Scored]] = {}
    for row in connection.execute(query):
        scored = Scored(row.prediction_id, row.at, row.version, row.content, row.answer)
        found.setdefault(row.ticket_id, []).append(scored)
    for name in names:
        if name in found:
            yield AnsweredTicket(name, found[name])
