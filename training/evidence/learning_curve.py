"""Would more history help? A simple model on more and more of it, judged on the same held-out rows.

The model is the linear baseline, for what Pointsman learns would take its minutes once more for each point: the curve
says how steep the desk's own data are, not how good a version of fewer tickets would be. Its words and categories are
those of the whole history. Knows no pictures.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from desk.heads import RISK_HEADS
from training.evidence import redrawn
from training.evidence.baselines import Design, linear
from training.evidence.held_out import HeldOut
from training.evidence.intervals import Interval, bootstrap
from training.evidence.reliability import wilson
from training.evidence.slices import main_figure

__all__ = ["Curve", "Point", "learning_curve", "sizes_of"]

FEWEST_ROWS: Final = 50
MOST_ROWS: Final = 10_000
"""Learned from once more: beyond, a large desk would wait for minutes. The whole history is learned from anyway."""

MOST_CELLS: Final = 400_000
"""Rows times labels of one point: of many labels every row costs more."""

MOST_SIZES: Final = 4
"""Beside the whole history."""

_SHUFFLED: Final = 20261121
_TWO_SIDED: Final = 1.959964  # standard deviations that 95 % of a normal distribution lie within


@dataclass(frozen=True, slots=True)
class Point:
    """What the simple model is worth that learned from `rows` rows; between: the 95 % interval of `value`."""

    rows: int
    value: float
    between: Interval


@dataclass(frozen=True, slots=True)
class Curve:
    """figure: `accuracy`, or a risk head's `auroc`. points: the smallest first, the last of the whole history.

    whole: what the version itself is worth on the same rows. by_time: whether the points learned from the newest rows;
    else from rows drawn by chance. gain: the 95 % interval of the last point's value minus the last but one's, which is
    narrower than theirs since both were asked about the same tickets; None of a single point.
    """

    figure: str
    points: tuple[Point, ...]
    whole: float
    by_time: bool
    gain: Interval | None = None

    @property
    def words(self) -> str:
        """What follows, in words: what the last part of the history was worth."""
        if self.gain is None:
            return "too few tickets for a curve"
        before, last = self.points[-2:]
        steps = f"{before.rows:,} to {last.rows:,} tickets bring {100 * (last.value - before.value):+.1f} points"
        if self.gain.low > 0:
            return f"{steps}: more history helps"
        return f"{steps}, which may be chance"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values: each point as [rows, value, low, high], the gain as [low, high]."""
        points = [[one.rows, one.value, one.between.low, one.between.high] for one in self.points]
        gain = None if self.gain is None else [self.gain.low, self.gain.high]
        return {"figure": self.figure, "points": points, "whole": self.whole, "by_time": self.by_time, "gain": gain}


def sizes_of(rows: int, labels: int) -> list[int]:
    """How many rows the points below the whole history learn from, the smallest first: halves of halves of `rows`."""
    most = min(MOST_ROWS, MOST_CELLS // max(labels, 1))
    halves = [rows >> power for power in range(1, 20)]
    return sorted([size for size in halves if max(FEWEST_ROWS, 2 * labels) <= size <= most][:MOST_SIZES])


def learning_curve(
    held_out: HeldOut,
    features: Design,
    labels: Sequence[str | None],
    truth: Sequence[str | None],
    whole: HeldOut,
    *,
    by_time: bool,
) -> Curve:
    """The curve of one head.

    held_out: what the version said. features, labels, truth: as `training.evidence.baselines.linear` takes them; labels
    in order of time where `by_time`. whole: what that model said that learned from all of them. The newest rows teach
    first, as they would on a desk that has kept its tickets for less long; without times a seeded draw does.
    """
    taught = np.array([row for row, label in enumerate(labels) if label is not None], dtype=np.int64)
    order = taught[::-1] if by_time else np.random.default_rng(_SHUFFLED).permutation(taught)
    said: list[tuple[int, HeldOut]] = []
    for size in sizes_of(len(taught), len({labels[row] for row in taught.tolist()})):
        some = set(order[:size].tolist())
        heard = [label if row in some else None for row, label in enumerate(labels)]
        said.append((size, linear(held_out.head, features, heard, truth)))
    said.append((len(taught), whole))
    points = tuple(Point(size, main_figure(one)[1], _between(one)) for size, one in said)
    gain = _gain(said[-2][1], whole) if len(said) > 1 else None
    name, value = main_figure(held_out)
    return Curve(name, points, value, by_time, gain)


def _between(said: HeldOut) -> Interval:
    """The 95 % interval of the main figure by a closed form: Wilson's, or Hanley and McNeil's of an AUROC.

    Source of the latter: Hanley and McNeil, "The meaning and use of the area under a receiver operating characteristic
    (ROC) curve", Radiology 143 (1982).
    """
    if said.head not in RISK_HEADS:
        low, high = wilson(said.hit.mean(keepdims=True), np.array([len(said.hit)]))
        return Interval(float(low[0]), float(high[0]))
    area, yes = main_figure(said)[1], int(np.equal(said.truth, 1).sum())
    no = len(said.truth) - yes
    if not (yes and no):
        return Interval(math.nan, math.nan)
    twice_yes, twice_no = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (yes - 1) * (twice_yes - area**2) + (no - 1) * (twice_no - area**2)
    half = _TWO_SIDED * math.sqrt(max(spread, 0.0) / (yes * no))
    return Interval(max(0.0, area - half), min(1.0, area + half))


def _gain(before: HeldOut, after: HeldOut) -> Interval:
    """The interval of the difference, both of the same rows in the same order."""
    if before.head not in RISK_HEADS:
        gained = after.hit.astype(np.float64) - before.hit
        return bootstrap(lambda rows: float(gained[rows].mean()), len(gained))
    happened = np.equal(after.truth, 1)
    then, now = (redrawn.auroc(happened, said.probabilities[:, 1]) for said in (before, after))
    return bootstrap(lambda rows: now(rows) - then(rows), len(happened))
