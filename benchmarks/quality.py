"""`python -m benchmarks.quality [SET ...] [--write]`: figures on public tables, beside the baselines.

Learns from each set's training table and judges on its test table, as `pointsman train` and `evaluate` do but without
MLflow. The tables are looked for in POINTSMAN_DATA, else in `../shared/data`. With `--write` the table goes to
`docs/quality.md`.
"""

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desk.demands import Demands
from desk.heads import HEADS, Head
from training.evidence.evaluation import evaluate
from training.evidence.judging import HeadEvidence
from training.histories.desk_config import read_desk_config
from training.histories.labels import head_readiness
from training.histories.reading import read_history
from training.learning.version import learn

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "quality.md"
SETS: Final = ("it47", "uci", "boston", "jira_hib", "multilang", "banking77", "clinc150", "noise")
CHOICES: Final = (
    "accuracy",
    "macro_f1",
    "top3",
    "ece",
    "coverage_95",
    "coverage_96",
    "contract_coverage",
    "contract_precision",
    "kappa",
)
RISKS: Final = ("auroc", "average_precision", "recall_at_capacity", "false_alarms_at_capacity", "coverage_94", "ece")
SPOKEN: Final = {
    "macro_f1": "macro-F1",
    "top3": "top-3",
    "ece": "ECE",
    "coverage_95": "coverage at 95 %",
    "auroc": "AUROC",
    "average_precision": "average precision",
    "coverage_96": "coverage at 96 %",
    "contract_coverage": "applied under contract",
    "contract_precision": "precision under contract",
    "recall_at_capacity": "recall at 12 %",
    "false_alarms_at_capacity": "false-positive rate at 12 %",
    "coverage_94": "yes or no at 94 %",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One set: the evidence of its heads, and how long learning and answering took, in seconds and tickets a second."""

    name: str
    heads: dict[Head, HeadEvidence]
    seconds: float
    rate: float


class _Silence:
    def stage(self, name: str, steps: int) -> None:
        """Learning has come to a stage."""

    def step(self) -> None:
        """Learning has come a step further."""


def main(arguments: list[str]) -> int:
    """Measure the sets named, or all; return the exit code."""
    write = "--write" in arguments
    data = Path(os.environ.get("POINTSMAN_DATA", ROOT.parent / "shared" / "data"))
    names = [name for name in arguments if not name.startswith("-")] or list(SETS)
    there = [name for name in names if (data / name / "train.csv.gz").is_file()]
    if not there:
        print(f"No table of {', '.join(names)} in {data}; set POINTSMAN_DATA to the folder that holds them.")
        return 2
    measured = []
    for name in there:
        measured.append(_measure(data / name))
        print("\n".join(_rows(measured[-1])), flush=True)
    if write:
        PAGE.write_text("\n".join(_page(measured)) + "\n", encoding="utf-8")
        print(f"written to {PAGE.relative_to(ROOT)}")
    return 0


def _measure(folder: Path) -> Measured:
    config = read_desk_config(None)
    history, asked = (read_history(folder / f"{part}.csv.gz", config) for part in ("train", "test"))
    reasons = head_readiness(history)
    began = time.monotonic()
    learned = learn(history.rows, [head for head in HEADS if reasons[head] is None], _Silence())
    taught = time.monotonic()
    order = history.known_priority_order
    heads = evaluate(
        learned.version, asked.rows, history.rows, priority_order=order, demands=Demands(), tick=lambda: None
    )
    return Measured(folder.name, heads, taught - began, len(asked.rows) / (time.monotonic() - taught))


def _rows(measured: Measured) -> Iterator[str]:
    for head, evidence in measured.heads.items():
        ours = evidence.measures.figures()
        for figure in RISKS if head in ("escalation", "breach") else CHOICES:
            if figure in ours:
                beside = [evidence.beside_measures[name].figures().get(figure) for name in ("majority", "linear")]
                cells = [f"{value:.3f}" if value is not None else "" for value in (ours[figure], *beside)]
                yield f"| {measured.name} | {head} | {SPOKEN.get(figure, figure)} | " + " | ".join(cells) + " |"


def _page(measured: list[Measured]) -> Iterator[str]:
    yield "# Figures on public tables"
    yield ""
    yield "Learned from each table's training part, judged on its test part: the newest fifth where there are times."
    yield "`linear` is TF-IDF (words, pairs) and one-hot facts with LinearSVC, learned from the same rows. `noise` has"
    yield "random labels: nothing may be learned there. Written by `python -m benchmarks.quality --write`."
    yield ""
    yield "| set | head | figure | Pointsman | majority | linear |"
    yield "|---|---|---|--:|--:|--:|"
    for one in measured:
        yield from _rows(one)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
