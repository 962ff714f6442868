"""Draws tickets by lot: by a hash of the text, so that copies fall on one side, and nobody chooses; and names texts.

Knows not what is drawn for.
"""

from hashlib import blake2b
from typing import Final

from desk.ticket import Ticket

__all__ = ["is_drawn", "lot", "words_digest"]

_HASHES: Final = 2**64


def is_drawn(ticket: Ticket, share: float, purpose: str) -> bool:
    """Whether the ticket is among the `share` (0 to 1) that is drawn, by its subject and body, or else by its id.

    purpose: lots for one have nothing to do with those for another; at most 16 bytes in UTF-8.
    """
    return _number(ticket, purpose) < share * _HASHES


def lot(ticket: Ticket, parts: int, purpose: str) -> int:
    """Which of `parts` equal parts the ticket belongs to, from 0 on; purpose: as for `is_drawn`."""
    return _number(ticket, purpose) * parts // _HASHES


def _number(ticket: Ticket, purpose: str) -> int:
    return int.from_bytes(_digest(ticket, purpose, 8), "big")


def words_digest(ticket: Ticket) -> str:
    """A name for the ticket's subject and body, whatever their case and blanks; for its id where it has neither."""
    return _digest(ticket, "words", 16).hex()


def _digest(ticket: Ticket, purpose: str, size: int) -> bytes:
    words = " ".join(f"{ticket.subject} {ticket.body}".casefold().split())
    named = words or f"id {ticket.id}"
    return blake2b(named.encode("utf-8", "surrogatepass"), digest_size=size, person=purpose.encode()).digest()
