"""What automation is worth, measured on tickets that it was kept from by chance: accuracy, and transfers saved.

Whoever was held back would have been sorted by itself, and was sorted by people instead; so the two groups differ by
chance and by automation alone. Knows neither the journal nor a screen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from desk.heads import CLASS_HEADS, Head, label_of
from desk.outcome import Outcome
from desk.outcome_reports import merged
from training.evidence.intervals import Interval
from training.evidence.reliability import wilson
from training.gathering.said import SaidOfTicket

__all__ = ["AutomationWorth", "worth_of"]

_RESAMPLES: Final = 2_000
_SEED: Final = 20261129
_FEWEST: Final = 2  # of either group, for a difference of means to have an interval


@dataclass(frozen=True, slots=True)
class AutomationWorth:
    """One head's figures.

    held_back, applied: tickets with an outcome of either group. right: of those held back, the share that the answer
    would have sorted as people did in the end; between: Wilson's 95 % interval. transfers_held_back, transfers_applied:
    mean reassignments of a ticket; saved: their difference, a ticket; saved_between: its 95 % bootstrap interval. None
    where nothing is known. judged: of those held back, the ones of which it is known where they belong.
    """

    head: Head
    held_back: int
    applied: int
    right: float | None = None
    between: Interval | None = None
    transfers_held_back: float | None = None
    transfers_applied: float | None = None
    saved: float | None = None
    saved_between: Interval | None = None
    judged: int = 0

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)


def worth_of(tickets: Iterable[SaidOfTicket]) -> list[AutomationWorth]:
    """The figures of queue and priority, of tickets whose first answer applied a label or was held back from it."""
    known = [(one, merged(one.reports)) for one in tickets if one.answers and one.reports]
    return [_worth(head, known) for head in CLASS_HEADS]


def _worth(head: Head, known: Sequence[tuple[SaidOfTicket, Outcome]]) -> AutomationWorth:
    held_back, applied, hits = [], [], []
    for ticket, outcome in known:
        said = ticket.answers[0].heads.get(head)
        if said is None or said.label is None:
            continue
        if said.why == "held_back":
            held_back.append(outcome)
            label = label_of(outcome, head)
            hits += [] if label is None else [label == said.label]
        elif said.mode == "auto":
            applied.append(outcome)
    found = AutomationWorth(head, len(held_back), len(applied))
    right, between = (None, None) if not hits else _share(hits)
    moved, left = _transfers(held_back), _transfers(applied)
    if len(moved) < _FEWEST or len(left) < _FEWEST:
        return AutomationWorth(head, found.held_back, found.applied, right, between, judged=len(hits))
    return AutomationWorth(
        head,
        found.held_back,
        found.applied,
        right,
        between,
        float(moved.mean()),
        float(left.mean()),
        float(moved.mean() - left.mean()),
        _difference(moved, left),
        len(hits),
    )


def _share(hits: Sequence[bool]) -> tuple[float, Interval]:
    share = float(np.mean(hits))
    low, high = wilson(np.array([share]), np.array([len(hits)]))
    return share, Interval(float(low[0]), float(high[0]))


def _transfers(outcomes: Iterable[Outcome]) -> np.ndarray:
    return np.array([one.reassignment_count for one in outcomes if one.reassignment_count is not None], np.float64)


def _difference(moved: np.ndarray, left: np.ndarray) -> Interval:
    """Percentile bootstrap of the difference of means, each group drawn by itself (Efron and Tibshirani, 1993)."""
    chance = np.random.default_rng(_SEED)
    drawn = [chance.choice(moved, len(moved)).mean() - chance.choice(left, len(left)).mean() for _ in range(_RESAMPLES)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(low), float(high))
