"""The canonical columns of a history table: their names, what kind of value each holds, which are outcomes.

Knows neither files nor how a value is parsed.
"""

import difflib
from collections.abc import Iterable
from typing import Final

__all__ = [
    "CANONICAL",
    "COUNT_COLUMNS",
    "LABEL_COLUMNS",
    "NESTED_COLUMNS",
    "OUTCOME_COLUMNS",
    "TIME_COLUMNS",
    "nearest",
]

CANONICAL: Final[dict[str, str]] = {
    "id": "id",
    "created_at": "time",
    "first_response_at": "time",
    "resolved_at": "time",
    "channel": "category",
    "language": "category",
    "region": "category",
    "subject": "text",
    "body": "text",
    "customer_id": "category",
    "customer_tier": "category",
    "product": "category",
    "tags": "tags",
    "queue": "label",
    "priority": "label",
    "escalated": "yes/no",
    "sla_breached": "yes/no",
    "reassignment_count": "count",
    "reopen_count": "count",
    "satisfaction": "number",
    "resolver": "category",
    "resolution": "text",
    "messages": "messages",
    "events": "events",
    "attachments": "attachments",
}
"""Every canonical column and the kind of its values; any other column of a file is an attribute."""

OUTCOME_COLUMNS: Final = frozenset({
    "first_response_at",
    "resolved_at",
    "queue",
    "priority",
    "escalated",
    "sla_breached",
    "reassignment_count",
    "reopen_count",
    "satisfaction",
    "resolver",
    "resolution",
    "events",
})  # fmt: skip
"""What only becomes known after the opening: never part of a ticket."""

LABEL_COLUMNS: Final = ("queue", "priority", "escalated", "sla_breached")
"""The columns that answer the four heads, in the heads' order."""

COUNT_COLUMNS: Final = ("reassignment_count", "reopen_count")
TIME_COLUMNS: Final = ("created_at", "first_response_at", "resolved_at")
NESTED_COLUMNS: Final = ("messages", "events", "attachments")


def nearest(name: str, valid: Iterable[str]) -> str:
    """Words that offer the valid name most like `name`: " Did you mean 'queue'?", or nothing where none is like it."""
    by_fold = {one.casefold(): one for one in valid}
    found = difflib.get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.6)
    return f" Did you mean {by_fold[found[0]]!r}?" if found else ""
