"""A table's columns with their values understood: times, labels, yes or no, counts, text.

Knows what each canonical column holds; makes no tickets of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from desk.errors import HistoryError
from training.histories.columns import CANONICAL, NESTED_COLUMNS, OUTCOME_COLUMNS, TIME_COLUMNS
from training.histories.dates import parse_times
from training.histories.mapping import Mapped
from training.histories.tables.table import Table
from training.histories.values import as_counts, as_numbers, as_tags, as_text, as_yes_no, without_zero_decimals

__all__ = ["TypedColumns", "typed_columns"]

TOO_MANY_UNREADABLE: Final = 0.5
"""Above this share of unreadable values a column is no column of times, and guessing on would hide a mistake."""


@dataclass(frozen=True, slots=True)
class TypedColumns:
    """Typed columns of equal length: `canonical` by canonical name, `attributes` by the file's name."""

    table: Table
    mapped: Mapped
    canonical: Mapping[str, Sequence[Any]]
    attributes: Mapping[str, Sequence[str | None]]
    notes: tuple[str, ...]

    def of(self, name: str, otherwise: Any = None) -> Sequence[Any]:
        """The canonical column, or as many times `otherwise` where the file has none."""
        return self.canonical[name] if name in self.canonical else [otherwise] * self.table.height


def typed_columns(table: Table, mapped: Mapped, *, is_history: bool) -> TypedColumns:
    """Understand every column; a file of tickets is read without its outcome columns.

    Raises `HistoryError` with column, value and row where a value is not of its column's kind.
    """
    notes = [*table.notes, *mapped.notes]
    times = [one for one in TIME_COLUMNS if one in mapped.canonical and (is_history or one == "created_at")]
    canonical: dict[str, Sequence[Any]] = {}
    canonical |= _times(times, table, mapped, notes)
    for one, name in mapped.canonical.items():
        kind = CANONICAL[one]
        if one not in OUTCOME_COLUMNS and kind != "time":
            canonical[one] = _opening(kind, table.columns[name])
        elif is_history and kind != "time":
            canonical[one] = _outcome(kind, name, table, notes)
    if "id" not in mapped.canonical:
        notes.append("no column 'id': the rows are numbered from 1")
    attributes = {name: as_text(table.columns[name]) for name in mapped.attributes}
    return TypedColumns(table, mapped, canonical, attributes, tuple(notes))


def _opening(kind: str, values: Sequence[Any]) -> Sequence[Any]:
    match kind:
        case "tags":
            return [as_tags(value) for value in values]
        case "messages" | "attachments":
            return values
    return as_text(values, stripped=kind != "text")


def _outcome(kind: str, name: str, table: Table, notes: list[str]) -> Sequence[Any]:
    if kind in NESTED_COLUMNS:
        return table.columns[name]
    texts = as_text(table.columns[name], stripped=kind != "text")
    match kind:
        case "label":
            return without_zero_decimals(texts)
        case "yes/no":
            return as_yes_no(texts, name, table)
        case "count":
            return as_counts(texts, name, table)
        case "number":
            numbers, bad = as_numbers(texts)
            notes += [f"{bad} values of {name!r} are no numbers and count as missing"] if bad else []
            return numbers
    return texts


def _times(
    wanted: Sequence[str], table: Table, mapped: Mapped, notes: list[str]
) -> Mapping[str, Sequence[datetime | None]]:
    texts = {one: as_text(table.columns[mapped.canonical[one]]) for one in wanted}
    found = parse_times(texts)
    for one, times in found.items():
        name, given = mapped.canonical[one], sum(text is not None for text in texts[one])
        if len(times.unreadable) > TOO_MANY_UNREADABLE * given:
            raise HistoryError(
                f"{table.source}: {len(times.unreadable)} of {given} values of {name!r} are no times, the first in "
                f"{table.place(times.unreadable[0])}; expected times such as 2026-11-21T10:02:00Z, or leave the column "
                f"out by [ignore] columns."
            )
        notes += [f"{name}: {note}" for note in times.notes]
    return {one: times.values for one, times in found.items()}
