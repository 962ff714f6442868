"""The words of a ticket that are read: subject, body and what the requester wrote until now, in one text.

Knows neither tokens nor weights.
"""

import re
from collections.abc import Iterator
from typing import Final

from desk.ticket import Ticket

__all__ = ["own_words", "wording_of"]

_QUOTED: Final = re.compile(r"^[^\S\n]*>.*$", re.MULTILINE)
_EARLIER: Final = re.compile(r"^[ \t]*-{3,}[^-\n]+-{3,}[ \t]*\n\s*[^\W\d_][\w ]*:[ \t].*", re.MULTILINE | re.DOTALL)
"""A line such as "-----Original Message-----" with a header such as "From: …" below it, and all that follows."""


def wording_of(ticket: Ticket) -> str:
    """Subject, body, then messages and the text of attachments, a line each; empty where there is none."""
    return "\n".join(_parts(ticket))


def own_words(ticket: Ticket, wording: str) -> str:
    """`wording`, of `ticket`, without the mails that it quotes; a part that only quotes, as a forward, stays whole.

    Quotes are told by their form: lines that begin with ">" (RFC 3676), and whatever stands under the line and the
    header that mail programs put above an earlier mail.
    """
    if ">" not in wording and "---" not in wording:
        return wording
    return "\n".join(_own(part) for part in _parts(ticket))


def _own(part: str) -> str:
    own = _EARLIER.sub("", _QUOTED.sub("", part))
    return part if own.isspace() or not own else own


def _parts(ticket: Ticket) -> Iterator[str]:
    parts = [ticket.subject, ticket.body]
    parts += [message.text for message in ticket.messages]
    parts += [attachment.text for attachment in ticket.attachments if attachment.text]
    return (part for part in parts if part)
