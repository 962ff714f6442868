"""Typed columns to tickets as they were at the opening, and to what became of them.

The one place that draws the line between the two. Knows no files and no labels' rules.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from desk.outcome import Event, Outcome, ResolvedTicket
from desk.ticket import Customer, Message, Ticket
from training.histories.columns import CANONICAL
from training.histories.threads import attachments_in, events_in, known_at, messages_in, values_before
from training.histories.typed_columns import TypedColumns

__all__ = ["opening_tickets", "resolved_tickets"]

ROLLED_BACK: Final = frozenset({"channel", "language", "region", "product", "subject", "body"})
"""Fields of a ticket, beside its attributes, that an event may have changed after the opening."""

OUTCOME_VALUES: Final = (
    "queue",
    "priority",
    "sla_breached",
    "first_response_at",
    "resolved_at",
    "reassignment_count",
    "reopen_count",
    "satisfaction",
    "resolver",
    "resolution",
)
"""Outcome columns that go into an `Outcome` as they are."""


def opening_tickets(columns: TypedColumns) -> Iterator[Ticket]:
    """Each row as it was at its opening, save for events: messages written later are left out."""
    return _opening(columns, _threads(columns))


def resolved_tickets(columns: TypedColumns, escalated: Sequence[bool | None]) -> Iterator[ResolvedTicket]:
    """Each row with its outcome; what an event changed after the opening is rolled back in the ticket."""
    threads = _threads(columns)
    outcomes = zip(*(columns.of(name) for name in OUTCOME_VALUES), strict=True)
    rows = zip(_opening(columns, threads), columns.of("events"), outcomes, escalated, threads, strict=True)
    for row, (ticket, log, values, verdict, thread) in enumerate(rows):
        events = _named(events_in(log, columns.table, row), columns) if log else ()
        outcome = Outcome(escalated=verdict, events=events, **dict(zip(OUTCOME_VALUES, values, strict=True)))
        yield ResolvedTicket(_rolled_back(ticket, events, columns) if events else ticket, outcome, thread)


def _opening(columns: TypedColumns, threads: Sequence[tuple[Message, ...]]) -> Iterator[Ticket]:
    of = {name: columns.of(name) for name in CANONICAL}
    for row, thread in enumerate(threads):
        created, files = of["created_at"][row], of["attachments"][row]
        yield Ticket(
            id=of["id"][row] or _number(row, columns),
            created_at=created,
            subject=of["subject"][row] or "",
            body=of["body"][row] or "",
            channel=of["channel"][row],
            language=of["language"][row],
            region=of["region"][row],
            product=of["product"][row],
            customer=Customer(of["customer_id"][row], of["customer_tier"][row]),
            tags=of["tags"][row] or (),
            attributes={
                name: value for name, values in columns.attributes.items() if (value := values[row]) is not None
            },
            messages=known_at(created, thread) if thread else (),
            attachments=attachments_in(files, columns.table, row) if files else (),
        )


def _threads(columns: TypedColumns) -> list[tuple[Message, ...]]:
    return [messages_in(value, columns.table, row) if value else () for row, value in enumerate(columns.of("messages"))]


def _number(row: int, columns: TypedColumns) -> str:
    """A row's own name: its number where the file has no ids, `row-7` where only this one lacks its id."""
    return f"row-{row + 1}" if "id" in columns.canonical else str(row + 1)


def _named(events: tuple[Event, ...], columns: TypedColumns) -> tuple[Event, ...]:
    """`events` with the canonical names of their fields, where the file has others and no attribute is called so."""
    canonical = columns.mapped.canonical.items()
    own = {name: one for one, name in canonical if name != one and one not in columns.attributes}
    return tuple(replace(one, field=own.get(one.field, one.field)) for one in events) if own else events


def _rolled_back(ticket: Ticket, events: tuple[Event, ...], columns: TypedColumns) -> Ticket:
    attributes = dict(ticket.attributes)
    fields: dict[str, Any] = {}
    for name, value in values_before(events, ticket.created_at).items():
        if name in ROLLED_BACK:
            fields[name] = value if value is not None or name not in ("subject", "body") else ""
        elif name == "customer_tier":
            fields["customer"] = Customer(ticket.customer.id, value)
        elif name in columns.attributes:
            attributes.pop(name, None)
            attributes |= {} if value is None else {name: value}
    return replace(ticket, attributes={name: attributes[name] for name in sorted(attributes)}, **fields)
