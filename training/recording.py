"""One training written down: the record that run, card and registry tell from, and what the manifest says of a version.

Knows what was planned and found, neither how it came about nor where it is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk.demands import SETTING
from desk.heads import Head
from desk.run_policy import RunPolicy
from desk.taxonomy_setting import taxonomy_json
from models.factors import Taught
from models.heads import HeadModel
from training.evidence.factors import FactorEvidence
from training.evidence.growing import judge_growth
from training.evidence.importance import Importance
from training.evidence.judging import HeadEvidence
from training.evidence.learning_curve import Curve
from training.evidence.metrics import Measures
from training.evidence.moves import Move, moves_of
from training.evidence.suspects import Suspect
from training.gate.on_held_out import Against
from training.histories.desk_config import DeskConfig
from training.histories.history import History
from training.histories.labels import label_counts, rare_labels
from training.leakage.report import LeakageReport
from training.learning.version import SEED, Learned
from training.plan import Plan
from training.runs.provenance import read_commit
from training.runs.record import Awaits, Training

__all__ = ["Found", "about_of", "record_of"]


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a plan; each part as `training.runs.record.Training` has it.

    allowed: columns that were refused, had the user not insisted. seconds: by step.
    """

    leakage: LeakageReport
    allowed: tuple[str, ...]
    learned: Learned
    evidence: Mapping[Head, HeadEvidence]
    factors: Mapping[Taught, FactorEvidence]
    golden: Mapping[Head, Measures]
    suspects: tuple[Suspect, ...]
    seconds: Mapping[str, float]
    curves: Mapping[Head, Curve]
    importance: Mapping[Head, Importance]
    against: Against | None
    awaits: Awaits
    policy: RunPolicy


def record_of(history: History, plan: Plan, found: Found) -> Training:
    """The record of a training of `history`."""
    learned, evidence = found.learned, found.evidence
    described = set(plan.config.queues) if "queue" in plan.heads else set()
    skipped = {head: reason for head, reason in plan.readiness.items() if reason is not None}
    return Training(
        history=history,
        leakage=found.leakage,
        heads=evidence,
        factors=found.factors,
        golden=found.golden,
        suspects=found.suspects,
        moves=_moves(history, learned),
        growing={head: judge_growth(one) for head, one in learned.growing.items()},
        split=learned.split.how,
        commit=read_commit(),
        unjudged=tuple(head for head in learned.version.heads if head not in evidence),
        new_queues=tuple(sorted(described - set(label_counts(history, "queue")))),
        skipped=skipped | dict(learned.skipped),
        rare_labels={head: labels for head, labels in rare_labels(history).items() if labels},
        settings=_settings(history, plan, learned),
        allowed_leakage=found.allowed,
        seconds=found.seconds,
        curves=found.curves,
        importance=found.importance,
        members={head: _members(model) for head, model in learned.version.heads.items()},
        against=found.against,
        awaits=found.awaits,
        policy=found.policy,
    )


def _moves(history: History, learned: Learned) -> tuple[Move, ...]:
    if not learned.moved:
        return ()
    return moves_of(history.rows, learned.version.heads["queue"].labels, learned.moved)


def _members(model: HeadModel) -> dict[str, float]:
    """What a point of each member's score counts; a member that a head lacks is not named."""
    blend = model.blend
    counts = {"linear": blend.linear, "meaning": blend.meaning, "trees": blend.trees}
    return {name: round(count, 4) for name, count in counts.items() if count}


def _settings(history: History, plan: Plan, learned: Learned) -> dict[str, object]:
    """Whatever was decided beforehand."""
    return {
        "seed": SEED,
        **plan.config.to_json(),
        "priority_order": list(history.known_priority_order),
        SETTING: plan.demands.to_json(),
        "meaning": learned.meaning,
    }


def about_of(record: Training, config: DeskConfig, run_id: str, at: datetime, tenant: str) -> dict[str, Any]:
    """What the manifest says of the version: where it comes from, what it was learned from, how good it was."""
    window = record.window
    return {
        "trained_at": at.isoformat(),
        "tenant": tenant,
        "run_id": run_id,
        "commit": record.commit,
        "history": record.history.digest,
        "rows": len(record.history.rows),
        "window": None if window is None else [moment.isoformat() for moment in window],
        "split": record.split,
        "label_rule": record.history.label_rule,
        "priority_order": list(record.history.known_priority_order),
        "desk_config": config.to_json(),
        "taxonomy": taxonomy_json(record.history.read_through),
        "skipped": dict(record.skipped),
        "too_little": [head for head in record.skipped if label_counts(record.history, head)],
        "rare_labels": {head: dict(labels) for head, labels in record.rare_labels.items()},
        "figures": {head: dict(one.measures.figures()) for head, one in record.heads.items()},
    }
