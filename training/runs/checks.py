"""The questions that a lead asks before a version may answer, each with what the evidence says.

Knows a training's figures, not where the answers are shown. None of this decides: the gate does, and people do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from desk.heads import HEADS, RISK_HEADS, Head
from training.evidence.contracts import applied
from training.evidence.judging import HeadEvidence
from training.evidence.slices import main_figure, weakest
from training.runs.record import Training

__all__ = ["Check", "Finding", "checks_of", "verdict_of"]

Finding: TypeAlias = Literal["yes", "mind", "no", "unknown"]

_TOLERATED: Final = 0.03
"""Calibration error that nobody notices, though of many tickets it is more than chance."""

_FIGURES: Final = {"accuracy": "right in", "auroc": "AUROC"}


@dataclass(frozen=True, slots=True)
class Check:
    """A question, what it is about in a word, whether it is answered well, and the evidence in words."""

    topic: str
    question: str
    finding: Finding
    words: str


def checks_of(training: Training) -> tuple[Check, ...]:
    """Every question, the gravest first."""
    judged = {head: training.heads[head] for head in HEADS if head in training.heads}
    return (
        _learned(training, judged),
        _beats(judged),
        _honest(judged),
        _contracts(judged),
        _future(training),
        _slices(judged),
    )


def verdict_of(checks: tuple[Check, ...]) -> str:
    """What follows from the checks, in some words."""
    found = {one.finding for one in checks}
    if "no" in found:
        return "Rather not"
    return "With care" if found & {"mind", "unknown"} else "Nothing speaks against it"


def _learned(training: Training, judged: Mapping[Head, HeadEvidence]) -> Check:
    about = "learning", "Did it learn anything?"
    empty = [head for head, one in judged.items() if not one.learned.something]
    told = [f"{head} knows no more than chance" for head in empty]
    told += [f"{head} was judged by no ticket" for head in training.unjudged]
    told += [f"{head} was skipped" for head in training.skipped]
    told += [doubt for one in judged.values() for doubt in one.doubts]
    if empty:
        return Check(*about, "no", "; ".join(told))
    if not judged:
        return Check(*about, "unknown", "; ".join(told) or "no head was judged")
    knows = "knows" if len(judged) == 1 else "know"
    well = f"{_listed(judged)} {knows} more than the most frequent label"
    return Check(*about, "mind" if told else "yes", "; ".join([well, *told]))


def _beats(judged: Mapping[Head, HeadEvidence]) -> Check:
    about = "the simple model", "Is it better than a simple model?"
    told, behind = [], False
    for head, one in judged.items():
        name = "auroc" if head in RISK_HEADS else "accuracy"
        ours, theirs = (getattr(some, name) for some in (one.measures, one.beside_measures.get("linear", one.measures)))
        if ours is None or theirs is None or "linear" not in one.beside_measures:
            continue
        told.append(f"{head} {_FIGURES[name]} {_number(name, ours)} against {_number(name, theirs)}")
        behind = behind or ours <= theirs
    return Check(*about, "unknown" if not told else "mind" if behind else "yes", "; ".join(told) or "not compared")


def _number(name: str, value: float) -> str:
    return f"{value:.1%}" if name == "accuracy" else f"{value:.3f}"


def _honest(judged: Mapping[Head, HeadEvidence]) -> Check:
    about = "calibration", "Do its probabilities mean what they say?"
    off = {head: one.measures.ece for head, one in judged.items() if _is_off(one)}
    told = [f"{head} is {100 * error:.1f} points off on average" for head, error in off.items()]
    if not judged:
        return Check(*about, "unknown", "not judged")
    well = f"within chance or {100 * _TOLERATED:.0f} points on average: {_listed(h for h in judged if h not in off)}"
    return Check(*about, "mind" if off else "yes", "; ".join([*told, *([well] if len(off) < len(judged) else [])]))


def _is_off(one: HeadEvidence) -> bool:
    return one.measures.ece > max(one.measures.ece_of_chance or 0.0, _TOLERATED)


def _contracts(judged: Mapping[Head, HeadEvidence]) -> Check:
    about = "contracts", "Are the contracts kept?"
    told, finding = [], "yes"
    for head, one in judged.items():
        if one.contract is None:
            continue
        rows = applied(one.held_out, one.contract)
        if not rows.any():
            told.append(f"{head}: nothing is applied by itself yet ({one.contract.demand:.0%} demanded)")
            continue
        right = float(one.held_out.hit[rows].mean())
        told.append(
            f"{head}: {rows.mean():.0%} applied by itself, {right:.1%} right ({one.contract.demand:.0%} demanded)"
        )
        if right < one.contract.demand:
            finding = "mind"
    return Check(*about, finding if told else "unknown", "; ".join(told) or "no head has one")  # type: ignore[arg-type]


def _future(training: Training) -> Check:
    about = "leakage", "Does it know only what is known at the opening?"
    insisted = [one.column for one in training.leakage.refused if one.column in training.allowed_leakage]
    doubtful = [one.column for one in training.leakage.warned]
    told = [f"`{column}` knows the future and is used as the user insisted" for column in insisted]
    told += [f"`{column}` may know the future and is used" for column in doubtful]
    finding: Finding = "no" if insisted else "mind" if doubtful else "yes"
    return Check(*about, finding, "; ".join(told) or f"{len(training.leakage.checked)} columns were checked")


def _slices(judged: Mapping[Head, HeadEvidence]) -> Check:
    about = "slices", "Is anybody served worse?"
    behind = []
    for head, one in judged.items():
        figure, whole = main_figure(one.held_out)
        behind += [
            f"{head} of {some.by} `{some.name}` {some.figures[figure].value:.2f} against {whole:.2f}"
            for some in weakest(one.slices, figure, whole)
            if some.by != "label"
        ]
    if not judged:
        return Check(*about, "unknown", "not judged")
    return Check(
        *about, "mind" if behind else "yes", "; ".join(behind[:4]) or "no language, channel or tier beyond chance"
    )


def _listed(heads: "Mapping[Head, object] | Iterator[Head]") -> str:
    names = list(heads)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "none"
