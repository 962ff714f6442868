"""Names predictions: 32 hexadecimal digits that sort by time and cannot be guessed.

48 bits of milliseconds since 1970 and 80 random bits, as RFC 9562 lays out UUID version 7, without its dashes and
version bits. Knows no clock: the time is an argument.
"""

import os
import re
from datetime import datetime

from desk.errors import JournalError

__all__ = ["is_prediction_id", "prediction_id"]

SHAPE = re.compile(r"[0-9a-f]{32}")


def prediction_id(at: datetime) -> str:
    """A new name. Those of one millisecond are in no order.

    Raises `JournalError` for a naive time and for one before 1970.
    """
    if at.tzinfo is None:
        raise JournalError(f"A prediction's time has a zone, not {at!r}; give it `datetime.now(UTC)`.")
    milliseconds = int(at.timestamp() * 1000)
    if milliseconds < 0:
        raise JournalError(f"A prediction's time is after 1970, not {at!r}; set the clock.")
    return f"{milliseconds:012x}{os.urandom(10).hex()}"


def is_prediction_id(text: str) -> bool:
    """Whether `text` could be one of our names."""
    return SHAPE.fullmatch(text) is not None
