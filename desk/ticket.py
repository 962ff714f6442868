"""A ticket: what a requester asks, as known at one moment.

Nothing in it is from that moment's future; what became of it is an `Outcome`. Knows neither where tickets come from
nor what is made of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

__all__ = ["Attachment", "Customer", "Message", "Ticket"]


@dataclass(frozen=True, slots=True)
class Customer:
    """Who asks. `tier` is what the customer pays for (standard, enterprise, vip), not a support level."""

    id: str | None = None
    tier: str | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return Customer, (self.id, self.tier)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the thread: when, by whom (`customer`, `agent` or `system`), and its text."""

    at: datetime
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with the ticket; `text` is what could be read out of it, if anything."""

    name: str
    type: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as known at one moment.

    `created_at` is aware, or None where the desk's export has no times. Absent text is the empty string, any other
    absent value None. `attributes` holds whatever else the desk knows, as text: `{"category": "58"}`.
    """

    id: str
    created_at: datetime | None = None
    subject: str = ""
    body: str = ""
    channel: str | None = None
    language: str | None = None
    region: str | None = None
    product: str | None = None
    customer: Customer = Customer()
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    messages: tuple[Message, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        """As a call: from process to process that costs half of what a frozen dataclass does by itself."""
        return Ticket, tuple(getattr(self, name) for name in self.__slots__)
