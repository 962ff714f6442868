"""Who is taken for whom: a confusion table that stays readable however many labels a head has.

Knows numbers and labels, not pictures.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evidence.held_out import HeldOut
from training.evidence.metrics import UNKNOWN_LABEL

__all__ = ["MOST_LABELS", "Confusion", "MixUp", "confusion_of", "mix_ups"]

MOST_LABELS = 20
"""Labels shown by name; the others are one row and one column."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """counts: shape (rows, columns), tickets by true label (`rows`) and answered label (`columns`).

    Both begin with the most frequent true labels, in the same order. The others follow as one, if there are others;
    true labels that the head does not know are the last row, if there are such. `others_right` is the share of right
    answers where both truth and answer are among the others, None where there are none: that cell is no diagonal.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: NDArray[np.int64]
    others_right: float | None

    @property
    def shares(self) -> NDArray[np.float64]:
        """Shape (rows, columns): the counts as shares of their row; a row without tickets is zeros."""
        return np.asarray(self.counts / np.maximum(self.counts.sum(axis=1, keepdims=True), 1), dtype=np.float64)


def confusion_of(held_out: HeldOut, most: int = MOST_LABELS) -> Confusion:
    """The confusion table with the `most` most frequent true labels by name; of equals the first column goes first."""
    width = len(held_out.labels)
    support = np.bincount(held_out.truth[held_out.truth >= 0], minlength=width)
    named = np.argsort(-support, kind="stable")[:most]
    others, unknown = len(named), len(named) + 1
    place = np.full(width + 1, others)
    place[named] = np.arange(len(named))
    place[width] = unknown  # truth -1 indexes the last place
    counts = np.zeros((unknown + 1, others + 1), dtype=np.int64)
    np.add.at(counts, (place[held_out.truth], place[held_out.answered]), 1)
    rest = [others] if width > most else []
    strangers = [unknown] if counts[unknown].any() else []
    names = [held_out.labels[column] for column in named] + [f"{width - most} others", UNKNOWN_LABEL]
    columns = [*range(others), *rest]
    rows = [*columns, *strangers]
    return Confusion(
        rows=tuple(names[row] for row in rows),
        columns=tuple(names[column] for column in columns),
        counts=counts[np.ix_(rows, columns)],
        others_right=_others_right(held_out, place, others),
    )


@dataclass(frozen=True, slots=True)
class MixUp:
    """`tickets` of the label `truth` were answered `answered`, which is `share` of the label's tickets."""

    truth: str
    answered: str
    tickets: int
    share: float


def mix_ups(held_out: HeldOut, most: int = 50) -> list[MixUp]:
    """The `most` frequent wrong answers as pairs of true and answered label, the most frequent first."""
    width = len(held_out.labels)
    truth = np.where(held_out.truth < 0, width, held_out.truth)
    support = np.bincount(truth, minlength=width + 1)
    pairs, tickets = np.unique(truth[~held_out.hit] * width + held_out.answered[~held_out.hit], return_counts=True)
    names = (*held_out.labels, UNKNOWN_LABEL)
    return [
        MixUp(names[row], names[column], int(count), float(count / support[row]))
        for row, column, count in sorted(zip(pairs // width, pairs % width, tickets, strict=True), key=_worst)[:most]
    ]


def _worst(pair: tuple[int, int, int]) -> tuple[int, int, int]:
    row, column, count = pair
    return -count, row, column


def _others_right(held_out: HeldOut, place: NDArray[np.int64], others: int) -> float | None:
    inside = (place[held_out.truth] == others) & (place[held_out.answered] == others)
    return float(held_out.hit[inside].mean()) if inside.any() else None
