"""What became of a ticket, and a ticket together with it: a row of history.

Knows no labels' rules and no files: `training` reads histories and applies the desk's label rule.
"""

from dataclasses import dataclass
from datetime import datetime

from desk.ticket import Message, Ticket

__all__ = ["Event", "Outcome", "ResolvedTicket"]


@dataclass(frozen=True, slots=True)
class Event:
    """A change to one field of a ticket, as the desk's system logged it."""

    at: datetime
    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a ticket. None means that the history does not say.

    `queue` and `priority` are the final ones. `satisfaction` is in the desk's own scale. Times are aware.
    """

    queue: str | None = None
    priority: str | None = None
    escalated: bool | None = None
    sla_breached: bool | None = None
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    reassignment_count: int | None = None
    reopen_count: int | None = None
    satisfaction: float | None = None
    resolver: str | None = None
    resolution: str | None = None
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class ResolvedTicket:
    """One row of history.

    `ticket` is what was known when it was opened. `thread` is every message that was ever written, for rolling the
    ticket forward to a later moment; nothing learns from it as it stands.
    """

    ticket: Ticket
    outcome: Outcome
    thread: tuple[Message, ...] = ()
