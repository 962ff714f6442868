"""The ticket in the API's own form, ready for JSON: what the journal keeps, and what can be scored again.

Fields that say nothing are left out. Knows neither journal nor HTTP.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from desk.ticket import Attachment, Customer, Message, Ticket

__all__ = ["ticket_in", "ticket_json"]


def ticket_json(ticket: Ticket) -> dict[str, Any]:
    """A JSON object that `serving.ticket_body.TicketBody` reads back as the same ticket."""
    whole: dict[str, Any] = {
        "id": ticket.id,
        "created_at": ticket.created_at.isoformat() if ticket.created_at else None,
        "channel": ticket.channel,
        # Kept when empty: a ticket needs one of subject, body and attributes, and an empty one had one.
        "subject": ticket.subject,
        "body": ticket.body or None,
        "language": ticket.language,
        "region": ticket.region,
        "customer": _customer(ticket.customer),
        "product": ticket.product,
        "tags": list(ticket.tags) or None,
        "attributes": dict(ticket.attributes) or None,
        "attachments": [_attachment(one) for one in ticket.attachments] or None,
        "messages": [_message(one) for one in ticket.messages] or None,
    }
    return _said(whole)


def ticket_in(kept: Mapping[str, Any]) -> Ticket:
    """The ticket that `ticket_json` made this object of.

    Raises KeyError, TypeError or ValueError for any other object: what comes from outside is not for here.
    """
    at = kept.get("created_at")
    return Ticket(
        id=str(kept["id"]),
        created_at=None if at is None else datetime.fromisoformat(at),
        subject=kept.get("subject") or "",
        body=kept.get("body") or "",
        channel=kept.get("channel"),
        language=kept.get("language"),
        region=kept.get("region"),
        product=kept.get("product"),
        customer=Customer(**(kept.get("customer") or {})),
        tags=tuple(kept.get("tags") or ()),
        attributes=dict(kept.get("attributes") or {}),
        messages=tuple(
            Message(datetime.fromisoformat(one["at"]), one["author"], one["text"]) for one in kept.get("messages") or ()
        ),
        attachments=tuple(Attachment(**one) for one in kept.get("attachments") or ()),
    )


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _customer(customer: Customer) -> dict[str, Any] | None:
    return _said({"id": customer.id, "tier": customer.tier}) or None


def _message(message: Message) -> dict[str, Any]:
    return {"at": message.at.isoformat(), "author": message.author, "text": message.text}


def _attachment(attachment: Attachment) -> dict[str, Any]:
    return _said({"name": attachment.name, "type": attachment.type, "text": attachment.text})
