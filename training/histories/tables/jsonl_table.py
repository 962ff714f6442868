"""JSON Lines to a table: an object a line, names in the order in which they first appear.

Knows no canonical columns, except that `customer` and `attributes` may be objects, as in the API's own tickets.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import orjson

from desk.errors import HistoryError
from training.histories.tables.table import Table, Value, readable, text_of, without_repeats

__all__ = ["flattened", "read_jsonl", "table_of"]

LONG_NUMBER: Final = re.compile(r"\d{19}")
_DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")
DEEPEST: Final = 20
"""Lists and objects within each other: the messages of a ticket need two."""

CHECKED_FOR_REPEATS: Final = 100
"""Lines whose names are checked for repeats: a writer that repeats a name does so in every line."""


def read_jsonl(text: str, source: str) -> Table:
    """Read JSON Lines; numbers become text, NaN and Infinity are missing.

    Raises `HistoryError`: a line that is no JSON object, or a name twice in an object.
    """
    records: list[dict[str, Any]] = []
    lines: list[int] = []
    # Of the whole file at once and as bytes: looking in each line takes longer than parsing it.
    is_long = b"0" * 19 in text.encode("utf-8", "surrogatepass").translate(_DIGITS)
    # Only "\n" ends a line: U+2028 and its like may stand inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            records.append(_record(line, number, source, check=len(records) < CHECKED_FOR_REPEATS, is_long=is_long))
            lines.append(number)
    odd = any(one in text for one in ("\\u0000", "\\ud", "\\uD", "\0"))
    if not odd:
        return table_of(records, source, lines)
    clean = [readable(record) for record in records]
    notes = ("NUL characters are read as spaces, broken surrogates as U+FFFD",) if clean != records else ()
    return table_of(clean, source, lines, notes)


def _record(line: str, number: int, source: str, *, check: bool, is_long: bool) -> dict[str, Any]:
    try:
        if check:
            without_repeats(_names(line), f"{source}, line {number}")
        # orjson makes a float of a whole number beyond 64 bits, and ids may be that long.
        lenient = is_long and LONG_NUMBER.search(line) is not None
        value = _leniently(line, number, source) if lenient else orjson.loads(line)
    except (ValueError, RecursionError):
        value = _leniently(line, number, source)  # NaN and half surrogates, which orjson refuses
    if isinstance(value, list) and number == 1:
        raise HistoryError(
            f"{source} is a JSON array; expected JSON Lines, one object a line: `jq -c '.[]'` converts it."
        )
    if not isinstance(value, dict):
        raise HistoryError(
            f"{source}: line {number} holds a {type(value).__name__}; expected an object, a ticket a line."
        )
    # With so few brackets it cannot be deep, and is not walked through.
    if line.count("{") + line.count("[") > DEEPEST and not _is_flat(value, DEEPEST + 1):
        raise HistoryError(f"{source}: line {number} is nested too deeply; a ticket is a flat object.")
    return value


def _is_flat(value: list[Any] | dict[str, Any], levels: int) -> bool:
    if not levels:
        return False
    for one in value.values() if isinstance(value, dict) else value:
        if isinstance(one, list | dict) and not _is_flat(one, levels - 1):
            return False
    return True


def _names(line: str) -> list[str]:
    """The names of the outermost object, repeats and all."""
    pairs: list[tuple[str, Any]] = []

    def keep(found: list[tuple[str, Any]]) -> dict[str, Any]:
        pairs[:] = found  # objects close from the inside out: the outermost comes last
        return dict(found)

    json.loads(line, object_pairs_hook=keep)
    return [name for name, _ in pairs]


def _leniently(line: str, number: int, source: str) -> Any:
    try:
        return json.loads(line)
    except RecursionError as error:
        raise HistoryError(f"{source}: line {number} is nested too deeply; a ticket is a flat object.") from error
    except ValueError as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else "a number too long"
        raise HistoryError(
            f"{source}: line {number} is not JSON ({why}); expected one object a line, without line breaks inside."
        ) from error


def table_of(
    records: list[dict[str, Any]], source: str, lines: list[int] | None = None, notes: tuple[str, ...] = ()
) -> Table:
    """Objects as a table: a name that an object lacks is missing there.

    Raises `HistoryError` where there are no records, or an object of the API's shape names a column twice.
    """
    if not records:
        raise HistoryError(f"{source} holds no rows; expected one ticket a line.")
    flat = [_flat(record, source, number) for number, record in enumerate(records, start=1)]
    names: dict[str, None] = {}
    for record in flat:
        if not record.keys() <= names.keys():
            names |= dict.fromkeys(record)
    rows = [list(map(record.get, names)) for record in flat]
    values = zip(*rows, strict=True) if names else ()
    columns = {name.strip(): _texts(column) for name, column in zip(names, values, strict=True)}
    if len(columns) < len(names):
        without_repeats([name.strip() for name in names], source)
    return Table(source, columns, lines or (), notes)


def _texts(values: Iterable[Any]) -> list[Value]:
    return [value if value is None or value.__class__ is str else text_of(value) for value in values]


def _flat(record: dict[str, Any], source: str, number: int) -> dict[str, Any]:
    if not isinstance(record.get("customer"), dict) and not isinstance(record.get("attributes"), dict):
        return record
    flat: dict[str, Any] = {}
    count = 0
    for name, value in record.items():
        if value.__class__ is dict:
            part = _part(name, value)
            flat |= part
            count += len(part)
        else:
            flat[name] = value
            count += 1
    if len(flat) < count:
        without_repeats([name for name, _ in flattened(record)], f"{source}, row {number}")
    return flat


def flattened(record: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The API's shape of a ticket as columns: `customer.tier` is `customer_tier`, an attribute stands by itself."""
    for name, value in record.items():
        yield from _part(name, value).items()


def _part(name: str, value: Any) -> dict[str, Any]:
    if name == "attributes" and isinstance(value, dict):
        return value
    if name == "customer" and isinstance(value, dict):
        return {f"customer_{part}": one for part, one in value.items()}
    return {name: value}
