"""The picture of a learning curve: would more history help?

Knows what the picture says, not where it goes. Uses no pyplot.
"""

import math

from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from desk.heads import Head
from training.evidence.drawing import BESIDE, INK, OURS, frame, title
from training.evidence.learning_curve import Curve

__all__ = ["curve_picture"]

SPOKEN = {"accuracy": "share of right answers", "auroc": "AUROC"}


def curve_picture(head: Head, curve: Curve) -> Figure:
    """The simple model's figure by the rows it learned from, with 95 % intervals; the dot is the version itself."""
    figure = Figure(figsize=(7.4, 5.2), layout="constrained")
    axes = figure.subplots()
    rows, values = [one.rows for one in curve.points], [one.value for one in curve.points]
    low, high = [one.between.low for one in curve.points], [one.between.high for one in curve.points]
    colour = BESIDE["linear"]
    axes.fill_between(rows, low, high, color=colour, alpha=0.2, lw=0, label="95 % interval")
    axes.plot(rows, values, "s-", color=colour, lw=1.6, ms=5, label="a simple linear model (the baseline)")
    if not math.isnan(curve.whole):
        axes.plot(rows[-1:], [curve.whole], "o", color=OURS, ms=9, label=f"this version: {curve.whole:.3f}")
    for x, y in zip(rows, values, strict=True):
        if not math.isnan(y):
            axes.annotate(f"{y:.3f}", (x, y), (0, -14), textcoords="offset points", ha="center", fontsize=8, color=INK)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(rows))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlim(rows[0] / 1.25, rows[-1] * 1.25)
    which = "the newest tickets that it learned from" if curve.by_time else "tickets that it learned from, by chance"
    axes.set_xlabel(which, color=INK)
    axes.set_ylabel(f"{SPOKEN[curve.figure]} of held-out tickets", color=INK)
    frame(axes)
    axes.legend(loc="best", frameon=False, fontsize=9)
    title(axes, f"{head.capitalize()}: would more history help?", curve.words)
    return figure
