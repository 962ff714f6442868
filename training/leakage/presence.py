"""Columns whose being filled in gives a label away, whatever stands in them.

Knows which rows have a value, not the value.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.leakage.suspects import Codes

__all__ = ["Presence", "filled_when_known", "filled_with"]

ROWS_TO_COUNT: Final = 20


@dataclass(frozen=True, slots=True)
class Presence:
    """A column is filled for one label: share of the filled rows that carry it, share of its rows that are filled.

    usual: share of all rows that carry it.
    """

    label: int
    precision: float
    recall: float
    usual: float


def filled_with(filled: NDArray[np.bool_], labels: Codes) -> Presence | None:
    """The label that the filled rows carry more than others do; None where too few rows are filled or empty."""
    known = labels >= 0
    carried = labels[known & filled]
    if len(carried) < ROWS_TO_COUNT or (known & ~filled).sum() < ROWS_TO_COUNT:
        return None
    sizes = np.bincount(labels[known])
    hits = np.bincount(carried, minlength=len(sizes))
    usual = sizes / sizes.sum()
    label = int((hits / len(carried) - usual).argmax())
    return Presence(label, hits[label] / len(carried), hits[label] / sizes[label], float(usual[label]))


def filled_when_known(filled: NDArray[np.bool_], labels: Codes) -> tuple[float, float] | None:
    """Share of rows filled where the label is known and where it is not; None where either is rare."""
    known = labels >= 0
    if known.sum() < ROWS_TO_COUNT or (~known).sum() < ROWS_TO_COUNT:
        return None
    return float(filled[known].mean()), float(filled[~known].mean())
