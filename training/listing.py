"""Suspect labels as the journal keeps them: with what whoever decides on them has to see of their tickets.

Knows neither how labels come to be suspect nor how they are shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

from desk.outcome import ResolvedTicket
from desk.ticket import Ticket
from journal.suspects import SuspectLabel
from training.evidence.suspects import Suspect
from training.lots import words_digest

__all__ = ["LONGEST_BODY", "listed_suspects"]

LONGEST_BODY: Final = 2_000
"""Characters of a ticket's text: enough to tell where it belongs."""

_LONGEST_LINE: Final = 300


def listed_suspects(found: Sequence[Suspect], rows: Iterable[ResolvedTicket]) -> list[SuspectLabel]:
    """The suspects, each with its ticket's customer, time and text. rows: those in which they were found."""
    names = {one.ticket_id for one in found}
    tickets = {row.ticket.id: row.ticket for row in rows if row.ticket.id in names}
    return [_listed(one, tickets[one.ticket_id]) for one in found]


def _listed(one: Suspect, ticket: Ticket) -> SuspectLabel:
    return SuspectLabel(
        **asdict(one),
        customer_id=ticket.customer.id,
        opened_at=ticket.created_at,
        words=words_digest(ticket),
        shown=_shown(ticket),
    )


def _shown(ticket: Ticket) -> dict[str, Any]:
    """What it says, in the names that a ticket's JSON has; what is not there is left out."""
    body = ticket.body or (ticket.messages[0].text if ticket.messages else "")
    is_long = len(body) > LONGEST_BODY
    told = {
        "subject": ticket.subject[:_LONGEST_LINE],
        "body": f"{body[:LONGEST_BODY]}…" if is_long else body,
        **{name: getattr(ticket, name) for name in ("language", "channel", "product")},
    }
    return {name: value if name == "body" else value[:_LONGEST_LINE] for name, value in told.items() if value}
