"""One column under suspicion, seen as codes, numbers and times at once.

Knows values, no labels.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.histories.values import as_numbers
from training.leakage.moments import times_in
from training.leakage.names import Hint, hint_of
from training.leakage.suspects import Codes, factorized
from training.leakage.writing import reads_as_prose

__all__ = ["Suspect", "suspect_of"]

NUMERIC: Final = 0.95
"""Share of the values that must be numbers before a column counts as numeric."""

ROWS_PER_VALUE: Final = 3
"""Rows a value on average before values can be learned one by one."""

RUNNING_NUMBER: Final = re.compile(r"\d+$")
ROWS_PER_BIN: Final = 8
MOST_BINS: Final = 400
"""Numbers with more different values than this are cut into as many bins of equal size."""

FEW_VALUES: Final = 200
"""A column with more different values than this is also read by its characters, however short they are."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A column and its readings, one entry a row.

    codes: the values as whole numbers, 0 where missing; bins of numbers and stems of running numbers where nearly every
    row has its own value; None where that still does not repeat.
    reads: whether its words or characters can be read. distinct counts the values that are there.
    """

    name: str
    hint: Hint
    values: Sequence[str | None]
    filled: NDArray[np.bool_]
    distinct: int
    codes: Codes | None
    numbers: NDArray[np.float64] | None
    times: NDArray[np.float64] | None
    reads: bool


def suspect_of(name: str, values: Sequence[str | None]) -> Suspect:
    """See the column in every way that it allows."""
    codes = factorized(values) + 1
    filled = codes > 0
    distinct = int(codes.max(initial=0))
    times = times_in(values)
    numbers = None if times is not None else _numbers(values, int(filled.sum()))
    is_repeating = distinct * ROWS_PER_VALUE <= int(filled.sum())
    if numbers is None and times is None and not is_repeating:
        codes = factorized([_stem(value) for value in values]) + 1
        stems = int(codes.max(initial=0))
        is_repeating = stems * ROWS_PER_VALUE <= int(filled.sum())
        numbers = _running_numbers(values) if stems == 1 else None
    if numbers is not None and (distinct > MOST_BINS or not is_repeating):
        codes, is_repeating = _bins(numbers), True
    return Suspect(
        name=name,
        hint=hint_of(name),
        values=values,
        filled=filled,
        distinct=distinct,
        codes=codes if is_repeating else None,
        numbers=numbers,
        times=times,
        reads=numbers is None and times is None and (distinct > FEW_VALUES or _is_prose(values)),
    )


def _is_prose(values: Sequence[str | None]) -> bool:
    return reads_as_prose([value for value in dict.fromkeys(values) if value is not None])


def _stem(value: str | None) -> str | None:
    """A running number's text: `HW-` of HW-48213, which every such number shares."""
    return None if value is None else RUNNING_NUMBER.sub("", value)


def _running_numbers(values: Sequence[str | None]) -> NDArray[np.float64]:
    found = [None if value is None else RUNNING_NUMBER.search(value) for value in values]
    return np.array([np.nan if match is None else float(match[0]) for match in found])


def _numbers(values: Sequence[str | None], filled: int) -> NDArray[np.float64] | None:
    numbers, not_numbers = as_numbers(values)
    if not_numbers > (1 - NUMERIC) * filled:
        return None
    return np.array([np.nan if number is None else number for number in numbers])


def _bins(numbers: NDArray[np.float64]) -> Codes:
    """Bins of equally many rows, from 1; 0 where there is no number."""
    known = np.isfinite(numbers)
    count = int(np.clip(known.sum() // ROWS_PER_BIN, 2, MOST_BINS))
    edges = np.unique(np.quantile(numbers[known], np.linspace(0, 1, count + 1)[1:-1]))
    return np.where(known, np.searchsorted(edges, np.nan_to_num(numbers), side="right") + 1, 0)
