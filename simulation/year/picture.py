"""The story of a sample year as one picture: accuracy with and without the loop, contracts, people, retrainings.

Knows what the picture says, not where it goes.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Sheet
from matplotlib.ticker import MultipleLocator, PercentFormatter

from simulation.year.judging import Figure
from simulation.year.story import (
    MARGIN,
    Applied,
    applied_by_week,
    by_week,
    events_of,
    retrainings_of,
    said_by_week,
)
from training.evidence.drawing import ALARM, CALM, INK, OURS, PALE, frame, title
from training.evidence.reliability import wilson

__all__ = ["draw", "save"]

WITHOUT: Final = "#d1843b"
SPOKEN: Final = {
    "drift": "launch: new topics,\none moves",
    "new_queue": "a new queue",
    "rename": "a queue\nrenamed",
    "hostile": "hostile\nfeedback",
}
MARKS: Final = {"promoted": ("^", CALM), "refused": ("X", ALARM), "nothing_to_do": (".", PALE)}

Weeks = Sequence[Mapping[str, Any]]


def save(weeks: Weeks, path: Path) -> None:
    """Draw the year and write it; the form follows from the path's ending, PNG unless matplotlib knows another."""
    sheet = draw(weeks)
    FigureCanvasAgg(sheet)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.savefig(path, dpi=110)


def draw(weeks: Weeks) -> Sheet:
    """The whole picture of the lines of all seeds."""
    sheet = Sheet(figsize=(11, 15), layout="constrained")
    panels = sheet.subplots(5, 1, sharex=True, height_ratios=[3.2, 2.2, 2.2, 1.6, 2.0])
    seeds = len({line["seed"] for line in weeks})
    _accuracy(panels[0], weeks, seeds)
    _risk(panels[1], weeks)
    _contracts(panels[2], weeks)
    _people(panels[3], weeks)
    _gains(panels[4], weeks)
    for panel in panels:
        frame(panel)
        for event in events_of(weeks):
            panel.axvline(event.week - 0.5, color=INK, lw=0.9, ls=":")
    last = max(line["week"] for line in weeks)
    panels[-1].set_xlim(0.3, last + 0.7)
    panels[-1].xaxis.set_major_locator(MultipleLocator(4 if last > 12 else 1))
    panels[-1].set_xlabel("week of the year", color=INK)
    return sheet


def _accuracy(axes: Axes, weeks: Weeks, seeds: int) -> None:
    _both(axes, weeks, "given", "queue_accuracy")
    axes.yaxis.set_major_formatter(PercentFormatter(1, 0))
    axes.set_ylabel("right queues", color=INK)
    low, high = axes.get_ylim()
    axes.set_ylim(low - 0.12 * (high - low), high + 0.22 * (high - low))
    for event in events_of(weeks):
        axes.annotate(
            SPOKEN[event.kind],
            (event.week - 0.3, 0.985),
            xycoords=("data", "axes fraction"),
            fontsize=8.5,
            color=INK,
            va="top",
        )
    for outcome, (mark, colour) in MARKS.items():
        places = [one.week for one in retrainings_of(weeks) if one.outcome == outcome]
        if places:
            axes.scatter(
                [week + 0.45 for week in places],
                [0.075 if outcome == "promoted" else 0.03] * len(places),  # of several seeds either may come in a week
                marker=mark,
                color=colour,
                s=34,
                zorder=4,
                transform=axes.get_xaxis_transform(),
                label=outcome.replace("_", " "),
            )
    axes.legend(loc="lower left", bbox_to_anchor=(0, 0.1), frameon=False, fontsize=9, ncols=2)
    tickets = sum(line["tickets"] for line in weeks)
    drawn_of = f"{seeds} seeds" if seeds > 1 else "one seed"
    remark = f"{tickets:,} tickets of {drawn_of}, judged by the simulator's truth; bands: 95 % intervals"
    title(axes, "A year of the sample desk, with the loop and without", remark)


def _risk(axes: Axes, weeks: Weeks) -> None:
    _both(axes, weeks, "given", "escalation_auroc")
    axes.set_ylabel("escalation, AUROC", color=INK)


def _contracts(axes: Axes, weeks: Weeks) -> None:
    demands = {one[2] for line in weeks for one in line["applied"].get("queue", {}).values()}
    for which, colour, name in (("applied", OURS, "with the loop"), ("applied_without", WITHOUT, "without")):
        found = applied_by_week(weeks, which, "queue")
        held = {week: _precision(one) for week, one in found.items() if one.applied}
        _band(axes, held, colour, f"right of what is applied, {name}")
        share = [one.applied / one.tickets for one in found.values()]
        axes.plot(list(found), share, color=colour, lw=1.2, ls="--", label=f"share applied, {name}")
    for demand in sorted(demands):
        axes.axhline(demand, color=ALARM, lw=1)
        axes.annotate(
            f"demanded: {demand:.0%}",
            (0.005, demand - 0.01),
            xycoords=("axes fraction", "data"),
            fontsize=8,
            color=ALARM,
            va="top",
        )
    axes.yaxis.set_major_formatter(PercentFormatter(1, 0))
    axes.set_ylim(-0.02, 1.03)
    axes.set_ylabel("queues under contract", color=INK)
    axes.legend(loc="lower left", frameon=False, fontsize=8, ncols=2)


def _people(axes: Axes, weeks: Weeks) -> None:
    floor = [0.0] * len(said_by_week(weeks, "asked"))
    for what, colour, name in (
        ("asked", OURS, "labels asked for"),
        ("unasked", CALM, "verdicts of their own accord"),
        ("hostile", ALARM, "hostile verdicts"),
    ):
        found = said_by_week(weeks, what)
        axes.bar(list(found), list(found.values()), bottom=floor, color=colour, width=0.8, label=name, alpha=0.85)
        floor = [below + more for below, more in zip(floor, found.values(), strict=True)]
    axes.set_ylabel("a week", color=INK)
    axes.legend(loc="upper left", frameon=False, fontsize=8, ncols=3)
    axes.set_ylim(0, 1.25 * max(floor))


def _gains(axes: Axes, weeks: Weeks) -> None:
    axes.axhline(0, color=PALE, lw=1)
    axes.axhline(-MARGIN, color=ALARM, lw=1)
    seeds = sorted({line["seed"] for line in weeks})
    for one in retrainings_of(weeks):
        gain = one.gain.get("queue_accuracy")
        if gain is not None:
            mark, colour = MARKS.get(one.outcome, MARKS["refused"])
            place = one.week + 0.3 + 0.13 * seeds.index(one.seed)
            axes.plot([place, place], [gain.low, gain.high], color=colour, lw=1.2, alpha=0.7)
            axes.plot([place], [gain.value], mark, color=colour, ms=5)
    axes.yaxis.set_major_formatter(PercentFormatter(1, 1))
    axes.set_ylabel("new version − champion,\nnext four weeks", color=INK)
    axes.annotate(
        f"margin: −{MARGIN:.0%}",
        (0.005, -MARGIN),
        xycoords=("axes fraction", "data"),
        fontsize=8,
        color=ALARM,
        va="top",
    )


def _both(axes: Axes, weeks: Weeks, which: str, figure: str) -> None:
    _band(axes, by_week(weeks, f"{which}_without", figure), WITHOUT, "without the loop: version 1 for ever")
    _band(axes, by_week(weeks, which, figure), OURS, "with the loop")


def _band(axes: Axes, figures: Mapping[int, Figure], colour: str, name: str) -> None:
    places = list(figures)
    low, high = [one.low for one in figures.values()], [one.high for one in figures.values()]
    axes.fill_between(places, low, high, color=colour, alpha=0.16, lw=0)
    axes.plot(places, [one.value for one in figures.values()], color=colour, lw=2, label=name)


def _precision(one: Applied) -> Figure:
    """Of what is applied, with Wilson's 95 % interval."""
    share = one.right / one.applied
    low, high = wilson(np.array([share]), np.array([one.applied]))
    return Figure(share, float(low[0]), float(high[0]))
