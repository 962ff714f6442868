"""What is to be learned: one task a head, with its labels over all rows, and how the rows are split.

Knows neither features nor models.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from desk.heads import CLASS_HEADS, RISK_HEADS, Head, label_of
from desk.outcome import ResolvedTicket
from training.learning.hints import NO_HINTS, Hints, hints_of
from training.learning.split import Split, split_rows

__all__ = [
    "BLEND_HALF_LIFE",
    "FEWEST_TO_JUDGE",
    "FOLDS",
    "MEMBER_HALF_LIFE",
    "NOTHING_SAID",
    "SEED",
    "Task",
    "border_of",
    "reason_to_skip",
    "recency",
    "split_history",
    "task_of",
]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

SEED = 20
FEWEST_TO_JUDGE: Final = 50
"""Rows of a history from which on some are held out to judge; a fifth of them are ten."""

_FEWEST_FOR_TREES = 50  # rows: a leaf of a tree has twenty

NOTHING_SAID: Final[Mapping[str, str]] = {}
FOLDS = 3
"""Into how many parts the rows that are learned from are dealt, so that each is scored by members of the others."""

BLEND_HALF_LIFE = 0.25
"""Of a history's span: what a row counts in a blend halves with it, where rows have times."""

MEMBER_HALF_LIFE = 0.5
"""The same of what it counts to the members, which have more to learn and need the rows."""


@dataclass(frozen=True)
class Task:
    """One head's labels over all rows: code -1 where a row has none; `trees` is false where it shall have no trees.

    hints: what is known of the labels beside the rows; of a queue head alone, for a priority's name says nothing.
    levels: shape (labels,), each label's place in their order; (0,) where they have none that is known.
    """

    head: Head
    labels: tuple[str, ...]
    codes: Codes
    trees: bool = True
    hints: Hints = NO_HINTS
    levels: Codes = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def new(self) -> Codes:
        """The codes of labels that no row has: what is known of them is in the hints."""
        return np.setdiff1d(np.arange(len(self.labels)), self.codes)

    @property
    def columns(self) -> int:
        """How many columns a linear member of it has."""
        return 1 if self.risk else len(self.labels)

    @property
    def risk(self) -> bool:
        """Whether it is two-sided."""
        return self.head in RISK_HEADS


def task_of(
    rows: Sequence[ResolvedTicket],
    head: Head,
    *,
    trees: bool = True,
    described: Mapping[str, str] = NOTHING_SAID,
    priority_order: Sequence[str] = (),
) -> Task:
    """The task of `head` over `rows`; `trees` as in `Task`.

    priority_order: the most urgent first; one that lacks a label that is there is none.

    described: queue -> what it is for; one without a row is a label all the same. Trees, which no description can
    teach, would never answer it: then the head does without.
    """
    given = [label_of(row.outcome, head) for row in rows]
    found = {label for label in given if label is not None}
    lines = described if head == "queue" else NOTHING_SAID
    labels = ("false", "true") if head in RISK_HEADS else tuple(sorted(found | set(lines)))
    place = {label: code for code, label in enumerate(labels)}
    codes = np.array([-1 if label is None else place[label] for label in given], dtype=np.int64)
    hints = hints_of(labels, lines) if head == "queue" else NO_HINTS
    may = trees and set(lines) <= found and int(np.count_nonzero(codes >= 0)) >= _FEWEST_FOR_TREES
    return Task(head, labels, codes, may, hints, _levels(labels, priority_order if head == "priority" else ()))


def _levels(labels: Sequence[str], order: Sequence[str]) -> Codes:
    """Among the labels that are there: a level that no ticket has is none."""
    if not set(labels) <= set(order):
        return np.empty(0, np.int64)
    there = [label for label in order if label in labels]
    return np.array([there.index(label) for label in labels], dtype=np.int64)


def reason_to_skip(task: Task, split: Split) -> str | None:
    """Labels may be there and yet stand only where they judge: a desk that began to log its breaches last month."""
    counts = np.bincount(task.codes[split.learned] + 1, minlength=len(task.labels) + 1)[1:]
    fewest = 1 if task.head == "queue" else FOLDS
    large = int((counts >= fewest).sum()) + len(task.new)
    if large >= 2 and counts.any():
        return None
    rows = "a row" if fewest == 1 else f"{fewest} rows"
    return (
        f"of the {len(split.learned)} rows to learn from ({split.how}) {counts.sum()} have a label; two labels with "
        f"{rows} each are needed, not {large}. Train again when there are more, or without the oldest rows"
    )


def split_history(rows: Sequence[ResolvedTicket], copies: Sequence[Hashable], heads: Sequence[Head]) -> Split:
    """One split for all heads; a shuffle keeps the shares of the first head that chooses a label.

    Of fewer than `FEWEST_TO_JUDGE` rows none is held out: a handful would judge by chance, and is missed where it
    taught.
    """
    if len(rows) < FEWEST_TO_JUDGE:
        how = f"no ticket, for of {len(rows)} too few would judge; {FEWEST_TO_JUDGE} are needed"
        return Split(np.arange(len(rows)), np.empty(0, np.int64), by_time=False, how=how)
    times = [row.ticket.created_at for row in rows]
    first = next((head for head in CLASS_HEADS if head in heads), heads[0])
    return split_rows(
        times,
        copies,
        [label_of(row.outcome, first) for row in rows],
        seed=SEED,
    )


def recency(rows: Sequence[ResolvedTicket], split: Split, half_life: float) -> Floats:
    """What each row counts, shape (n,): one, and the less the older it is where the split is by time.

    half_life: of the history's span.
    """
    if not split.by_time:
        return np.ones(len(rows))
    times = np.array([_seconds(row.ticket.created_at) for row in rows])
    span = max(times.max() - times.min(), 1.0)
    return np.asarray(0.5 ** ((times.max() - times) / (span * half_life)))


def border_of(rows: Sequence[ResolvedTicket], split: Split) -> float:
    """The moment from which on rows judge, in seconds since 1970; infinite where the split is not by time."""
    if not split.by_time:
        return math.inf
    return min(_seconds(rows[place].ticket.created_at) for place in split.judged)


def _seconds(at: datetime | None) -> float:
    return 0.0 if at is None else at.timestamp()
