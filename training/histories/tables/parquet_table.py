"""Parquet to a table: every value text, times in ISO 8601, lists and structs as lists and objects.

Knows no canonical columns.
"""

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from desk.errors import HistoryError
from training.histories.tables.table import Table, Value, readable, text_of, without_repeats

__all__ = ["read_parquet"]


def read_parquet(content: bytes, source: str) -> Table:
    """Read a Parquet file whole.

    Raises `HistoryError`: damaged, a name twice, no rows, or text that is not UTF-8.
    """
    try:
        frame = pq.ParquetFile(io.BytesIO(content)).read()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise HistoryError(f"{source} is damaged or no Parquet that can be read; export it again.") from error
    names = [name.strip() for name in frame.column_names]
    without_repeats(names, source)
    if not frame.num_rows:
        raise HistoryError(f"{source} holds no rows; expected one ticket a row.")
    columns = {name: _values(frame.column(index), name, source) for index, name in enumerate(names)}
    columns.pop("__index_level_0__", None)  # pandas' row counter
    return Table(source, _spread(columns, source))


def _values(column: pa.ChunkedArray, name: str, source: str) -> list[Value]:
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":  # Python's datetime ends at microseconds
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    try:
        values: list[Any] = column.to_pylist()
    except (UnicodeDecodeError, pa.ArrowException, ValueError, OverflowError) as error:
        raise HistoryError(
            f"{source}: the column {name!r} ({kind}) holds values that cannot be read as text; export it as text."
        ) from error
    if pa.types.is_map(kind):
        values = [None if value is None else dict(value) for value in values]
    return [readable(text_of(value)) for value in values]


def _spread(columns: dict[str, list[Value]], source: str) -> dict[str, list[Value]]:
    """`customer` and `attributes` as structs become columns of their own, as in the API's tickets."""
    spread: list[tuple[str, list[Value]]] = []
    for name, values in columns.items():
        if name not in ("customer", "attributes") or not any(isinstance(value, dict) for value in values):
            spread.append((name, values))
            continue
        objects = [value if isinstance(value, dict) else {} for value in values]
        prefix = "customer_" if name == "customer" else ""
        parts = dict.fromkeys(part for one in objects for part in one)
        spread += [(f"{prefix}{part}", [text_of(one.get(part)) for one in objects]) for part in parts]
    without_repeats([name for name, _ in spread], source)
    return dict(spread)
