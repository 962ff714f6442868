"""Tickets that are kept from automation by chance, so that what it is worth is measured on tickets it never touched.

Who is kept follows from the ticket's id alone, so that scoring it again, anywhere, decides the same. Knows no modes and
no journal, and keeps no list.
"""

from hashlib import blake2b
from typing import Any, Final

from desk.errors import SettingError

__all__ = ["HOLDBACK", "HOLDBACK_SETTING", "is_held_back", "read_holdback"]

HOLDBACK_SETTING: Final = "holdback"
HOLDBACK: Final = 0.03
"""The share that is kept unless the setting says otherwise."""

_MOST: Final = 0.5
_HASHES: Final = 2**64


def read_holdback(value: Any) -> float:
    """The share of tickets that is kept from automation. Raises `SettingError`."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MOST:
        return float(value)
    expected = f"must be a number from 0 to {_MOST:g}"
    raise SettingError(f"{HOLDBACK_SETTING!r} {expected}, not {value!r}.", expected=expected)


def is_held_back(ticket_id: str, share: float) -> bool:
    """Whether the ticket is one of the `share` (0 to 1) that is kept from automation.

    A greater share keeps whoever a smaller one does. Whoever chooses a ticket's id chooses this too: it is no secret.
    """
    digest = blake2b(ticket_id.encode("utf-8", "surrogatepass"), digest_size=8, person=b"holdback").digest()
    return int.from_bytes(digest, "big") < share * _HASHES
