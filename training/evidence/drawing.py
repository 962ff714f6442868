"""The look of every picture: colours, frames, titles, and labels that cannot break them.

Knows matplotlib, not what is drawn.
"""

from functools import lru_cache
from typing import Final

from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import PercentFormatter

__all__ = ["ALARM", "BESIDE", "CALM", "INK", "OURS", "PALE", "diagonal", "frame", "percent", "plain", "title"]

INK: Final = "#22303c"
PALE: Final = "#8b97a3"
GRID: Final = "#e3e7eb"
OURS: Final = "#1b6ca8"
ALARM: Final = "#c8553d"
CALM: Final = "#4f9d69"
BESIDE: Final = {"linear": "#7d8894", "majority": "#d1a93b", "score": "#8a6fae"}
"""Colours of the baselines by name."""

LONGEST_LABEL = 30
STAND_IN = "□"


def plain(label: str) -> str:
    """A desk's label as it can be drawn: one line, at most 30 characters, no formula, only letters the font has.

    matplotlib reads a pair of dollar signs as a formula, and warns of every letter that its font lacks.
    """
    line = " ".join(label.split())
    short = line if len(line) <= LONGEST_LABEL else line[: LONGEST_LABEL - 1] + "…"
    drawn = "".join(letter if ord(letter) in _letters() else STAND_IN for letter in short)
    return drawn.replace("$", r"\$")


@lru_cache(maxsize=1)
def _letters() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties())).get_charmap())


def title(axes: Axes, what: str, remark: str) -> None:
    """A bold line, and a pale one beneath it for rows and the main figure."""
    axes.set_title(f"{what}\n", loc="left", fontsize=12, fontweight="bold", color=INK)
    at, above = "axes fraction", "offset points"  # beneath the bold line however tall the axes are
    axes.annotate(remark, (0, 1), (0, 4), xycoords=at, textcoords=above, fontsize=9, color=PALE, va="bottom")


def frame(axes: Axes) -> None:
    """Two quiet spines and a pale grid beneath the data."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(PALE)
    axes.tick_params(colors=INK, labelsize=9)
    axes.grid(color=GRID, lw=0.8)
    axes.set_axisbelow(True)


def percent(axes: Axes) -> None:
    """Both axes from nothing to all, in per cent."""
    frame(axes)
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(-0.01, 1.02)
    axes.xaxis.set_major_formatter(PercentFormatter(1, 0))
    axes.yaxis.set_major_formatter(PercentFormatter(1, 0))


def diagonal(axes: Axes) -> None:
    """The line where both axes agree."""
    axes.plot([0, 1], [0, 1], color=PALE, lw=1, ls="--")
