"""A file's table before anything is made of it: named columns of text, in file order.

Says how a number, a truth value or a date becomes text, whatever reader found it. Knows no canonical columns.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from desk.errors import HistoryError

__all__ = ["Table", "Value", "readable", "text_of", "without_repeats"]

Value: TypeAlias = str | list[Any] | dict[str, Any] | None

WHOLE_BELOW = 2.0**53
"""Every whole number below this is exact as a float, so `3.0` may be written `3`."""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length. A value is text, None, or in JSON Lines and Parquet a list or an object.

    lines: the line of the file where each row starts, where the format has lines.
    """

    source: str
    columns: Mapping[str, Sequence[Value]]
    lines: Sequence[int] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.columns.values()), ()))

    def place(self, row: int) -> str:
        """Where the row with this index stands, in words: "row 3 (line 5)"; rows count from 1, the header is none."""
        return f"row {row + 1} (line {self.lines[row]})" if self.lines else f"row {row + 1}"


def text_of(value: Any) -> Value:
    """A reader's value as text: `1`, `1.0` and `"1"` are "1", True is "true", not-a-number is None.

    Lists and objects stay as they are.
    """
    match value:
        case None | str() | list() | dict():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _number(value)
        case Decimal():
            return _decimal(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return _number(value.total_seconds())
        case bytes():
            return value.decode("utf-8", "replace")
    return str(value)


def _number(value: float) -> str | None:
    if not math.isfinite(value):
        return None
    return str(int(value)) if value.is_integer() and abs(value) < WHOLE_BELOW else repr(value)


def _decimal(value: Decimal) -> str | None:
    if not value.is_finite():
        return None
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def readable(value: Any) -> Any:
    """The value without what no database or UTF-8 file takes: NUL becomes a space, half a surrogate pair U+FFFD."""
    match value:
        case str():
            whole = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            return whole.replace("\0", " ")
        case list():
            return [readable(one) for one in value]
        case dict():
            return {readable(name): readable(one) for name, one in value.items()}
    return value


def without_repeats(names: Sequence[str], source: str) -> None:
    """Raise `HistoryError` where a column's name stands twice."""
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise HistoryError(f"{source}: the column {twice[0]!r} stands there twice; rename or remove one of them.")


def json_text(value: list[Any] | dict[str, Any]) -> str:
    """A list or an object as compact JSON with sorted keys: how it looks where only text can stand."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
