"""Column types that mean the same on SQLite and PostgreSQL: moments and JSON documents.

Knows no table.
"""

from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

from desk.errors import JournalError

__all__ = ["Document", "Moment"]


class Moment(TypeDecorator[datetime]):
    """A moment: aware on the way in, aware and in UTC on the way out; a naive one is refused with `JournalError`."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC. SQLite has no zones: it gets the bare UTC time."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise JournalError(f"The journal keeps times with a zone, not {value!r}; give it `datetime.now(UTC)`.")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Back to an aware time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Document(TypeDecorator[Any]):
    """A JSON value, kept as text.

    Not PostgreSQL's jsonb: that refuses the NUL that a ticket's text may hold and rewrites numbers, and a prediction
    must come back as it went in, to the bit. Cast with `::json` to look inside.
    """

    impl = Text
    cache_ok = True

    def __init__(self, *, or_empty: bool = False) -> None:
        super().__init__()
        self.or_empty = or_empty

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy names it
        """To JSON text; None is JSON's null, or SQL's where the column may be empty (`or_empty`)."""
        if value is None and self.or_empty:
            return None
        try:
            return orjson.dumps(value).decode()
        except TypeError:
            raise JournalError(
                f"The journal keeps JSON values; a {type(value).__name__} holds something else."
            ) from None

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy names it
        """Back to the value."""
        return None if value is None else orjson.loads(value)
