"""Answers beside the truth: the figures of a sample year, with intervals, and what contracts applied.

The truth is the simulator's own, which neither the desk's labels nor any gate knows. Knows neither versions nor weeks.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulation.sample import Truth
from training.evidence import redrawn
from training.evidence.intervals import bootstrap

__all__ = ["FIGURES", "Figure", "Judged", "Slate", "applied_of", "difference", "figures_of", "judged"]

FIGURES: Final = ("queue_accuracy", "queue_macro_f1", "priority_accuracy", "priority_macro_f1", "escalation_auroc")
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said of one ticket, and the truth. risk: of escalation. A mode is as `desk.modes.Mode` has it."""

    truth: Truth
    queue: str | None
    queue_mode: str
    priority: str | None
    priority_mode: str
    risk: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95 % bootstrap interval; NaN where it cannot be told."""

    value: float
    low: float
    high: float


def judged(answer: Mapping[str, Any], truth: Truth, current: Mapping[str, str]) -> Judged:
    """An API answer beside the truth. current: names of queues that count as others, as old ones do as new ones."""
    queue, priority = answer["queue"], answer["priority"]
    label = queue.get("label")
    return Judged(
        truth,
        current.get(label, label),
        queue["mode"],
        priority.get("label"),
        priority["mode"],
        answer["escalation"].get("probability", 0.0),
    )


class Slate:
    """Judged tickets as columns, for figures of any draw of them."""

    def __init__(self, rows: Sequence[Judged]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def queues(self) -> tuple[Rows, Rows]:
        """True and answered queues as numbers."""
        return _coded([one.truth.queue for one in self.rows], [one.queue for one in self.rows])

    @cached_property
    def priorities(self) -> tuple[Rows, Rows]:
        """True and answered priorities as numbers."""
        return _coded([one.truth.priority for one in self.rows], [one.priority for one in self.rows])

    @cached_property
    def risks(self) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Whether each was escalated, and the probability given to it."""
        return np.array([one.truth.escalated for one in self.rows]), np.array([one.risk for one in self.rows])

    def figure(self, name: str) -> Callable[[Rows], float]:
        """One of `FIGURES`, as a function of row numbers."""
        if name == "escalation_auroc":
            return redrawn.auroc(*self.risks)
        truth, said = self.queues if name.startswith("queue") else self.priorities
        if name.endswith("accuracy"):
            hit = truth == said
            return lambda rows: float(hit[rows].mean())
        return redrawn.macro_f1(truth, said)


def figures_of(slate: Slate) -> dict[str, Figure]:
    """Every figure of the tickets; none where there are no tickets."""
    if not len(slate):
        return {}
    return {name: _with_interval(slate.figure(name), len(slate)) for name in FIGURES}


def difference(before: Slate, after: Slate) -> dict[str, Figure]:
    """By how much each figure of `after` is greater than that of `before`, on the same tickets in the same order."""
    if len(before) != len(after):
        raise ValueError(f"{len(before)} tickets cannot be compared with {len(after)}; give the same ones to both.")
    if not len(before):
        return {}
    return {name: _with_interval(_gain(before, after, name), len(before)) for name in FIGURES}


def applied_of(rows: Iterable[Judged]) -> dict[str, dict[str, list[int]]]:
    """Head -> label -> how many tickets it was applied to by itself, and how many of them rightly."""
    applied: dict[str, Counter[str]] = {"queue": Counter(), "priority": Counter()}
    right: dict[str, Counter[str]] = {"queue": Counter(), "priority": Counter()}
    for one in rows:
        for head, label, mode, truth in (
            ("queue", one.queue, one.queue_mode, one.truth.queue),
            ("priority", one.priority, one.priority_mode, one.truth.priority),
        ):
            if mode == "auto" and label is not None:
                applied[head][label] += 1
                right[head][label] += label == truth
    return {head: {label: [counts[label], right[head][label]] for label in counts} for head, counts in applied.items()}


def _gain(before: Slate, after: Slate, name: str) -> Callable[[Rows], float]:
    then, now = before.figure(name), after.figure(name)
    return lambda rows: now(rows) - then(rows)


def _with_interval(figure: Callable[[Rows], float], rows: int) -> Figure:
    between = bootstrap(figure, rows)
    return Figure(figure(np.arange(rows)), between.low, between.high)


def _coded(truth: Sequence[str | None], said: Sequence[str | None]) -> tuple[Rows, Rows]:
    names = sorted({"" if name is None else name for name in (*truth, *said)})
    place = {name: number for number, name in enumerate(names)}
    columns = [np.array([place[name or ""] for name in column], dtype=np.int64) for column in (truth, said)]
    return columns[0], columns[1]
