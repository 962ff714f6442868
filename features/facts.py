"""What a ticket says outside its text: named values, calendar parts and numbers of the text's own shape.

Facts have names and plain values; how they become columns of a matrix is `features.columns`' business.
"""

import math
import re
from datetime import datetime
from typing import Final

from desk.ticket import Ticket
from features.wording import own_words

__all__ = ["CALENDAR", "MEASURES", "facts_of", "measures_of"]

CALENDAR: Final = ("hour", "weekday")
"""Names of parts of the time at which a ticket was opened: facts and measures both."""

MEASURES: Final = (
    *CALENDAR,
    "characters",
    "words",
    "digit share",
    "capital share",
    "question marks",
    "exclamation marks",
    "error signs",
    "messages",
    "attachments",
    "tags",
)
"""Names of the numbers that `measures_of` returns, in order."""

ATTRIBUTE: Final = "attributes."
_ERROR_WORDS: Final = ("error", "exception", "traceback", "fatal", "stack trace", "segfault")
_ERROR_CODE: Final = re.compile(r"\b(?:[A-Z]{2,}[-_]?\d{2,}|0x[0-9a-f]+|[45]\d\d)\b")
_DIGIT: Final = re.compile(r"\d")
_CAPITALS: Final = re.compile(r"[A-ZÀ-ÖØ-Þ]{4,}")
_MOST_READ: Final = 20_000  # measures of a longer text would say the same and cost more


def facts_of(ticket: Ticket) -> dict[str, str]:
    """Named values known at this moment; absent ones are left out. An attribute is named `attributes.<its name>`."""
    known = {
        "channel": ticket.channel,
        "language": ticket.language,
        "region": ticket.region,
        "product": ticket.product,
        "customer": ticket.customer.id,
        "customer tier": ticket.customer.tier,
    }
    facts = {name: value for name, value in known.items() if value}
    facts |= {f"{ATTRIBUTE}{name}": value for name, value in ticket.attributes.items() if value}
    facts |= {f"tag {tag}": "yes" for tag in ticket.tags}
    if ticket.created_at is not None:
        facts |= {"hour": str(ticket.created_at.hour), "weekday": str(ticket.created_at.weekday())}
    return facts


def measures_of(ticket: Ticket, wording: str) -> list[float]:
    """The numbers of `MEASURES`; hour and weekday (Monday is 0) are NaN where the ticket has no time.

    Spaces and lines count nothing, nor does what is quoted below: how a mail program fills a text says nothing of what
    its writer wants.
    """
    own = own_words(ticket, wording)
    text, rest = own[:_MOST_READ], own[_MOST_READ:]
    words = text.split()
    letters = sum(map(len, words))
    size = max(letters, 1)
    digits = len(_DIGIT.findall(text))
    return [
        *_calendar(ticket.created_at),
        float(letters + sum(map(len, rest.split()))),
        float(len(words)),
        digits / size,
        sum(map(len, _CAPITALS.findall(text))) / size,
        float(text.count("?")),
        float(text.count("!")),
        float(_error_signs(text, digits)),
        float(len(ticket.messages)),
        float(len(ticket.attachments)),
        float(len(ticket.tags)),
    ]


def _error_signs(text: str, digits: int) -> int:
    lower = text.lower()
    words = sum(lower.count(word) for word in _ERROR_WORDS)
    return words + len(_ERROR_CODE.findall(text)) if digits else words  # no code is without a digit, and many texts are


def _calendar(at: datetime | None) -> tuple[float, float]:
    return (math.nan, math.nan) if at is None else (float(at.hour), float(at.weekday()))
