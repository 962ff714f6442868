"""One look in one picture: features by how far they moved, queues then and now, accuracy expected and measured.

Knows what a look found, not how.
"""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.evidence.drawing import ALARM, CALM, INK, OURS, PALE, frame, plain, title
from training.watch.accuracy import ALL
from training.watch.drift import Drifted
from training.watch.report import HeadWatched, Watched

__all__ = ["picture_of"]

_MOST_BARS = 16


def picture_of(found: Watched) -> Figure:
    """Three panels side by side."""
    figure = Figure(figsize=(15, 5), layout="constrained")
    features, queues, accuracy = figure.subplots(1, 3)
    _draw_features(features, found.features)
    _draw_queues(queues, found.answered)
    _draw_accuracy(accuracy, found.heads.get("queue", HeadWatched()))
    return figure


def _draw_features(axes: Axes, features: Sequence[Drifted]) -> None:
    shown = sorted(features, key=lambda one: one.psi)[-_MOST_BARS:]
    colours = [ALARM if one.is_drift else OURS for one in shown]
    axes.barh([plain(one.name) for one in shown], [one.psi for one in shown], color=colours)
    axes.set_xlabel("population stability index", color=INK)
    frame(axes)
    title(axes, "Features", f"{sum(one.is_drift for one in features)} of {len(features)} drifted")


def _draw_queues(axes: Axes, queues: Sequence[Drifted]) -> None:
    shown = sorted(queues, key=lambda one: max(one.before, one.now))[-_MOST_BARS:]
    places = range(len(shown))
    axes.barh([place + 0.2 for place in places], [one.before for one in shown], 0.4, color=PALE, label="before")
    colours = [ALARM if one.is_drift else OURS for one in shown]
    axes.barh([place - 0.2 for place in places], [one.now for one in shown], 0.4, color=colours, label="now")
    axes.set_yticks(places, [plain(one.name) for one in shown])
    axes.set_xlabel("share of answers", color=INK)
    frame(axes)
    title(axes, "Queues as answered", f"{sum(one.is_drift for one in queues)} of {len(queues)} drifted; pale: before")


def _draw_accuracy(axes: Axes, head: HeadWatched) -> None:
    labels = sorted((label for label in head.expected if label != ALL), key=lambda one: head.expected[one].rows)
    shown = [*labels[-_MOST_BARS:], *([ALL] if ALL in head.expected else [])]
    for place, label in enumerate(shown):
        expected, measured = head.expected[label], head.measured.get(label)
        axes.plot([expected.low, expected.high], [place + 0.12] * 2, color=OURS, lw=2)
        axes.plot(expected.accuracy, place + 0.12, "o", color=OURS)
        if measured is not None:
            axes.plot([measured.low, measured.high], [place - 0.12] * 2, color=CALM, lw=2)
            axes.plot(measured.accuracy, place - 0.12, "s", color=CALM)
    axes.set_yticks(range(len(shown)), [plain(one) if one != ALL else "all queues" for one in shown])
    axes.set_xlim(0, 1.02)
    axes.set_xlabel("share that is right", color=INK)
    frame(axes)
    title(axes, "Queues: right", "dot: expected without labels; square: measured")
