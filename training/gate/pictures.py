"""The picture of two versions on the same rows: by how much is the new one better or worse, figure by figure?

Knows what the picture says, neither what is allowed nor where it goes. Uses no pyplot.
"""

import math
from collections.abc import Mapping
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from desk.gate_evidence import LOWER_IS_BETTER, Figure, GateEvidence
from training.evidence.drawing import ALARM, CALM, INK, PALE, frame, plain, title

__all__ = ["differences"]

MOST_SLICES: Final = 14
_LEAST_REACH: Final = 10.0
"""Points to either side that are shown; of a wider interval, which tells nothing, not the end."""

_SPOKEN: Final = {
    "macro_f1": "macro-F1",
    "auroc": "AUROC",
    "ece": "calibration error",
    "brier": "Brier score",
    "coverage": "applied by itself",
}

_ROWS: Final[Mapping[str, str]] = {"golden": " (golden set)", "differing": " (people were asked)"}


def differences(champion: str, evidence: GateEvidence) -> Picture:
    """Each figure's difference with its interval, right is better; beneath, the slices that differ most surely."""
    whole = [one for one in evidence.figures if not one.where and one.on != "both" and _is_known(one)]
    slices = sorted((one for one in evidence.figures if one.where and _is_known(one)), key=_distance)[:MOST_SLICES]
    shown = [*whole, *slices]
    picture = Picture(figsize=(9.6, 2.0 + 0.3 * max(len(shown), 3)), layout="constrained")
    axes = picture.subplots()
    axes.axvline(0, color=PALE, lw=1.2, ls="--")
    for height, one in enumerate(shown):
        _draw(axes, height, one)
    if whole and slices:
        axes.axhline(len(whole) - 0.5, color=PALE, lw=0.8)
    axes.set_yticks(range(len(shown)), [_named(one) for one in shown], fontsize=8)
    axes.set_ylim(max(len(shown), 1) - 0.5, -0.5)
    frame(axes)
    axes.set_xlabel("better by so many points than the champion (worse, left of nought)", color=INK)
    reach = max([_LEAST_REACH, *(2 * abs(_points(one)) for one in shown)])
    left, right = axes.get_xlim()
    axes.set_xlim(max(left, -reach), min(right, reach))
    rows = ", ".join(f"{count:,} {'golden' if on == 'golden' else 'newest'}" for on, count in _rows(evidence))
    title(axes, f"Beside version {champion}, on the same tickets", f"{rows}; green: surely better, red: surely worse")
    return picture


def _points(one: Figure) -> float:
    """By how much it is better."""
    return 100 * (one.challenger - one.champion) * (-1 if one.name in LOWER_IS_BETTER else 1)


def _rows(evidence: GateEvidence) -> list[tuple[str, int]]:
    return [(on, count) for on, count in evidence.rows.items() if count]


def _is_known(one: Figure) -> bool:
    return not math.isnan(one.challenger - one.champion)


def _distance(one: Figure) -> float:
    """How far the interval is from nought, in intervals: the surest difference first."""
    width = one.high - one.low
    return -abs(one.challenger - one.champion) / width if width > 0 else 0.0


def _draw(axes: Axes, height: int, one: Figure) -> None:
    sign = -1 if one.name in LOWER_IS_BETTER else 1
    colour = CALM if one.is_better else ALARM if one.is_worse else INK
    if not math.isnan(one.low):
        axes.plot([100 * sign * one.low, 100 * sign * one.high], [height] * 2, color=colour, lw=3, alpha=0.45)
    axes.plot([_points(one)], [height], "o", color=colour, ms=6)


def _named(one: Figure) -> str:
    figure = _SPOKEN.get(one.name, one.name)
    where = f" of {plain(one.where)}" if one.where else ""
    return f"{one.head}: {figure}{where}{_ROWS.get(one.on, '')}"
