"""A ticket at a later moment of its life: rolled forward from its opening, as it stood after one of its messages.

A snapshot is what the desk could have asked about while the ticket was open: the messages written by then, and the
ticket's own fields with the values that they had then. What became of the ticket stays out, whenever it was logged:
its queue, its priority, its status. Knows neither features nor labels' rules.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from desk.outcome import Event, ResolvedTicket
from desk.ticket import Message, Ticket

__all__ = ["MOST_MESSAGES", "after_message", "opening_of", "snapshots_of", "written_since"]

MOST_MESSAGES: Final = 5
"""Messages after the opening, up to which training takes a snapshot after each."""

_STATUS: Final = frozenset({"status", "state", "ticket_status"})
_CLOSED: Final = frozenset({"resolved", "solved", "closed", "done", "completed", "fixed"})
_FIELDS: Final = frozenset({"channel", "language", "region", "product", "subject", "body"})
_TEXTS: Final = frozenset({"subject", "body"})


def written_since(ticket: Ticket) -> tuple[Message, ...]:
    """The messages that were written after the opening, in their order.

    Where nobody knows when the ticket was opened they are all of them; where it has neither subject nor body, its
    first message is the opening.
    """
    return _parted(ticket)[1] if ticket.messages else ()


def opening_of(ticket: Ticket) -> Ticket:
    """The ticket without the messages that were written after its opening; its fields are those of now."""
    known, later = _parted(ticket)
    return replace(ticket, messages=known) if later else ticket


def _parted(ticket: Ticket) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    messages, opened = ticket.messages, ticket.created_at
    known = () if opened is None else tuple(one for one in messages if one.at <= opened)
    if not known and not ticket.subject and not ticket.body:
        return messages[:1], messages[1:]
    return known, tuple(one for one in messages if opened is None or one.at > opened)


def snapshots_of(row: ResolvedTicket, attributes: Collection[str] = (), most: int = MOST_MESSAGES) -> Iterator[Ticket]:
    """The ticket after its first, second, … message, `most` at most, for as long as it was open."""
    for count in range(1, most + 1):
        found = after_message(row, count, attributes)
        if found is None:
            return
        yield found


def after_message(row: ResolvedTicket, count: int, attributes: Collection[str] = ()) -> Ticket | None:
    """The ticket as it was after the `count`-th message that was written since its opening, counted from 1.

    attributes: names of those that the desk's tickets have, for the ticket may have got one after its opening. Any
    other change in the log is none of the ticket's own: a queue, a priority, a status are never part of it.

    None where fewer were written while it was open, or where the history does not say when it was opened and when it
    was resolved. A ticket counts as open until it was first resolved: what came after a reopening would tell that it
    was reopened. Raises `ValueError` for a count below 1.
    """
    if count < 1:
        raise ValueError(f"Messages are counted from 1, not {count}.")
    opened, closed = row.ticket.created_at, _closed_at(row)
    if opened is None or closed is None:
        return None
    later = [one for one in row.thread if one.at > opened]
    if len(later) < count or later[count - 1].at >= closed:
        return None
    messages = (*(one for one in row.thread if one.at <= opened), *later[:count])
    moment = later[count - 1].at
    events = [event for event in row.outcome.events if opened < event.at <= moment]
    return _changed(replace(row.ticket, messages=messages), events, attributes)


def _closed_at(row: ResolvedTicket) -> datetime | None:
    """When the ticket was first resolved; a reopening says at the latest when that was."""
    moments = [event.at for event in row.outcome.events if event.field.casefold() in _STATUS and _closes(event)]
    if row.outcome.resolved_at is not None:
        moments.append(row.outcome.resolved_at)
    return min(moments, default=None)


def _closes(event: Event) -> bool:
    return any((value or "").strip().casefold() in _CLOSED for value in (event.before, event.after))


def _changed(ticket: Ticket, events: Sequence[Event], attributes: Collection[str]) -> Ticket:
    """The ticket after `events`, the oldest first."""
    fields: dict[str, Any] = {}
    values: dict[str, str | None] = dict(ticket.attributes)
    for event in events:
        name, value = event.field, event.after
        if name in _FIELDS:
            fields[name] = value or ("" if name in _TEXTS else None)
        elif name == "customer_tier":
            fields["customer"] = replace(ticket.customer, tier=value)
        elif name in values or name in attributes:
            values[name] = value
    known = {name: value for name, value in sorted(values.items()) if value is not None}
    return replace(ticket, attributes=known, **fields) if fields or known != ticket.attributes else ticket
