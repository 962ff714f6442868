"""The picture of what carries a head: words, meaning, attributes, measures, and the words of each label.

Knows what the picture says, not where it goes. Uses no pyplot.
"""

from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from desk.heads import RISK_HEADS, Head
from training.evidence.drawing import BESIDE, CALM, INK, OURS, PALE, frame, plain, title
from training.evidence.importance import ATTRIBUTE, MEANING, MEASURE, WORDS, Carrier, Importance, TellingWord

__all__ = ["importance_picture"]


MOST_CARRIERS: Final = 14
MOST_LABELS: Final = 20
COLOURS: Final = {WORDS: OURS, MEANING: BESIDE["score"], ATTRIBUTE: CALM, MEASURE: BESIDE["majority"]}
_PREFIX: Final = "attributes."
_WIDEST: Final = 78  # characters of words beside a label


def importance_picture(head: Head, found: Importance) -> Figure:
    """Left what moves the answers, right the words that say most of each label, the 20 most frequently answered."""
    labels = found.answered[:MOST_LABELS]
    lines = max(min(len(found.carriers), MOST_CARRIERS), len(labels), 5)
    figure = Figure(figsize=(14 if labels else 7.4, 1.9 + 0.3 * lines), layout="constrained")
    grid = figure.add_gridspec(1, 2 if labels else 1, width_ratios=[5, 8] if labels else None)
    _draw_carriers(figure.add_subplot(grid[0, 0]), head, found)
    if labels:
        _draw_words(figure.add_subplot(grid[0, 1]), head, found, labels)
    return figure


def _draw_carriers(axes: Axes, head: Head, found: Importance) -> None:
    shown: Sequence[Carrier] = found.carriers[:MOST_CARRIERS][::-1]
    places = range(len(shown))
    axes.barh(places, [one.weight for one in shown], color=[COLOURS[one.kind] for one in shown])
    for kind in dict.fromkeys(one.kind for one in reversed(shown)):
        axes.barh([0], [0], color=COLOURS[kind], label=kind)
    axes.set_yticks(places, [plain(one.name.removeprefix(_PREFIX)) for one in shown], fontsize=9)
    axes.set_xlabel("moves the log-odds of the answer by, on average", color=INK)
    frame(axes)
    if shown:
        axes.legend(loc="lower right", frameon=False, fontsize=9)
    title(
        axes, f"{head.capitalize()}: what carries its answers?", f"reasons for the answers to {found.tickets:,} tickets"
    )


def _draw_words(axes: Axes, head: Head, found: Importance, labels: Sequence[str]) -> None:
    risk = head in RISK_HEADS
    lines = [(plain(label), [one for one in found.words if one.label == label]) for label in labels]
    if risk:
        every = found.words
        lines = [
            ("speak for it", [one for one in every if one.weight > 0]),
            ("speak against it", [one for one in reversed(every) if one.weight < 0]),
        ]
    axes.set_ylim(max(len(lines), 5) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    for place, (_, words) in enumerate(lines):
        axes.text(0.01, place, _listed(words), fontsize=9, color=INK, va="center")
    axes.set_yticks(range(len(lines)), [label for label, _ in lines], fontsize=9)
    axes.set_xticks([])
    axes.tick_params(length=0, colors=INK)
    axes.spines[:].set_visible(False)
    axes.spines["left"].set_visible(True)
    axes.spines["left"].set_color(PALE)
    what = "Words that weigh most" if risk else "Words that speak most for each answer"
    title(axes, what, "only words that ten requesters and more have written; the heaviest first")


def _listed(words: Sequence[TellingWord]) -> str:
    text = ", ".join(plain(one.word) for one in words)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
