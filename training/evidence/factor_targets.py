"""What the outcomes of resolved tickets say of their urgency, sentiment, complexity, and need of an expert.

Each is a number a ticket, the higher the more of it, NaN where its outcome does not say. Only learning and judging look
at them; what a ticket answers is predicted from what was known at its opening. Knows no features.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from desk.outcome import ResolvedTicket
from models.factors import Taught

__all__ = ["FEWEST_ROWS", "HIGH_SHARE", "factor_targets"]

Floats = NDArray[np.float64]

FEWEST_ROWS: Final = 200
"""Rows whose outcomes must say something of a factor before it is learned."""

HIGH_SHARE: Final = 0.2
"""The share of tickets that are called complex: the top fifth."""

_FEWEST_ALIKE: Final = 10  # tickets of one queue and priority before their hours are compared among themselves
_FEWEST_TWICE: Final = 0.02  # share of tickets passed on twice from which on twice is what takes an expert
_SECONDS_AN_HOUR: Final = 3600.0


def factor_targets(
    rows: Sequence[ResolvedTicket], priorities: Sequence[str], *, fewest: int = FEWEST_ROWS
) -> Mapping[Taught, Floats]:
    """Per factor shape (n,), between 0 and 1; priorities: the most urgent first, empty where not known.

    - urgency: the level of the final priority; where fewer than `fewest` rows have one, how soon the first response
      came, among tickets of the same queue.
    - sentiment: how low the satisfaction is, by rank.
    - complexity: the mean of three ranks, of those that are there: hours from opening to resolution, among tickets of
      the same queue and priority; times that it was reassigned; times that it was reopened.
    - expertise: 1 where it was passed on twice or more (once, where hardly any is passed on twice), else 0.
    """
    levels = _levels(rows, priorities)
    return {
        "urgency": levels if np.isfinite(levels).sum() >= fewest else 1.0 - _response_ranks(rows),
        "sentiment": 1.0 - _ranks(np.array([_number(row.outcome.satisfaction) for row in rows])),
        "complexity": _complexity(rows),
        "expertise": _expertise(_reassignments(rows)),
    }


def _levels(rows: Sequence[ResolvedTicket], priorities: Sequence[str]) -> Floats:
    steps = max(len(priorities) - 1, 1)
    levels = {label: 1.0 - place / steps for place, label in enumerate(priorities)}
    return np.array([levels.get(row.outcome.priority or "", np.nan) for row in rows])


def _response_ranks(rows: Sequence[ResolvedTicket]) -> Floats:
    hours = np.array([_hours(row, row.outcome.first_response_at) for row in rows])
    return _ranks_among(hours, [row.outcome.queue or "" for row in rows])


def _complexity(rows: Sequence[ResolvedTicket]) -> Floats:
    hours = np.array([_hours(row, row.outcome.resolved_at) for row in rows])
    alike = [f"{row.outcome.queue}\n{row.outcome.priority}" for row in rows]
    reopened = np.array([_number(row.outcome.reopen_count) for row in rows])
    ranks = np.array([_ranks_among(hours, alike), _ranks(_reassignments(rows)), _ranks(reopened)])
    there = np.isfinite(ranks).sum(axis=0)
    mean = np.nansum(ranks, axis=0) / np.maximum(there, 1)
    return np.asarray(np.where(there > 0, mean, np.nan))


def _reassignments(rows: Sequence[ResolvedTicket]) -> Floats:
    return np.array([_number(row.outcome.reassignment_count) for row in rows])


def _expertise(counts: Floats) -> Floats:
    known = counts[np.isfinite(counts)]
    least = 2 if len(known) and np.mean(known >= 2) >= _FEWEST_TWICE else 1
    return np.where(np.isfinite(counts), (counts >= least).astype(np.float64), np.nan)


def _hours(row: ResolvedTicket, until: datetime | None) -> float:
    opened = row.ticket.created_at
    if opened is None or until is None:
        return float("nan")
    return (until - opened).total_seconds() / _SECONDS_AN_HOUR


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _ranks(values: Floats) -> Floats:
    """Each value's place among those that are there, between 0 and 1; equal values share the mean of theirs."""
    ranks = np.full(len(values), np.nan)
    known = np.flatnonzero(np.isfinite(values))
    ranks[known] = (rankdata(values[known]) - 0.5) / max(len(known), 1)
    return ranks


def _ranks_among(values: Floats, groups: Sequence[str]) -> Floats:
    """The same within each group; tickets of groups too small to compare are ranked together."""
    _, codes, sizes = np.unique(np.array(groups), return_inverse=True, return_counts=True)
    codes = np.where(sizes[codes] >= _FEWEST_ALIKE, codes, -1)
    ranks = np.full(len(values), np.nan)
    for code in np.unique(codes):
        mine = np.flatnonzero(codes == code)
        ranks[mine] = _ranks(values[mine])
    return ranks
