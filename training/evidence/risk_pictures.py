"""Pictures that only a risk head has: does what happens stand on top, and how far apart are the two sides?

Knows what a picture says, not where it goes. Uses no pyplot.
"""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from training.evidence import formulas
from training.evidence.drawing import ALARM, BESIDE, CALM, INK, OURS, PALE, diagonal, frame, percent, title
from training.evidence.held_out import HeldOut
from training.evidence.metrics import REVIEW_CAPACITY

__all__ = ["ranking", "scores"]


def ranking(held_out: HeldOut, beside: Mapping[str, HeldOut], capacity: float = REVIEW_CAPACITY) -> Figure:
    """Precision by recall, and the ROC curve, beside baselines by name; the dot is the desk's review capacity."""
    figure = Figure(figsize=(11, 6.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    diagonal(right)
    base = float(np.equal(held_out.truth, 1).mean())
    left.axhline(base, color=PALE, lw=1, ls="--", label=f"base rate {base:.1%}")
    for name, one in beside.items():
        _curves(left, right, one, name, BESIDE.get(name, PALE), 1.4)
    _curves(left, right, held_out, "this version", OURS, 2.2)
    _capacity(left, right, held_out, capacity)
    left.set_xlabel("recall: share of what happens that is flagged", color=INK)
    left.set_ylabel("precision: share of the flagged that happens", color=INK)
    right.set_xlabel("share of what does not happen that is flagged", color=INK)
    right.set_ylabel("share of what happens that is flagged", color=INK)
    for axes in (left, right):
        percent(axes)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), frameon=False, fontsize=9)
    rows = f"{len(held_out.truth):,} held-out tickets"
    title(left, f"{held_out.head.capitalize()}: does what happens stand on top?", rows)
    return figure


def scores(held_out: HeldOut, capacity: float = REVIEW_CAPACITY) -> Figure:
    """The probabilities where it happened and where it did not; the line is the desk's review capacity."""
    figure = Figure(figsize=(7.4, 4.8), layout="constrained")
    axes = figure.subplots()
    happened, probability = np.equal(held_out.truth, 1), held_out.probabilities[:, 1]
    bins = np.linspace(0, min(1.0, max(0.1, 1.02 * float(probability.max()))), 41).tolist()
    for side, colour, name in ((~happened, CALM, "it did not happen"), (happened, ALARM, "it happened")):
        if side.any():
            shares = np.full(int(side.sum()), 1 / side.sum())
            label = f"{name}: {int(side.sum()):,} tickets"
            axes.hist(probability[side], bins=bins, weights=shares, color=colour, alpha=0.55, label=label)
    cut = float(np.quantile(probability, 1 - capacity))
    axes.axvline(cut, color=INK, lw=1.2, ls="--", label=f"the top {capacity:.0%} begin at {cut:.0%}")
    axes.set_xlabel("probability that it happens", color=INK)
    axes.set_ylabel("share of the side's tickets", color=INK)
    frame(axes)
    axes.xaxis.set_major_formatter(PercentFormatter(1, 0))
    axes.yaxis.set_major_formatter(PercentFormatter(1, 0))
    axes.legend(loc="upper right", frameon=False, fontsize=9)
    title(
        axes, f"{held_out.head.capitalize()}: how far apart are the two sides?", f"{len(happened):,} held-out tickets"
    )
    return figure


def _curves(left: Axes, right: Axes, held_out: HeldOut, name: str, colour: str, width: float) -> None:
    happened, probability = np.equal(held_out.truth, 1), held_out.probabilities[:, 1]
    recall, precision, false_alarms = _ranked(happened, probability)
    mean, area = formulas.average_precision(happened, probability), formulas.auroc(happened, probability)
    mark = "s" if len(recall) == 1 else ""
    left.plot(recall, precision, marker=mark, color=colour, lw=width, label=f"{name}, average precision {mean:.3f}")
    both = np.append(0.0, false_alarms), np.append(0.0, recall)
    right.plot(*both, color=colour, lw=width, label=f"{name}, area (AUROC) {area:.3f}")


def _capacity(left: Axes, right: Axes, held_out: HeldOut, capacity: float) -> None:
    """The point on both curves that flags `capacity` of the tickets, or the nearest below where ties jump over it."""
    happened, probability = np.equal(held_out.truth, 1), held_out.probabilities[:, 1]
    _, covered, _ = formulas.precision_by_coverage(probability, happened)
    point = int(np.searchsorted(covered, capacity, side="right")) - 1
    if point < 0:
        return
    recall, precision, false_alarms = (float(one[point]) for one in _ranked(happened, probability))
    label = f"top {covered[point]:.0%} of tickets reviewed"
    left.plot([recall], [precision], "o", color=ALARM, ms=7, zorder=5, label=label)
    right.plot([false_alarms], [recall], "o", color=ALARM, ms=7, zorder=5, label=label)


def _ranked(happened: NDArray[np.bool_], probability: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """(recall, precision, false-alarm rate) at each distinct probability, the highest first."""
    _, covered, precision = formulas.precision_by_coverage(probability, happened)
    flagged = covered * len(happened)
    caught = flagged * precision
    yes = max(int(happened.sum()), 1)
    no = max(len(happened) - int(happened.sum()), 1)
    return caught / yes, precision, (flagged - caught) / no
