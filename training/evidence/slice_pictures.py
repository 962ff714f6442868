"""The picture of a head's slices: who is served worse than the rest?

Knows what the picture says, not where it goes. Uses no pyplot.
"""

import math
from collections.abc import Sequence

from matplotlib.figure import Figure

from training.evidence.drawing import INK, OURS, PALE, frame, plain, title
from training.evidence.held_out import HeldOut
from training.evidence.slices import Slice, largest, main_figure

__all__ = ["by_slice"]

SPOKEN = {"accuracy": "share of right answers (of a label: recall)", "auroc": "AUROC"}


def by_slice(held_out: HeldOut, slices: Sequence[Slice]) -> Figure:
    """Accuracy, or a risk head's AUROC, by label, language, channel and tier, with 95 % intervals; dashed is all."""
    name, whole = main_figure(held_out)
    lines = [one for one in largest(slices) if name in one.figures]
    figure = Figure(figsize=(8.0, 2.2 + 0.28 * max(len(lines), 3)), layout="constrained")
    axes = figure.subplots()
    if not math.isnan(whole):
        axes.axvline(whole, color=PALE, lw=1.2, ls="--", label=f"all: {whole:.3f}")
        axes.legend(loc="lower left", frameon=False, fontsize=9)
    for height, one in enumerate(lines):
        estimate = one.figures[name]
        if estimate.between is not None:
            ends = [estimate.between.low, estimate.between.high]
            axes.plot(ends, [height, height], color=OURS, lw=3, alpha=0.45, solid_capstyle="butt")
        axes.plot([estimate.value], [height], "o", color=OURS, ms=6)
    axes.set_yticks(range(len(lines)), [f"{one.by}: {plain(one.name)}  {one.rows:,}" for one in lines], fontsize=8)
    axes.set_ylim(max(len(lines), 1) - 0.5, -0.5)
    frame(axes)
    axes.set_xlim(-0.01, 1.01)
    axes.set_xlabel(SPOKEN[name], color=INK)
    remark = f"{len(held_out.truth):,} held-out tickets, 95 % intervals; fewer than 30 tickets are pooled"
    title(axes, f"{held_out.head.capitalize()}: who is served worse than the rest?", remark)
    return figure
