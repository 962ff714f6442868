"""CSV to a table: the delimiter found, every value text, every row as long as the header.

Knows no canonical columns and parses no value.
"""

import csv
import io
import re
import sys
from typing import Final

from desk.errors import HistoryError
from training.histories.tables.table import Table, without_repeats

__all__ = ["read_csv"]

DELIMITERS: Final = (",", ";", "\t", "|")
LOOKED_AT: Final = 20
"""Records that decide which delimiter it is."""


def read_csv(text: str, source: str) -> Table:
    """Read CSV as spreadsheets and databases write it: quotes doubled, line breaks within quotes.

    Raises `HistoryError`: a quote never closed, a row shorter or longer than the header, a name twice or missing.
    """
    csv.field_size_limit(sys.maxsize)  # the csv module's own limit is 128 KB; a ticket may be longer
    told = re.match(r"sep=(.)\r?\n", text)
    delimiter = told.group(1) if told else _delimiter(text)
    body = text[told.end() :] if told else text
    notes: tuple[str, ...] = ()
    if "\0" in body:
        notes = ("NUL characters are read as spaces",)
        body = body.replace("\0", " ")
    rows, lines = _rows(body, delimiter, source, skipped=1 if told else 0)
    names, unnamed = _names(rows.pop(0), rows, source)
    if unnamed:
        notes = (*notes, "a column without a name that only counts the rows is left out")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
    columns.pop("", None)
    return Table(source, columns, lines[1:], notes)


def _delimiter(text: str) -> str:
    """The delimiter that splits most of the first records into most columns, all alike."""
    return max(DELIMITERS, key=lambda one: _columns_alike(text, one))


def _columns_alike(text: str, delimiter: str) -> tuple[int, int]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    widths = []
    for record in reader:
        widths += [len(record)] if record else []
        if len(widths) == LOOKED_AT:
            break
    wide = widths[0] if widths else 0
    return (sum(width == wide for width in widths) if wide > 1 else 0), wide


def _rows(text: str, delimiter: str, source: str, skipped: int) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    begins = 1 + skipped
    try:
        for row in reader:
            if any(row):  # spreadsheets end in rows of nothing but delimiters
                if rows and len(row) != len(rows[0]):
                    raise HistoryError(_ragged(source, begins, len(row), len(rows[0]), delimiter))
                rows.append(row)
                lines.append(begins)
            begins = reader.line_num + 1 + skipped
    except csv.Error as error:
        what = "a quote is opened and never closed" if "end of data" in str(error) else "a quote stands inside a value"
        raise HistoryError(
            f"{source}: {what} in the row that begins on line {begins}; write a quote within a value twice."
        ) from error
    if not rows:
        raise HistoryError(f"{source} holds no header; expected column names in the first line.")
    return rows, lines


def _ragged(source: str, line: int, width: int, expected: int, delimiter: str) -> str:
    return (
        f"{source}: line {line} has {width} values, the header {expected} (delimiter {delimiter!r}); "
        f"put values that hold the delimiter in double quotes."
    )


def _names(header: list[str], rows: list[list[str]], source: str) -> tuple[list[str], bool]:
    """The header's names, stripped; a leading row counter or trailing nothing may go without one."""
    names = [name.strip() for name in header]
    for index, name in enumerate(names):
        if not name and not _is_row_counter(index, rows):
            raise HistoryError(f"{source}: column {index + 1} has no name; name it in the first line or remove it.")
    without_repeats([name for name in names if name], source)
    return names, "" in names


def _is_row_counter(index: int, rows: list[list[str]]) -> bool:
    return all(row[index] == "" for row in rows) or all(row[index] == str(n) for n, row in enumerate(rows))
