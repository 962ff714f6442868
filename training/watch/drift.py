"""Data drift by feature and label drift by queue: what is other than it was, and how sure that is.

A look happens daily on windows that overlap, so the budget is one of looks: all tests of a look together err with a
chance of `A_LOOK` at most, and the false alarms of thirty looks add up, in the mean, to thirty times that, however much
the looks depend on each other. Knows rows, neither journal nor versions.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom
from scipy.stats import f as f_distribution

from training.watch.categories import Cutting, cut_of
from training.watch.readings import Read
from training.watch.shifts import Shift, holm, moderated, shift_of, stretches, unrest_of

__all__ = ["A_LOOK", "FEWEST", "Drifted", "Shares", "feature_drift", "novelty_drift", "queue_drift"]

A_LOOK: Final = {"features": 0.004, "queues": 0.02, "novelty": 0.0005, "accuracy": 0.0005}
"""The chance of a false alarm a look, by family of tests: together 0.025, three quarters of one in thirty days."""

FEWEST: Final = 100
"""Recent rows under which nothing is said."""

_LEAST_PSI: Final = 0.05
_LEAST_SHARE: Final = 0.03
"""What is surely there and yet too little to mind: of features a stability index, of queues a share of tickets."""

_USUAL_NOVELTY: Final = 0.05
"""Of tickets that belong, the share that a version finds novel: it cuts there (`training.learning.familiar`)."""


@dataclass(frozen=True, slots=True)
class Drifted:
    """One thing that was compared.

    name: the feature's or the queue's. what: the category that changed most. before, now: its share. p: corrected for
    all of its family. psi: of all categories. is_drift: sure and large enough to say so.
    """

    name: str
    what: str
    before: float
    now: float
    p: float
    psi: float
    is_drift: bool


@dataclass(frozen=True, slots=True)
class Shares:
    """Queues of recent tickets beside what they were.

    before: rows by queue of a reference, or how many were to be expected. recent: the queue of each ticket. weights:
    shape (recent,), what each counts, of mean one.
    """

    before: Mapping[str, float]
    recent: Sequence[str]
    weights: NDArray[np.float64]


def feature_drift(reference: Sequence[Read], recent: Sequence[Read]) -> list[Drifted]:
    """Every feature, the surest drift first. reference: in order of time. None where either has too few rows."""
    parts = stretches(len(reference), len(recent))
    if len(recent) < FEWEST or not parts:
        return []
    names = sorted({name for one in reference for name in one} | {name for one in recent for name in one})
    found: list[tuple[str, Cutting, NDArray[np.int64], NDArray[np.int64], Shift]] = []
    for name in names:
        before = [one.get(name) for one in reference]
        cutting = cut_of(before, len(recent))
        old, new = cutting.codes(before), cutting.codes([one.get(name) for one in recent])
        unrest = unrest_of(old, len(cutting.names), parts)
        found.append((name, cutting, old, new, shift_of(old, new, len(cutting.names), unrest)))
    corrected = holm([shift.p for *_, shift in found])
    made = [
        _drifted(name, cutting, old, new, shift, p)
        for (name, cutting, old, new, shift), p in zip(found, corrected, strict=True)
    ]
    return sorted(made, key=lambda one: (not one.is_drift, one.p, one.name))


def queue_drift(history: Sequence[str], shares: Sequence[Shares]) -> list[list[Drifted]]:
    """For each of `shares`, every queue against its share before; corrected over all of them together.

    history: the true queues of the reference in order of time, for how restless each queue is by itself.
    """
    asked = [(place, one) for place, one in enumerate(shares) if len(one.recent) >= FEWEST]
    questions = [(place, one, queue) for place, one in asked for queue in sorted({*one.before, *one.recent})]
    dispersion = _dispersion(history, max((len(one.recent) for _, one in asked), default=0))
    everyone = dispersion.get(None, (1.0, 1_000.0))
    tests = [_share_test(one, queue, dispersion.get(queue, everyone)) for _, one, queue in questions]
    made: list[list[Drifted]] = [[] for _ in shares]
    for (place, _, queue), (before, now, _), p in zip(questions, tests, holm([p for *_, p in tests]), strict=True):
        is_drift = p <= A_LOOK["queues"] and abs(now - before) >= _LEAST_SHARE
        made[place].append(Drifted(queue, queue, before, now, p, 0.0, is_drift))
    return [sorted(found, key=lambda one: (not one.is_drift, one.p, one.name)) for found in made]


def novelty_drift(novel: int, rows: int) -> Drifted | None:
    """Whether surely more than twice as many tickets are about something unknown as a version finds among its own."""
    if rows < FEWEST:
        return None
    p = float(binom.sf(novel - 1, rows, 2 * _USUAL_NOVELTY))
    return Drifted("unknown topics", "unknown topic", _USUAL_NOVELTY, novel / rows, p, 0.0, p <= A_LOOK["novelty"])


def _drifted(
    name: str, cutting: Cutting, old: NDArray[np.int64], new: NDArray[np.int64], shift: Shift, p: float
) -> Drifted:
    before, now = (np.bincount(codes, minlength=len(cutting.names)) / len(codes) for codes in (old, new))
    most = int(np.abs(now - before).argmax())
    is_drift = p <= A_LOOK["features"] and shift.psi >= _LEAST_PSI
    return Drifted(name, cutting.names[most], float(before[most]), float(now[most]), p, shift.psi, is_drift)


def _dispersion(history: Sequence[str], recent: int) -> dict[str | None, tuple[float, float]]:
    """By queue how much its share moves by itself, and how well that is known; under None the mean of all."""
    parts = stretches(len(history), recent) if recent else []
    if len(parts) < 2:
        return {}
    queues = sorted(Counter(history))
    unrests = [unrest_of(np.array([one == queue for one in history], np.int64), 2, parts) for queue in queues]
    found: dict[str | None, tuple[float, float]] = dict(zip(queues, moderated(unrests), strict=True))
    means, freedoms = zip(*found.values(), strict=True)
    return found | {None: (float(np.mean(means)), float(np.mean(freedoms)))}


def _share_test(shares: Shares, queue: str, dispersion: tuple[float, float]) -> tuple[float, float, float]:
    """The queue's share before and now, and the chance of such a change on a quiet day."""
    rows, size = sum(shares.before.values()), float(shares.weights.sum() ** 2 / (shares.weights**2).sum())
    if not rows:
        return 0.0, 0.0, 1.0
    theirs = np.array([one == queue for one in shares.recent])
    before, now = shares.before.get(queue, 0) / rows, float(shares.weights[theirs].sum() / shares.weights.sum())
    pooled = (before * rows + now * size) / (rows + size)
    variance = pooled * (1 - pooled) * (1 / rows + 1 / size)
    if variance <= 0:
        return before, now, 1.0
    scale, freedom = dispersion
    return before, now, float(f_distribution.sf((now - before) ** 2 / variance / scale, 1, freedom))
