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


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _customer(customer: Customer) -> dict[str, Any] | None:
    return _said({"id": customer.id, "tier": customer.tier}) or None


def _message(message: Message) -> dict[str, Any]:
    return {"at": message.at.isoformat(), "author": message.author, "text": message.text}


def _attachment(attachment: Attachment) -> dict[str, Any]:
    return _said({"name": attachment.name, "type": attachment.type, "text": attachment.text})


def ticket_in(whole: Mapping[str, Any]) -> Ticket:
    """The ticket that `ticket_json` wrote, as a journal keeps it.

    Raises `ValueError`, `TypeError` or `KeyError` where it is none.
    """
    created, customer = whole.get("created_at"), whole.get("customer") or {}
    return Ticket(
        id=str(whole["id"]),
        created_at=None if created is None else datetime.fromisoformat(created),
        subject=whole.get("subject") or "",
        body=whole.get("body") or "",
        channel=whole.get("channel"),
        language=whole.get("language"),
        region=whole.get("region"),
        customer=Customer(customer.get("id"), customer.get("tier")),
        product=whole.get("product"),
        tags=tuple(whole.get("tags") or ()),
        attributes=dict(whole.get("attributes") or {}),
        messages=tuple(
            Message(datetime.fromisoformat(one["at"]), one["author"], one["text"])
            for one in whole.get("messages") or ()
        ),
        attachments=tuple(
            Attachment(one["name"], one.get("type"), one.get("text")) for one in whole.get("attachments") or ()
        ),
    )
