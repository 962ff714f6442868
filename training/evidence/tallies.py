"""Rows counted by the value that ranks them: all that the figures of ranked rows need to know of them.

Equal values are counted together, so no figure depends on the order of the rows. Knows neither heads nor draws' chance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ranked", "Tally", "tallied"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Tally:
    """values: shape (k,), distinct and falling. rows: how many have each, at least one. flagged: of these the flagged.

    Its figures are those of `training.evidence.formulas`, which says what they mean.
    """

    values: Floats
    rows: Counts
    flagged: Counts

    def by_coverage(self) -> tuple[Floats, Floats]:
        """Share of the rows at or above each value, and the share of the flagged among them."""
        answered = np.cumsum(self.rows)
        return answered / self.rows.sum(), np.cumsum(self.flagged) / answered

    def coverage_at(self, precision: float) -> float:
        """The largest share of rows with at least that precision."""
        covered, right = self.by_coverage()
        return float(covered[right >= precision].max(initial=0.0))

    def auroc(self) -> float:
        """The area under the ROC curve; NaN with one side only, and where a value is NaN."""
        others = self.rows - self.flagged
        yes, no = int(self.flagged.sum()), int(others.sum())
        if yes == 0 or no == 0 or np.isnan(self.values[-1]):  # which is sorted last
            return float("nan")
        twice_below = 2 * (no - np.cumsum(others)) + others  # that each flagged row is ahead of; equals count half
        return float(self.flagged @ twice_below) / (2 * yes * no)

    def average_precision(self) -> float:
        """Mean precision over the rises of recall; NaN where none is flagged."""
        happened = self.flagged.sum()
        if not happened:
            return float("nan")
        covered, precision = self.by_coverage()
        recall = covered * precision * self.rows.sum() / happened
        return float((np.diff(recall, prepend=0.0) * precision).sum())

    def recall_at_capacity(self, capacity: float) -> float:
        """Share of the flagged among the top `capacity` of rows; NaN where none is flagged."""
        happened, count = self.flagged.sum(), self.rows.sum()
        if not happened:
            return float("nan")
        covered, precision = self.by_coverage()
        rows = np.concatenate(([0.0], covered * count))
        caught = np.concatenate(([0.0], covered * precision * count))
        return float(np.interp(capacity * count, rows, caught) / happened)


class Ranked:
    """Rows ranked once, to be tallied as often as some of them are drawn."""

    def __init__(self, flags: Flags, values: Floats) -> None:
        falling, place = np.unique(-values, return_inverse=True)
        self._values = -falling
        self._kinds = 2 * place + flags

    def drawn(self, rows: Counts) -> Tally:
        """The tally of the rows with these numbers; one that is drawn twice counts twice."""
        counts = np.bincount(self._kinds[rows], minlength=2 * len(self._values)).reshape(-1, 2)
        both = counts.sum(axis=1)
        there = both > 0
        return Tally(self._values[there], both[there], counts[there, 1])


def tallied(flags: Flags, values: Floats) -> Tally:
    """The tally of all rows."""
    falling, place, counts = np.unique(-values, return_inverse=True, return_counts=True)
    return Tally(-falling, counts, np.bincount(place[flags], minlength=len(falling)))
