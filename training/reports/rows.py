"""A file's rows, each with its values by name or with the reason why it cannot be used.

Columns are found by name, in any case and with spaces or dashes for underscores; what else a file has is left out and
named. Knows neither verdicts nor outcomes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from desk.errors import FeedbackError, HistoryError
from training.histories.dates import Times, parse_times
from training.histories.mapping import listed
from training.histories.tables.file_table import read_table
from training.histories.tables.table import Table, Value
from training.histories.values import (
    COUNTS,
    YES_NO,
    as_text,
    count_of,
    cut,
    number_of,
    without_zero_decimals,
    yes_no_of,
)

__all__ = ["FileRows", "RefusedRow", "Row", "read_rows"]

Read = TypeVar("Read")
Found = TypeVar("Found")

TIMES: Final = "a time such as 2026-11-21T10:02:00Z"


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be used. row: from 1, the header is none. line: where it begins, if the format has lines."""

    row: int
    line: int | None
    why: str
    values: Mapping[str, Value]

    def to_json(self) -> dict[str, Any]:
        """As it is written beside the file."""
        return {"row": self.row, "line": self.line, "why": self.why, "values": dict(self.values)}


@dataclass(frozen=True, slots=True)
class FileRows(Generic[Read]):
    """What a file's rows say, each with its place from 0; those that say nothing usable; what reading did, in words."""

    table: Table
    good: tuple[tuple[int, Read], ...]
    refused: tuple[RefusedRow, ...]
    notes: tuple[str, ...]

    def refuse(self, place: int, why: str) -> RefusedRow:
        """The row at this place with the reason why it cannot be used after all."""
        return _refused(self.table, place, why)


@dataclass(frozen=True, slots=True)
class Row:
    """One row's values by canonical name: each None where the file says nothing.

    What asks for one raises `HistoryError` where the file says something else.
    """

    place: int
    texts: Mapping[str, Sequence[str | None]]
    times: Mapping[str, Times]

    def text(self, name: str) -> str | None:
        """Text as it stands there."""
        return self.texts[name][self.place] if name in self.texts else None

    def needed(self, name: str) -> str:
        """Text that must be there."""
        value = self.text(name)
        if value is None:
            raise HistoryError(f"{name!r} is missing; every row needs one.")
        return value

    def time(self, name: str) -> datetime | None:
        """A time, aware."""
        value = self.text(name)
        found = self.times[name].values[self.place] if name in self.times else None
        if value is not None and found is None:
            raise HistoryError(f"{name!r} is {cut(value)}; expected {TIMES}.")
        return found

    def yes_no(self, name: str) -> bool | None:
        """A truth value."""
        return self._understood(name, yes_no_of, YES_NO)

    def count(self, name: str) -> int | None:
        """A whole number from 0."""
        return self._understood(name, count_of, COUNTS)

    def number(self, name: str) -> float | None:
        """A number."""
        return self._understood(name, number_of, "a number")

    def _understood(self, name: str, read: Callable[[str], Found | None], expected: str) -> Found | None:
        value = self.text(name)
        found = None if value is None else read(value)
        if value is not None and found is None:
            raise HistoryError(f"{name!r} is {cut(value)}; expected {expected}.")
        return found


def read_rows(
    path: Path, kinds: Mapping[str, str], aliases: Mapping[str, str], read: Callable[[Row], Read]
) -> FileRows[Read]:
    """Read a CSV, JSON Lines or Parquet file, gzipped or not, each row by `read`, which may raise `FeedbackError` too.

    kinds: of value by canonical column, as `training.histories.columns` has them. aliases: canonical columns by other
    names that they may go by. Raises `HistoryError` where the file itself cannot be read.
    """
    table = read_table(path)
    names = _canonical(table, kinds, aliases)
    texts = {one: _texts(table.columns[name], kinds[one]) for one, name in names.items()}
    times = parse_times({one: texts[one] for one in names if kinds[one] == "time"})
    good: list[tuple[int, Read]] = []
    refused: list[RefusedRow] = []
    for place in range(table.height):
        try:
            good.append((place, read(Row(place, texts, times))))
        except (HistoryError, FeedbackError) as error:
            refused.append(_refused(table, place, str(error)))
    return FileRows(table, tuple(good), tuple(refused), (*table.notes, *_notes(table, names, times)))


def _canonical(table: Table, kinds: Mapping[str, str], aliases: Mapping[str, str]) -> dict[str, str]:
    """The file's name of each canonical column that it has; its own name goes before an alias."""
    found: dict[str, str] = {}
    by_spelling = {name.casefold().replace(" ", "_").replace("-", "_"): name for name in table.columns}
    for one in (*kinds, *aliases):
        if one in table.columns or one in by_spelling:
            found.setdefault(aliases.get(one, one), one if one in table.columns else by_spelling[one])
    return found


def _texts(values: Sequence[Value], kind: str) -> list[str | None]:
    texts = as_text(values, stripped=kind != "text")
    return without_zero_decimals(texts) if kind == "label" else texts


def _notes(table: Table, names: Mapping[str, str], times: Mapping[str, Times]) -> Iterator[str]:
    left = [name for name in table.columns if name not in names.values()]
    if left:
        yield f"left out, since nothing is made of them: {listed(left)}"
    for one, found in times.items():
        yield from (f"{names[one]}: {note}" for note in found.notes if "are no times" not in note)


def _refused(table: Table, place: int, why: str) -> RefusedRow:
    line = table.lines[place] if table.lines else None
    return RefusedRow(place + 1, line, why, {name: column[place] for name, column in table.columns.items()})
