"""What verdicts and outcomes share: how early they may be, a digest that names them, what they say as JSON.

What else they may hold is in `desk.feedback_bounds`. Knows neither of them, nor where they come from.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

import orjson

from desk.errors import FeedbackError

__all__ = ["AT_ONCE", "as_json", "check_age", "digest_of"]

AT_ONCE: Final = 500
"""Rows that are looked for or written in one statement."""

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Nothing was said before; not every database and time zone goes much further back."""


def check_age(at: datetime) -> None:
    """See that something may have been said at this time. Raises `FeedbackError`."""
    if at < EARLIEST:
        expected = "must not lie before 1970"
        raise FeedbackError(f"'at' {expected}, not {at.isoformat()}.", field="at", expected=expected)


def digest_of(at: datetime, *said: Any) -> str:
    """The name of what is said: of its time and its JSON values, whatever the order of their names."""
    spelt = orjson.dumps([at.astimezone(UTC), *said], option=orjson.OPT_SORT_KEYS)
    return blake2b(spelt, digest_size=16).hexdigest()


def as_json(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said in JSON values, times in RFC 3339 and UTC."""
    return {name: one.astimezone(UTC).isoformat() if isinstance(one, datetime) else one for name, one in said.items()}
