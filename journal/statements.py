"""What verdicts and outcomes share: bounds of their fields and times, a digest that names them, what is said again.

Knows neither of them, nor where they come from.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

import orjson

__all__ = ["AT_ONCE", "LARGEST_COUNT", "LARGEST_SATISFACTION", "LONGEST_COMMENT", "LONGEST_NAME", "digest_of"]
__all__ += ["as_json", "trouble_with"]

AT_ONCE: Final = 500
"""Rows that are looked for or written in one statement."""

LONGEST_NAME: Final = 256
"""Characters of an id, a label, a person's name."""
LONGEST_COMMENT: Final = 10_000
LARGEST_COUNT: Final = 999_999_999
LARGEST_SATISFACTION: Final = 1_000_000_000

AHEAD: Final = timedelta(minutes=5)
"""By which another clock may be ahead of ours."""
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Nothing was said before; not every database and time zone goes much further back."""


def trouble_with(at: datetime, now: datetime) -> str | None:
    """Why nobody can have said anything at this time, in words that follow a field's name; None where somebody can."""
    if at < EARLIEST:
        return "must not lie before 1970"
    return "must not lie in the future" if at > now + AHEAD else None


def digest_of(at: datetime, *said: Any) -> str:
    """The name of what is said: of its time and its JSON values, whatever the order of their names."""
    spelt = orjson.dumps([at.astimezone(UTC), *said], option=orjson.OPT_SORT_KEYS)
    return blake2b(spelt, digest_size=16).hexdigest()


def as_json(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said in JSON values, times in RFC 3339 and UTC."""
    return {name: one.astimezone(UTC).isoformat() if isinstance(one, datetime) else one for name, one in said.items()}
