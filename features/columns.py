"""Named facts to columns: a column of its own for every frequent value, and one code a fact for trees.

Knows neither labels nor models; a value that it has not seen is no column at all.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

__all__ = ["Columns", "fit_columns"]

MISSING = ""
"""The value of a fact that a ticket does not have. It is a value like any other: what is left empty says something."""

_NUMBER_SHARE = 0.98  # of a fact's values must read as numbers before it is used as one


@dataclass(frozen=True)
class Columns:
    """values: fact -> its values, the most frequent first. numbers: the facts that are also quantities."""

    values: Mapping[str, tuple[str, ...]]
    numbers: tuple[str, ...]

    @cached_property
    def _places(self) -> list[tuple[str, dict[str, int]]]:
        places, start = [], 0
        for fact, values in self.values.items():
            places.append((fact, {value: start + code for code, value in enumerate(values)}))
            start += len(values)
        return places

    def __len__(self) -> int:
        return sum(map(len, self.values.values()))

    def read(self, facts: Mapping[str, str]) -> tuple[list[int], list[float]]:
        """The columns, ascending, that are one for these facts, all others being nought; and their codes, for trees.

        The codes are per fact its value's (0 is the most frequent), NaN where unseen; then the quantities.
        """
        known, codes = [], []
        start = 0
        for fact, places in self._places:
            place = places.get(facts.get(fact, MISSING))
            if place is None:
                codes.append(math.nan)
            else:
                known.append(place)
                codes.append(float(place - start))
            start += len(places)
        return known, codes + [number_or_nan(facts.get(fact, MISSING)) for fact in self.numbers]

    @property
    def code_names(self) -> list[str]:
        """Names of the codes that `read` returns, in order."""
        return [*self.values, *(f"{fact} (number)" for fact in self.numbers)]

    @cached_property
    def _facts(self) -> list[str]:
        return [fact for fact, values in self.values.items() for _ in values]

    def fact_of(self, place: int) -> str:
        """The fact that a column is of."""
        return self._facts[place]

    def name_of(self, place: int) -> tuple[str, str]:
        """The fact and value of a column."""
        for fact, values in self.values.items():
            if place < len(values):
                return fact, values[place]
            place -= len(values)
        raise IndexError(place)


def fit_columns(rows: Sequence[Mapping[str, str]], *, least_tickets: int, most_values: int) -> Columns:
    """Columns for the values that stand in at least `least_tickets` of `rows`, at most `most_values` a fact.

    A fact with a single value teaches nothing and gets no column.
    """
    counts: dict[str, Counter[str]] = {}
    for facts in rows:
        for fact, value in facts.items():
            counts.setdefault(fact, Counter())[value] += 1
    values = {}
    for fact in sorted(counts):
        counts[fact][MISSING] += len(rows) - counts[fact].total()
        kept = [value for value, count in _by_frequency(counts[fact]) if count >= least_tickets][:most_values]
        if len(kept) > 1 or (kept and len(counts[fact]) > 2):  # the second: one frequent value among many rare ones
            values[fact] = tuple(kept)
    return Columns(values, tuple(fact for fact in sorted(counts) if _is_quantity(counts[fact])))


def number_or_nan(value: str) -> float:
    """The number that `value` reads as; NaN where it is none, or not finite."""
    try:
        number = float(value)
    except ValueError:
        return float("nan")
    return number if abs(number) < float("inf") else float("nan")


def _by_frequency(counter: Counter[str]) -> Iterable[tuple[str, int]]:
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))


def _is_quantity(counter: Counter[str]) -> bool:
    """Whether a fact is an amount rather than a code: nearly all numbers, of many values, not all whole."""
    present = {value: count for value, count in counter.items() if value != MISSING}
    numeric = {value: count for value, count in present.items() if number_or_nan(value) == number_or_nan(value)}
    if len(numeric) < 10 or sum(numeric.values()) < _NUMBER_SHARE * sum(present.values()):
        return False
    return any(not float(value).is_integer() for value in numeric)
