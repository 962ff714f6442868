"""The figures of all sets beside all peers, as the markdown of `docs/quality.md`.

Knows figures, not how they were measured.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from statistics import mean
from typing import Final

from benchmarks.measuring import OURS, Measured
from benchmarks.peers import LINEAR, Figures
from desk.heads import RISK_HEADS

__all__ = ["CONTROL", "SPOKEN", "ablation_table", "page", "set_table"]

Peers = Mapping[tuple[str, str], Mapping[str, Figures]]

CONTROL: Final = "noise"
"""The set whose labels are random: it is in no average."""

SPOKEN: Final = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "top3": "top-3",
    "rare_recall": "rare recall",
    "auroc": "AUROC",
    "average_precision": "average precision",
    "recall_at_capacity": "recall at 12 %",
    "false_alarms_at_capacity": "false positives at 12 %",
    "coverage_94": "yes or no at 94 %",
    "kappa": "kappa",
    "two_levels_off": "two levels off",
    "ece": "ECE",
    "ece_of_chance": "ECE of chance",
    "coverage_95": "coverage at 95 %",
    "coverage_96": "coverage at 96 %",
    "contract_coverage": "under contract",
    "contract_precision": "its precision",
}
LOWER_IS_BETTER: Final = frozenset({"ece", "two_levels_off", "false_alarms_at_capacity"})
NO_CONTEST: Final = frozenset({"ece_of_chance", "contract_coverage", "contract_precision"})
COMPARED: Final = (
    "accuracy",
    "macro_f1",
    "top3",
    "coverage_95",
    "coverage_96",
    "ece",
    "kappa",
    "auroc",
    "average_precision",
    "recall_at_capacity",
)
OF_CHOICES: Final = frozenset({"accuracy", "macro_f1", "top3", "coverage_95", "coverage_96"})
PARTS: Final = ("accuracy", "macro_f1", "top3", "rare_recall", "auroc", "average_precision", "ece", "coverage_96")

_OPENING: Final = """\
Learned from each table's training part, judged on its test part: the newest fifth where there are times. The best
of each column is bold; in brackets Pointsman's 95 % bootstrap interval. Peers: `svc` and `lr` read words (TF-IDF),
`mixed_…` words and one-hot facts, `lgb` facts alone (LightGBM), `minilm` is all-MiniLM-L6-v2 with a logistic
regression, `fasttext`, and `ag_medium` is AutoGluon at medium quality; their figures come from a file of runs on
the same tables. `linear` is as `mixed_svc`, learned again here; `score` is the multi-factor score of the priority;
`majority` always gives the labels' frequencies and is in no contest.

ECE: calibration error of the answer, 15 bins of equal mass; *of chance*: what perfect calibration would stay under
on so many rows in 95 % of cases. Rare recall: mean recall of the labels with 5 to 30 training rows. Recall at 12
%: of what happens, how much is among the riskiest (11.8 %, as the peers'). A set `noise` has random labels:
nothing may be learned there, and it is in no average. Written by `python -m benchmarks.quality --write`."""


def page(measured: Sequence[Measured], peers: Peers) -> Iterator[str]:
    """Every line of the page."""
    yield from _opening(measured)
    for one in measured:
        yield from set_table(one, peers.get((one.name, one.head), {}))
    yield from _averages(measured, peers)
    yield from _behind(measured, peers)


def set_table(one: Measured, peers: Mapping[str, Figures]) -> Iterator[str]:
    """One head of one set: a row a system, a column a figure, the best of each bold, our interval in brackets."""
    systems = {OURS: one.figures[OURS], **peers, **{name: one.figures[name] for name in one.figures if name != OURS}}
    columns = [name for name in SPOKEN if any(name in figures for figures in systems.values())]
    yield f"## {one.name}: {one.head}"
    yield ""
    yield f"{one.rows:,} tickets." + (f" Meaning: {one.meaning}." if one.meaning else "")
    yield ""
    yield _row("system", *(SPOKEN[name] for name in columns))
    yield _row("---", *("--:" for _ in columns))
    # Always giving the frequencies of the labels is calibrated without knowing anything: no contest.
    best = {
        name: _best(name, (figures for system, figures in systems.items() if system != "majority")) for name in columns
    }
    for system, figures in systems.items():
        intervals = one.intervals if system == OURS else {}
        yield _row(
            f"**{system}**" if system == OURS else system, *(_cell(name, figures, best, intervals) for name in columns)
        )
    yield ""


def ablation_table(parts: Mapping[str, Sequence[Measured]]) -> Iterator[str]:
    """What each part is worth: a row a head and variant, the whole first, differences from it after."""
    yield _row("set", "head", "without", *(SPOKEN[name] for name in PARTS))
    yield _row("---", "---", "---", *("--:" for _ in PARTS))
    whole, *others = parts
    for place, one in enumerate(parts[whole]):
        ours = one.figures[OURS]
        yield _row(one.name, one.head, "(whole)", *(f"{ours[name]:.3f}" if name in ours else "" for name in PARTS))
        for part in others:
            theirs = parts[part][place].figures[OURS]
            shown = (f"{theirs[name] - ours[name]:+.3f}" if name in ours and name in theirs else "" for name in PARTS)
            yield _row("", "", part, *shown)


def _opening(measured: Sequence[Measured]) -> Iterator[str]:
    yield "# Figures on public tables"
    yield ""
    yield from _OPENING.splitlines()
    if measured:
        took = {one.name: one.seconds for one in measured}
        yield ""
        yield "Learning took " + ", ".join(f"{name} {seconds:,.0f} s" for name, seconds in took.items()) + "."
    yield ""


def _averages(measured: Sequence[Measured], peers: Peers) -> Iterator[str]:
    yield "## On average over the sets"
    yield ""
    yield "Against the best peer of each set and head, figure by figure: no one peer is all of these. Against the best"
    yield "linear one of the sets with text."
    yield ""
    yield _row(
        "heads",
        "figure",
        "tables",
        "Pointsman",
        "best peer",
        "ahead",
        "tables with text",
        "Pointsman",
        "best linear",
        "ahead",
    )
    yield _row("---", "---", *("--:" for _ in range(8)))
    for kind, is_risk in (("queue, priority", False), ("escalation, breach", True)):
        mine = [one for one in measured if (one.head in RISK_HEADS) == is_risk and one.name != CONTROL]
        for figure in COMPARED:
            if is_risk or figure in OF_CHOICES | {"ece", "kappa"}:
                every = _pairs(mine, peers, figure, lambda *_: True)
                linear = _pairs(mine, peers, figure, lambda one, peer: one.has_text and peer in LINEAR)
                if every:
                    yield _row(kind, SPOKEN[figure], *_mean_cells(figure, every), *_mean_cells(figure, linear))
    yield ""


def _behind(measured: Sequence[Measured], peers: Peers) -> Iterator[str]:
    yield "## Where a peer is beyond our interval"
    yield ""
    told = []
    for one in measured:
        for figure, (_, high) in one.intervals.items():
            theirs = {
                name: found[figure] for name, found in peers.get((one.name, one.head), {}).items() if figure in found
            }
            if theirs and one.name != CONTROL and max(theirs.values()) > high:
                name = max(theirs, key=lambda peer: theirs[peer])
                ours = one.figures[OURS][figure]
                told.append(
                    f"- {one.name}, {one.head}: {SPOKEN[figure]} {ours:.3f} against {theirs[name]:.3f} ({name})"
                )
    yield from told or ["Nowhere."]


def _pairs(
    measured: Sequence[Measured], peers: Peers, figure: str, counts: Callable[[Measured, str], bool]
) -> list[tuple[float, float]]:
    """(ours, the best peer's) of every set and head where both have the figure."""
    pairs = []
    for one in measured:
        there = peers.get((one.name, one.head), {})
        theirs = [found for peer, found in there.items() if figure in found and counts(one, peer)]
        if theirs and figure in one.figures[OURS]:
            pairs.append((one.figures[OURS][figure], _best(figure, theirs)))
    return pairs


def _mean_cells(figure: str, pairs: Sequence[tuple[float, float]]) -> tuple[str, str, str, str]:
    if not pairs:
        return "", "", "", ""
    ours, theirs = (mean(side) for side in zip(*pairs, strict=True))
    ahead = theirs - ours if figure in LOWER_IS_BETTER else ours - theirs
    return str(len(pairs)), f"{ours:.3f}", f"{theirs:.3f}", f"{ahead:+.3f}"


def _best(figure: str, systems: "Iterator[Figures] | Sequence[Figures]") -> float:
    found = [figures[figure] for figures in systems if figure in figures]
    return (min if figure in LOWER_IS_BETTER else max)(found, default=float("nan"))


def _cell(name: str, figures: Figures, best: Mapping[str, float], intervals: Mapping[str, tuple[float, float]]) -> str:
    if name not in figures:
        return ""
    shown = f"{figures[name]:.3f}"
    if name not in NO_CONTEST and shown == f"{best[name]:.3f}":
        shown = f"**{shown}**"
    return shown + (" ({:.3f}–{:.3f})".format(*intervals[name]) if name in intervals else "")


def _row(*cells: str) -> str:
    return "| " + " | ".join(chain(cells)) + " |"
