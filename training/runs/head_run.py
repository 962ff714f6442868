"""What the run of one head tells: parameters, figures, the page on top of it.

The head's files are in `training.runs.head_files`. Knows a training, no MLflow.
"""

from collections.abc import Iterator

from desk.heads import Head
from training.evidence.importance import Importance
from training.evidence.judging import HeadEvidence
from training.evidence.slices import main_figure, weakest
from training.runs.model_card import FIGURES
from training.runs.record import Training

__all__ = ["COMPARED", "head_metrics", "head_page", "head_parameters"]

COMPARED = (
    "accuracy",
    "macro_f1",
    "top3",
    "rare_recall",
    "ece",
    "coverage_95",
    "coverage_96",
    "kappa",
    "two_levels_off",
    "auroc",
    "average_precision",
    "recall_at_capacity",
)
"""Figures of the baselines that are metrics too; all of them are in `evidence.json`."""

_CARRIERS_TOLD = 5


def head_parameters(training: Training, head: Head) -> dict[str, object]:
    """What was decided before the head was judged, and what its blend came to."""
    one = training.heads[head]
    told: dict[str, object] = {
        "head": head,
        "labels": len(one.held_out.labels),
        "rows.held_out": one.measures.rows,
        "split": training.split,
        "history.digest": training.history.digest,
    }
    if one.contract is not None:
        told["contract.demand"] = one.contract.demand
        told["contract.labels"] = len(one.contract.thresholds)
    if one.measures.auroc is not None:
        told["review_capacity"] = one.capacity
    if head in training.curves:
        told["rows.learned"] = training.curves[head].points[-1].rows
    return told | {f"counts.{member}": count for member, count in training.members.get(head, {}).items()}


def head_metrics(training: Training, head: Head) -> dict[str, float]:
    """`accuracy`, a baseline's `accuracy.linear`, `growing/auroc_after_5`; MLflow sorts by name."""
    one = training.heads[head]
    told = dict(one.measures.figures())
    told["rows"] = float(one.measures.rows)
    for other, measures in one.beside_measures.items():
        told |= {f"{name}.{other}": value for name, value in measures.figures().items() if name in COMPARED}
    if head in training.growing:
        told |= {f"growing/{name}": value for name, value in training.growing[head].figures().items()}
    if head == "priority":
        for factor, found in training.factors.items():
            told |= {f"factors/{factor}.{name}": value for name, value in found.figures().items()}
    told["suspects"] = float(sum(suspect.head == head for suspect in training.suspects))
    return told


def head_page(training: Training, head: Head) -> str:
    """What to know of the head before any picture, in markdown; never a ticket's text."""
    return "\n".join(_page(training, head)) + "\n"


def _page(training: Training, head: Head) -> Iterator[str]:
    one = training.heads[head]
    yield f"## {head.capitalize()}: {_headline(one)}"
    yield ""
    yield f"- {one.learned.words}"
    if one.measures.contract_coverage is not None:
        precision = one.measures.contract_precision
        right = "" if precision is None else f", {precision:.1%} of it right"
        demand = "" if one.contract is None else f"; {one.contract.demand:.0%} demanded"
        yield f"- applied by itself under contract: {one.measures.contract_coverage:.1%}{right}{demand}"
    figure, whole = main_figure(one.held_out)
    yield from (
        f"- served worse: {some.by} `{some.name}`, {some.figures[figure].value:.3f} against {whole:.3f} of all"
        for some in weakest(one.slices, figure, whole)
    )
    if head in training.curves:
        yield f"- learning curve: {training.curves[head].words}"
    if head in training.importance:
        yield f"- carried by {_carried(training.importance[head])}"
    yield from (f"- **{doubt}**" for doubt in one.doubts)
    yield ""
    yield "Pictures and tables are under *Artifacts*: `worst_errors.html` has the surest wrong answers."


def _headline(one: HeadEvidence) -> str:
    name, _ = main_figure(one.held_out)
    value, between = getattr(one.measures, name), one.measures.intervals.get(name)
    if value is None:
        return f"{one.measures.rows:,} held-out tickets"
    ends = "" if between is None else f" ({between.low:.3f} to {between.high:.3f})"
    return f"{FIGURES[name]} {value:.3f}{ends} on {one.measures.rows:,} held-out tickets"


def _carried(found: Importance) -> str:
    return ", ".join(f"{one.name} ({one.weight:.2f})" for one in found.carriers[:_CARRIERS_TOLD]) or "nothing"
