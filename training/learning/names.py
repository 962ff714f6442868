"""What a label's own name says: the first thing that is known of a queue, and all that is known of a new one.

Knows neither rows nor models.
"""

import re
from typing import Final

__all__ = ["spoken"]

_HUMPS: Final = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")
_MARKS: Final = re.compile(r"[\W_]+")
_WORD: Final = re.compile(r"[^\W\d_]{3}")


def spoken(label: str) -> str:
    """The words of a label: `card_arrival` is "card arrival"; empty where it holds none, as a code does."""
    words = _MARKS.sub(" ", _HUMPS.sub(" ", label)).strip()
    return words if _WORD.search(words) else ""
