"""What an order saves, as tables, as a page and as a picture. Knows figures, not how they came about."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, PercentFormatter

from training.evidence.drawing import INK, OURS, PALE, frame, title

__all__ = ["BATCH", "FURTHER", "SEEDED", "Curves", "needed", "tables", "write_page"]

SEEDED: Final = 500
"""Rows that are labelled first, by chance."""

BATCH: Final = 100
"""Rows a round."""

FURTHER: Final = 2_000
"""Labels after the first ones."""

DEMANDED: Final = 1_200

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "asking.md"
PICTURE: Final = ROOT / "docs" / "asking.png"
BEGIN, END = "<!-- benchmark -->\n", "<!-- /benchmark -->"

NAMES: Final = {"chance": "by chance", "margin": "plain margin", "order": "the order"}
LEARNED: Final = {"tfidf": "TF-IDF and LinearSVC", "words": "Pointsman's words"}
COLOURS: Final = {"chance": PALE, "margin": "#d1843b", "order": OURS}


@dataclass(frozen=True, slots=True)
class Curves:
    """accuracy: of each seed, after each round from none on."""

    set: str
    learner: str
    policy: str
    accuracy: tuple[tuple[float, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def needed(curve: Sequence[float], target: float) -> float:
    """Further labels after which a curve first reaches the target, `FURTHER` where it never does."""
    for number, (before, after) in enumerate(pairwise(curve)):
        if before >= target:
            return float(BATCH * number)
        if after >= target:
            return BATCH * (number + (target - before) / (after - before))
    return float(FURTHER)


def tables(found: Sequence[Curves]) -> list[str]:
    """In Markdown, a line a learner and policy."""
    lines = [
        "| learned by | asked | labels needed | of each pair | of the mean curves | right after 1,000 | after 2,000 |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in found:
        chance = next(each for each in found if (each.learner, each.policy) == (one.learner, "chance"))
        targets = [curve[-1] for curve in chance.accuracy]
        pairs = [needed(curve, target) for curve, target in zip(one.accuracy, targets, strict=True)]
        mean = np.mean(one.accuracy, axis=0)
        both = needed(mean.tolist(), float(np.mean(targets)))
        figures = f"{np.mean(pairs):,.0f} | {', '.join(f'{pair:,.0f}' for pair in pairs)} | {both:,.0f}"
        right = f"{mean[10]:.1%} | {mean[-1]:.1%}"
        lines.append(f"| {LEARNED[one.learner]} | {NAMES[one.policy]} | {figures} | {right} |")
    return lines


def write_page(found: Sequence[Curves]) -> None:
    """Renew the part of the page between its marks, and the picture."""
    draw(found, PICTURE)
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    learners = ",".join(dict.fromkeys(one.learner for one in found))
    told = [f"Written by `python -m benchmarks.asking --learner {learners} --write`.", "", *tables(found)]
    PAGE.write_text(f"{before}{BEGIN}{chr(10).join(told)}\n{END}{rest.split(END)[1]}", encoding="utf-8")
    print(f"written to {PAGE.relative_to(ROOT)} and {PICTURE.relative_to(ROOT)}")


def draw(found: Sequence[Curves], path: Path) -> None:
    """The mean curves of each learner in a panel, every seed pale behind."""
    learners = list(dict.fromkeys(one.learner for one in found))
    sheet = Figure(figsize=(5.5 * len(learners), 4.6), layout="constrained")
    panels = sheet.subplots(1, len(learners), squeeze=False)[0]
    for axes, learner in zip(panels, learners, strict=True):
        for one in (each for each in found if each.learner == learner):
            further = BATCH * np.arange(len(one.accuracy[0]))
            for curve in one.accuracy:
                axes.plot(further, curve, color=COLOURS[one.policy], lw=0.6, alpha=0.25)
            mean = np.mean(one.accuracy, axis=0)
            axes.plot(further, mean, color=COLOURS[one.policy], lw=2, label=NAMES[one.policy])
            if one.policy == "chance":
                axes.axhline(mean[-1], color=PALE, lw=1, ls="--")
        axes.axvline(DEMANDED, color=INK, lw=0.9, ls=":")
        title(axes, LEARNED[learner], f"{found[0].set}, {len(found[0].accuracy)} seeds; dotted: {DEMANDED:,} labels")
        frame(axes)
        axes.yaxis.set_major_locator(MultipleLocator(0.02))
        axes.yaxis.set_major_formatter(PercentFormatter(1, 0))
        axes.set_xlabel(f"further labels, after {SEEDED} by chance", color=INK)
        axes.set_ylabel("right queues", color=INK)
        axes.legend(frameon=False, loc="lower right")
    FigureCanvasAgg(sheet)
    sheet.savefig(path, dpi=110)
