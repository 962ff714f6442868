"""The words of a ticket that are read: subject, body and what the requester wrote until now, in one text.

Knows neither tokens nor weights.
"""

from desk.ticket import Ticket

__all__ = ["wording_of"]


def wording_of(ticket: Ticket) -> str:
    """Subject, body, then messages and the text of attachments, a line each; empty where there is none."""
    parts = [ticket.subject, ticket.body]
    parts += [message.text for message in ticket.messages]
    parts += [attachment.text for attachment in ticket.attachments if attachment.text]
    return "\n".join(part for part in parts if part)
