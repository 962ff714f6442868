"""Pictures of any head and of all heads together, one function each: held-out rows in, a matplotlib `Figure` out.

Knows what a picture says, not where it goes. Uses no pyplot, hence no global state and no window. What only a risk
head has is drawn in `training.evidence.risk_pictures`.
"""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from desk.heads import RISK_HEADS, Head
from training.evidence import formulas
from training.evidence.confusion import Confusion, confusion_of
from training.evidence.contracts import HeadContract, applied
from training.evidence.drawing import ALARM, BESIDE, CALM, INK, OURS, PALE, diagonal, frame, percent, plain, title
from training.evidence.held_out import HeldOut
from training.evidence.metrics import DEMANDED_PRECISION, Measures
from training.evidence.reliability import bins_of

__all__ = ["confusion", "coverage", "reliability", "summary"]

SMALLEST_NUMBER = 0.005
"""Shares of a confusion table below this are left blank, so that the large ones can be seen."""

LEAST_SHARE = 0.02
"""Of the tickets, from which on the precision among them decides how far down a picture goes."""

MAIN_FIGURES = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "auroc": "AUROC",
    "average_precision": "average precision",
}


def confusion(held_out: HeldOut) -> Figure:
    """Where each true label's tickets went, in shares of the row: the 20 most frequent labels, the rest as one."""
    table = confusion_of(held_out)
    wide, high = len(table.columns), len(table.rows)
    figure = Figure(figsize=(4.6 + 0.42 * wide, max(4.4, 2.8 + 0.34 * high)), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(table.shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(wide), [plain(label) for label in table.columns], rotation=45, ha="right", fontsize=8)
    rows = [f"{plain(label)}  {count:,}" for label, count in zip(table.rows, table.counts.sum(axis=1), strict=True)]
    axes.set_yticks(range(high), rows, fontsize=8)
    axes.set_xlabel("answered label", color=INK)
    axes.set_ylabel("true label and its held-out tickets", color=INK)
    axes.tick_params(length=0, colors=INK)
    axes.spines[:].set_visible(False)
    _number_cells(axes, table.shares)
    bar = figure.colorbar(image, ax=axes, format=PercentFormatter(1, 0), fraction=0.04, pad=0.02)
    bar.set_label("per cent of the true label's tickets", color=INK)
    bar.ax.tick_params(colors=INK, labelsize=8)
    title(axes, f"{held_out.head.capitalize()}: which label is taken for which", _confusion_remark(held_out, table))
    return figure


def reliability(held_out: HeldOut) -> Figure:
    """Whether probabilities mean what they say: 15 bins of equally many tickets, with Wilson's 95 % interval.

    A risk head is judged by the probability that it happens, another by the probability of the answered label.
    """
    risk = held_out.head in RISK_HEADS
    said = held_out.probabilities[:, 1] if risk else held_out.confidence
    bins = bins_of(said, np.equal(held_out.truth, 1) if risk else held_out.hit)
    figure = Figure(figsize=(6.6, 7), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    diagonal(upper)
    upper.fill_between(bins.said, bins.low, bins.high, color=OURS, alpha=0.16, lw=0, label="95 % interval (Wilson)")
    about = f"{bins.counts.min():,} to {bins.counts.max():,} tickets each"
    upper.plot(bins.said, bins.seen, "o-", color=OURS, ms=5, lw=1.4, label=f"{len(bins.said)} bins, {about}")
    upper.set_ylabel("share where it happened" if risk else "share of right answers", color=INK)
    percent(upper)
    upper.legend(loc="upper left", frameon=False, fontsize=9)
    error = formulas.calibration_error(held_out.confidence, held_out.hit)
    remark = f"{len(said):,} held-out tickets; calibration error of the answer (ECE) {error:.3f}"
    title(upper, f"{held_out.head.capitalize()}: do probabilities mean what they say?", remark)
    _histogram(lower, said, "probability that it happens" if risk else "probability of the answered label")
    return figure


def coverage(held_out: HeldOut, beside: Mapping[str, HeldOut], contract: HeadContract | None = None) -> Figure:
    """How many tickets could be answered by themselves at which precision; `beside` holds baselines by name.

    With `contract`, the demand is drawn and what the labels' thresholds, proven on other rows, gave on these.
    """
    figure = Figure(figsize=(7.4, 5.4), layout="constrained")
    axes = figure.subplots()
    for name, other in beside.items():
        _, share, precision = formulas.precision_by_coverage(other.confidence, other.hit)
        if len(share) > 1:  # the majority's one confidence makes no curve
            axes.plot(share, precision, color=BESIDE.get(name, PALE), lw=1.4, label=name)
    least, share, precision = formulas.precision_by_coverage(held_out.confidence, held_out.hit)
    axes.plot(share, precision, color=OURS, lw=2.2, label="this version")
    axes.plot(share, least, color=OURS, lw=1.2, ls=":", label="this version's least probability answered")
    demand = DEMANDED_PRECISION if contract is None else contract.demand
    reached = formulas.coverage_at(held_out.confidence, held_out.hit, demand)
    axes.axhline(demand, color=ALARM, lw=1, ls="--", label=f"demanded: {demand:.0%}")
    axes.plot([reached], [demand], "o", color=ALARM, ms=7, zorder=5, clip_on=False)
    kept = "" if contract is None else _mark_contract(axes, held_out, contract)
    axes.set_xlabel("share of tickets answered, the surest first", color=INK)
    axes.set_ylabel("share of right answers among them", color=INK)
    percent(axes)
    told = precision[share >= LEAST_SHARE]  # of the first tickets one that is wrong would fill the picture
    axes.set_ylim(min(0.5, np.floor(10 * float(told.min())) / 10), 1.01)
    axes.legend(loc="lower left", frameon=False, fontsize=9)
    remark = f"{reached:.1%} of {len(held_out.truth):,} held-out tickets at {demand:.0%} precision{kept}"
    title(axes, f"{held_out.head.capitalize()}: how much could be answered without asking", remark)
    return figure


def _mark_contract(axes: Axes, held_out: HeldOut, contract: HeadContract) -> str:
    """Draw what is applied under contract, and say it."""
    rows = applied(held_out, contract)
    if not rows.any():
        return "; nothing applied under contract"
    share, right = float(rows.mean()), float(held_out.hit[rows].mean())
    label = "applied under contract"
    axes.plot([share], [right], "D", color=CALM, ms=8, zorder=6, clip_on=False, label=label)
    return f"; {share:.1%} applied under contract, {right:.1%} right"


def summary(measures: Mapping[Head, Measures], beside: Mapping[Head, Mapping[str, Measures]]) -> Figure:
    """Every head's main figures beside the baselines', with 95 % intervals; `beside` goes by head, then by name."""
    lines = [(head, name) for head in measures for name in MAIN_FIGURES if _is_main(measures[head], name)]
    figure = Figure(figsize=(8.4, 1.9 + 0.46 * len(lines)), layout="constrained")
    axes = figure.subplots()
    for height, (head, name) in enumerate(lines):
        _summary_line(axes, height, measures[head], beside.get(head, {}), name)
    axes.set_yticks(range(len(lines)), [f"{head}: {MAIN_FIGURES[name]}" for head, name in lines])
    axes.set_ylim(len(lines) - 0.5, -0.5)
    frame(axes)
    axes.set_xlim(0, 1.01)
    drawn = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    figure.legend(drawn.values(), drawn.keys(), loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    title(axes, "This version beside what a desk would have without it", "held-out tickets, 95 % bootstrap intervals")
    return figure


def _confusion_remark(held_out: HeldOut, table: Confusion) -> str:
    remark = f"{len(held_out.truth):,} held-out tickets, {held_out.hit.mean():.1%} right"
    if table.others_right is None:
        return remark
    return f"{remark}; where both are others, {table.others_right:.0%} are right"


def _number_cells(axes: Axes, shares: NDArray[np.float64]) -> None:
    for row, column in np.argwhere(shares >= SMALLEST_NUMBER):
        share = shares[row, column]
        colour = "white" if share > 0.55 else INK
        axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize=8, color=colour)


def _histogram(axes: Axes, said: NDArray[np.float64], what: str) -> None:
    axes.hist(said, bins=np.linspace(0, 1, 41).tolist(), color=OURS, alpha=0.75)
    axes.set_xlabel(what, color=INK)
    axes.set_ylabel("tickets", color=INK)
    frame(axes)
    axes.xaxis.set_major_formatter(PercentFormatter(1, 0))


def _is_main(measures: Measures, name: str) -> bool:
    ranks = name in ("auroc", "average_precision")
    return ranks == (measures.head in RISK_HEADS) and getattr(measures, name) is not None


def _summary_line(axes: Axes, height: int, ours: Measures, beside: Mapping[str, Measures], name: str) -> None:
    for other, theirs in beside.items():
        if getattr(theirs, name) is not None:
            value = getattr(theirs, name)
            axes.plot([value], [height], "D", color=BESIDE.get(other, PALE), mfc="none", mew=2, ms=10, label=other)
    value = getattr(ours, name)
    between = ours.intervals.get(name)
    if between is not None:
        axes.plot([between.low, between.high], [height, height], color=OURS, lw=3, alpha=0.5, solid_capstyle="butt")
    axes.plot([value], [height], "o", color=OURS, ms=7, label="this version")
    axes.annotate(
        f"{value:.3f}", (value, height), (0, 9), textcoords="offset points", ha="center", fontsize=8, color=INK
    )
