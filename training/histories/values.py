"""What a column's text means: missing, yes or no, a count, a number, tags.

Knows no files and no tickets; an error is raised with the place that the caller names.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from desk.errors import HistoryError
from desk.missing import meaning
from training.histories.tables.table import Table, Value, json_text, text_of

__all__ = ["COUNTS", "YES_NO", "as_counts", "as_numbers", "as_tags", "as_text", "as_yes_no", "count_of", "cut"]
__all__ += ["number_of", "without_zero_decimals", "yes_no_of"]

T = TypeVar("T")

YES: Final = frozenset({"true", "yes", "1", "t"})
NO: Final = frozenset({"false", "no", "0", "f"})

YES_NO: Final = "true/false, yes/no, 1/0 or t/f"
COUNTS: Final = "a whole number from 0"
"""What a column of these kinds holds, in words for an error."""


def as_text(values: Sequence[Value], *, stripped: bool = True) -> list[str | None]:
    """Each value as text, None where missing; lists and objects become compact JSON.

    `stripped` takes white space off both ends: wanted for labels and categories, not for what a requester wrote.
    """
    known = _Known(stripped)
    try:
        return list(map(known.__getitem__, values))
    except TypeError:  # no dictionary has a list or an object for a key
        texts = (json_text(value) if isinstance(value, list | dict) else value for value in values)
        return list(map(known.__getitem__, texts))


class _Known(dict[Any, str | None]):
    """What the values of one column mean, each looked at once."""

    def __init__(self, stripped: bool) -> None:
        super().__init__({None: None})
        self._stripped = stripped

    def __missing__(self, value: str) -> str | None:
        bare = meaning(value)
        self[value] = found = bare if bare is None or self._stripped else value
        return found


def without_zero_decimals(values: list[str | None]) -> list[str | None]:
    """Labels 1.0, 2.0, … as 1, 2, …: what a reader made of whole numbers with gaps; any other column as it is."""
    if not all(value is None or _is_whole(value) for value in values):
        return values
    return [value.split(".")[0] if value else value for value in values]


def _is_whole(value: str) -> bool:
    whole, point, decimals = value.removeprefix("-").partition(".")
    return whole.isdigit() and whole.isascii() and (not point or (decimals != "" and set(decimals) == {"0"}))


def as_yes_no(values: Sequence[str | None], name: str, table: Table) -> list[bool | None]:
    """Truth values; raises `HistoryError` with column, value and row where one is neither yes nor no."""
    return _each(values, yes_no_of, YES_NO, name, table)


def as_counts(values: Sequence[str | None], name: str, table: Table) -> list[int | None]:
    """Whole numbers from 0; raises `HistoryError` with column, value and row where one is none."""
    return _each(values, count_of, COUNTS, name, table)


def as_numbers(values: Sequence[str | None]) -> tuple[list[float | None], int]:
    """Numbers, a comma allowed as the decimal mark, and how many values are none (those are None)."""
    numbers = [None if value is None else number_of(value) for value in values]
    return numbers, sum(number is None and value is not None for number, value in zip(numbers, values, strict=True))


def as_tags(value: Value) -> tuple[str, ...]:
    """Tags from a list, or from text that separates them by comma, semicolon or bar."""
    if isinstance(value, str):
        text = value.replace(";", ",").replace("|", ",")
        given = text.split(",")
    else:
        given = [str(text_of(one)) for one in value if one is not None] if isinstance(value, list) else []
    return tuple(tag for one in given if (tag := meaning(one)) is not None)


def cut(value: object) -> str:
    """A value as an error may show it: quoted, and too short to hold a ticket's text."""
    shown = value if isinstance(value, str) else str(value)
    return repr(shown if len(shown) <= 24 else f"{shown[:20]}…")


def _each(
    values: Sequence[str | None], read: Callable[[str], T | None], expected: str, name: str, table: Table
) -> list[T | None]:
    known: dict[str, T | None] = {}
    for row, value in enumerate(values):
        if value is not None and value not in known:
            known[value] = read(value)
            if known[value] is None:
                raise HistoryError(
                    f"{table.source}: {name!r} in {table.place(row)} is {cut(value)}; expected {expected}."
                )
    return [None if value is None else known[value] for value in values]


def yes_no_of(value: str) -> bool | None:
    """What a text says of a truth value; None where it is neither yes nor no."""
    folded = _bare_number(value).casefold()
    return True if folded in YES else False if folded in NO else None


def count_of(value: str) -> int | None:
    """The whole number from 0 that a text is; None where it is none."""
    bare = _bare_number(value)
    return int(bare) if bare.isdigit() and bare.isascii() and len(bare) < 10 else None


def _bare_number(value: str) -> str:
    return value.split(".")[0] if _is_whole(value) else value


def number_of(value: str) -> float | None:
    """The number that a text is, a comma allowed as the decimal mark; None where it is none."""
    try:
        number = float(value.replace(",", ".") if "_" not in value else "no")
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None
