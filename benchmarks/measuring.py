"""One public table: learned from its training part, judged on its test part, as `pointsman train` and `evaluate` do.

Leaves out MLflow and the registry. Knows neither peers nor pages.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.peers import PEERS_CAPACITY, Figures
from desk.demands import Demands
from desk.heads import HEADS, RISK_HEADS
from features.wording import wording_of
from training.evidence import formulas, redrawn
from training.evidence.evaluation import evaluate
from training.evidence.held_out import HeldOut
from training.evidence.intervals import bootstrap
from training.evidence.judging import HeadEvidence
from training.evidence.metrics import Measures
from training.histories.desk_config import read_desk_config
from training.histories.labels import head_readiness
from training.histories.reading import read_history
from training.learning.factors import learn_factors
from training.learning.meanings import Encoders
from training.learning.version import learn
from training.progress import Unwatched

__all__ = ["OURS", "Measured", "measure_set"]

OURS: Final = "Pointsman"


@dataclass(frozen=True, slots=True)
class Measured:
    """One head of one set.

    figures: by system (Pointsman and the baselines), then by name. intervals: Pointsman's, 95 %. has_text: whether the
    tickets have words. meaning: which encoder was used and why. seconds: that the whole set took to learn.
    """

    name: str
    head: str
    rows: int
    has_text: bool
    figures: Mapping[str, Figures]
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    meaning: str = ""
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Measured":
        """What `to_json` gave."""
        intervals = {name: (low, high) for name, (low, high) in told["intervals"].items()}
        return cls(**{**told, "intervals": intervals})


def measure_set(folder: Path, encoders: Encoders | None, *, trees: bool = True, favour: bool = True) -> list[Measured]:
    """Every head of the set in `folder`; trees, favour: whether heads may have trees, and favour rare labels."""
    config = read_desk_config(None)
    history, asked = (read_history(folder / f"{part}.csv.gz", config) for part in ("train", "test"))
    reasons, order = head_readiness(history), history.known_priority_order
    began = time.monotonic()
    heads = [head for head in HEADS if reasons[head] is None]
    learned = learn(history.rows, heads, Unwatched(), encoders, trees=trees, priority_order=order)
    version = replace(learned.version, factors=learn_factors(history.rows, learned.version.encoder, order))
    seconds = time.monotonic() - began
    if not favour:
        version = replace(
            version, heads={name: replace(one, favour=np.empty(0)) for name, one in version.heads.items()}
        )
    judged = evaluate(version, asked.rows, history.rows, priority_order=order, demands=Demands(), tick=lambda: None)
    has_text = any(wording_of(row.ticket) for row in asked.rows)
    return [
        Measured(
            folder.name,
            head,
            one.measures.rows,
            has_text,
            {OURS: _figures(one.held_out, one.measures)}
            | {name: _figures(held_out, one.beside_measures[name]) for name, held_out in one.beside.items()},
            _intervals(one),
            learned.meaning,
            seconds,
        )
        for head, one in judged.items()
    ]


def _figures(held_out: HeldOut, measures: Measures) -> Figures:
    figures = measures.figures()
    if "recall_at_capacity" in figures:
        happened, probability = np.equal(held_out.truth, 1), held_out.probabilities[:, 1]
        figures["recall_at_capacity"] = formulas.recall_at_capacity(happened, probability, PEERS_CAPACITY)
    return figures


def _intervals(evidence: HeadEvidence) -> dict[str, tuple[float, float]]:
    found = {name: (one.low, one.high) for name, one in evidence.measures.intervals.items()}
    held_out = evidence.held_out
    if held_out.head in RISK_HEADS:
        happened, probability = np.equal(held_out.truth, 1), held_out.probabilities[:, 1]
        drawn = bootstrap(redrawn.recall_at_capacity(happened, probability, PEERS_CAPACITY), len(happened))
        return found | {"recall_at_capacity": (drawn.low, drawn.high)}
    drawn = bootstrap(
        lambda rows: formulas.top_share(held_out.truth[rows], held_out.probabilities[rows]), len(held_out.truth)
    )
    return found | {"top3": (drawn.low, drawn.high)}
