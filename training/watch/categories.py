"""Facts and numbers of tickets as a few categories each, chosen on the reference and the same for what comes later.

Rare values are pooled, numbers are cut at the reference's quantiles, what is absent is a category of its own. Knows no
tests.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cutting", "Value", "cut_of"]

Value = str | float | None

ABSENT: Final = "(absent)"
OTHER: Final = "(other)"
_MOST: Final = 10
_NUMBERS_FROM: Final = 12
"""Distinct values from which on a fact whose values are all numbers is cut as numbers are."""


@dataclass(frozen=True, slots=True)
class Cutting:
    """names: of the categories, in their order. edges: of numbers, ascending; empty for values that are names."""

    names: tuple[str, ...]
    edges: tuple[float, ...] = ()
    places: dict[str, int] | None = None

    def codes(self, values: Sequence[Value]) -> NDArray[np.int64]:
        """The category of each value, shape (values,)."""
        return np.array([self._code(value) for value in values], dtype=np.int64)

    def _code(self, value: Value) -> int:
        if self.places is not None:
            return self.places.get(ABSENT if value is None else str(value), len(self.names) - 1)
        number = _number(value)
        return len(self.names) - 1 if number is None else int(np.searchsorted(self.edges, number, side="right"))


def cut_of(values: Sequence[Value], recent: int, least: float = 5.0) -> Cutting:
    """The categories for a reference's values.

    recent: rows of which at least `least` are expected in a category, so that its count can be told from chance.
    """
    there = [value for value in values if value is not None]
    numbers = [number for value in there if (number := _number(value)) is not None]
    if (
        numbers
        and len(numbers) == len(there)
        and (any(isinstance(value, float) for value in there) or len(set(numbers)) >= _NUMBERS_FROM)
    ):
        return _numeric(numbers, recent, least)
    counts = Counter(ABSENT if value is None else str(value) for value in values)
    kept = [name for name, count in counts.most_common(_MOST) if count * recent >= least * len(values)]
    names = (*kept, OTHER)
    return Cutting(names, places={name: place for place, name in enumerate(kept)})


def _numeric(numbers: Sequence[float], recent: int, least: float) -> Cutting:
    parts = int(min(_MOST, max(recent / least, 2)))
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, parts + 1)[1:-1], method="higher"))
    edges = edges[edges > min(numbers)]
    names = [f"below {edges[0]:g}" if len(edges) else "any"]
    names += [f"from {edge:g}" for edge in edges]
    return Cutting((*names, ABSENT), tuple(map(float, edges)))


def _number(value: Value) -> float | None:
    try:
        number = float(value) if value is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None
