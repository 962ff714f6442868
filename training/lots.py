"""Draws tickets by lot: by a hash of the text, so that copies fall on one side, and nobody chooses.

Knows not what is drawn for.
"""

from hashlib import blake2b
from typing import Final

from desk.ticket import Ticket

__all__ = ["is_drawn"]

_HASHES: Final = 2**64


def is_drawn(ticket: Ticket, share: float, purpose: str) -> bool:
    """Whether the ticket is among the `share` (0 to 1) that is drawn, by its subject and body, or else by its id.

    purpose: lots for one have nothing to do with those for another; at most 16 bytes in UTF-8.
    """
    words = " ".join(f"{ticket.subject} {ticket.body}".casefold().split())
    named = words or f"id {ticket.id}"
    digest = blake2b(named.encode("utf-8", "surrogatepass"), digest_size=8, person=purpose.encode()).digest()
    return int.from_bytes(digest, "big") < share * _HASHES
