"""The sample desk's tickets and histories in the forms that others read: the API's JSON and the canonical columns.

Knows the forms, not how a ticket comes about.
"""

import gzip
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson

from desk.outcome import Event, ResolvedTicket
from desk.ticket import Message, Ticket
from desk.ticket_json import ticket_json
from simulation.newcomers import new_tickets

__all__ = ["history_row", "new_tickets", "write_history", "write_tickets"]


def history_row(row: ResolvedTicket) -> dict[str, Any]:
    """The ticket and its outcome in canonical columns, each attribute as a column of its own.

    `messages` holds the whole thread: who reads the history rolls it back.
    """
    ticket, outcome = row.ticket, row.outcome
    return {
        "id": ticket.id,
        "created_at": _time(ticket.created_at),
        "first_response_at": _time(outcome.first_response_at),
        "resolved_at": _time(outcome.resolved_at),
        "channel": ticket.channel,
        "language": ticket.language,
        "region": ticket.region,
        "subject": ticket.subject,
        "body": ticket.body,
        "customer_id": ticket.customer.id,
        "customer_tier": ticket.customer.tier,
        "product": ticket.product,
        "tags": list(ticket.tags),
        "queue": outcome.queue,
        "priority": outcome.priority,
        "escalated": outcome.escalated,
        "sla_breached": outcome.sla_breached,
        "reassignment_count": outcome.reassignment_count,
        "reopen_count": outcome.reopen_count,
        "satisfaction": outcome.satisfaction,
        "resolver": outcome.resolver,
        "resolution": outcome.resolution,
        "messages": [_message(one) for one in row.thread],
        "events": [_event(one) for one in outcome.events],
        **ticket.attributes,
    }


def write_history(rows: Iterable[ResolvedTicket], path: Path) -> int:
    """Write a history as JSON Lines, gzipped where `path` ends in `.gz`; the number of rows written."""
    return _write_lines((history_row(row) for row in rows), path)


def write_tickets(tickets: Iterable[Ticket], path: Path) -> int:
    """Write new tickets in the API's form, one a line, gzipped where `path` ends in `.gz`; their number."""
    return _write_lines((ticket_json(ticket) for ticket in tickets), path)


def _write_lines(lines: Iterable[dict[str, Any]], path: Path) -> int:
    count = 0
    with _opened(path) as file:
        for line in lines:
            file.write(orjson.dumps(line) + b"\n")
            count += 1
    return count


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    with path.open("wb") as file:
        if path.suffix != ".gz":
            yield file
            return
        # No name and no time in gzip's head: the same history is the same file, byte for byte.
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=4, mtime=0) as packed:
            yield cast("BinaryIO", packed)


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def _message(message: Message) -> dict[str, str | None]:
    return {"at": _time(message.at), "author": message.author, "text": message.text}


def _event(event: Event) -> dict[str, str | None]:
    return {"at": _time(event.at), "field": event.field, "from": event.before, "to": event.after}
