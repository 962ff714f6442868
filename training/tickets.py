"""Typed columns to tickets as they were at the opening, and to what became of them.

The one place that draws the line between the two. Knows no files and no labels' rules.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from desk.outcome import Event, Outcome, ResolvedTicket
from desk.ticket import Customer, Ticket
from training.threads import attachments_in, events_in, known_at, messages_in, values_before
from training.typed_columns import TypedColumns

__all__ = ["opening_tickets", "resolved_tickets"]

ROLLED_BACK: Final = frozenset({"channel", "language", "region", "product", "subject", "body"})
"""Fields of a ticket, beside its attributes, that an event may have changed after the opening."""

OPENING_CELLS: Final = (
    "id",
    "created_at",
    "channel",
    "language",
    "region",
    "product",
    "subject",
    "body",
    "customer_id",
    "customer_tier",
    "tags",
    "messages",
    "attachments",
)
OUTCOME_CELLS: Final = (
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
    "events",
    "messages",
)


def opening_tickets(columns: TypedColumns) -> Iterator[Ticket]:
    """Each row as it was at its opening, save for events: messages written later are left out."""
    table = columns.table
    for row, cells in enumerate(_rows(columns, OPENING_CELLS)):
        identity, created, channel, language, region, product, subject, body, customer, tier, tags, thread, files = (
            cells
        )
        yield Ticket(
            id=identity or _number(row, columns),
            created_at=created,
            subject=subject or "",
            body=body or "",
            channel=channel,
            language=language,
            region=region,
            product=product,
            customer=Customer(customer, tier),
            tags=tags or (),
            attributes={
                name: value for name, values in columns.attributes.items() if (value := values[row]) is not None
            },
            messages=known_at(created, messages_in(thread, table, row)) if thread else (),
            attachments=attachments_in(files, table, row) if files else (),
        )


def resolved_tickets(columns: TypedColumns, escalated: Sequence[bool | None]) -> Iterator[ResolvedTicket]:
    """Each row with its outcome; what an event changed after the opening is rolled back in the ticket."""
    table = columns.table
    for row, (ticket, cells) in enumerate(zip(opening_tickets(columns), _rows(columns, OUTCOME_CELLS), strict=True)):
        (
            queue,
            priority,
            breached,
            response,
            resolved,
            reassigned,
            reopened,
            rating,
            resolver,
            resolution,
            log,
            thread,
        ) = cells
        events = events_in(log, table, row) if log else ()
        yield ResolvedTicket(
            ticket=_rolled_back(ticket, events, columns) if events else ticket,
            outcome=Outcome(
                queue=queue,
                priority=priority,
                escalated=escalated[row],
                sla_breached=breached,
                first_response_at=response,
                resolved_at=resolved,
                reassignment_count=reassigned,
                reopen_count=reopened,
                satisfaction=rating,
                resolver=resolver,
                resolution=resolution,
                events=events,
            ),
            thread=messages_in(thread, table, row) if thread else (),
        )


def _rows(columns: TypedColumns, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    return zip(*(columns.of(name) for name in names), strict=True)


def _number(row: int, columns: TypedColumns) -> str:
    """A row's own name: its number where the file has no ids, `row-7` where only this one lacks its id."""
    return f"row-{row + 1}" if "id" in columns.canonical else str(row + 1)


def _rolled_back(ticket: Ticket, events: tuple[Event, ...], columns: TypedColumns) -> Ticket:
    canonical_of = {name: one for one, name in columns.mapped.canonical.items()}
    attributes = dict(ticket.attributes)
    fields: dict[str, Any] = {}
    for field, value in values_before(events, ticket.created_at).items():
        name = canonical_of.get(field, field)
        if name in ROLLED_BACK:
            fields[name] = value if value is not None or name not in ("subject", "body") else ""
        elif name == "customer_tier":
            fields["customer"] = Customer(ticket.customer.id, value)
        elif field in columns.attributes:
            attributes.pop(field, None)
            attributes |= {} if value is None else {field: value}
    return replace(ticket, attributes={name: attributes[name] for name in sorted(attributes)}, **fields)
