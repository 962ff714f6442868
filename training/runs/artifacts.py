"""The files of a training's run: card, summary, leakage report, suspects, environment, written to a folder.

What is about one head is in `training.runs.head_files`. Knows nothing of MLflow, which takes the folder as it stands.
"""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from training.evidence.moves import ReadAnew, read_anew_by
from training.evidence.pictures import summary
from training.evidence.suspects import Suspect
from training.gate.pictures import differences
from training.leakage.report import LeakageReport
from training.runs.model_card import model_card
from training.runs.provenance import packages, python
from training.runs.record import Training
from training.runs.writing import write_json, write_picture, write_table

__all__ = ["READ_ANEW_FILE", "SUSPECTS_FILE", "write_artifacts"]

SUSPECTS_FILE = "suspects.csv"
"""Labels that are probably wrong, the worst first: ids and labels, never a text."""

READ_ANEW_FILE = "read_anew.csv"
"""Older tickets that teach as another queue's, for their kind moved; ids and labels alone."""


def write_artifacts(training: Training, folder: Path) -> None:
    """Write every file into `folder`."""
    (folder / "model_card.md").write_text(model_card(training), encoding="utf-8")
    (folder / "requirements.txt").write_text(_requirements(), encoding="utf-8")
    (folder / "leakage.md").write_text(_leakage(training.leakage), encoding="utf-8")
    write_json(folder / "leakage.json", training.leakage.to_json())
    write_json(folder / "history.json", _history(training))
    write_json(folder / "evidence.json", {head: one.to_json() for head, one in training.heads.items()})
    if training.growing:
        write_json(folder / "growing.json", {head: one.to_json() for head, one in training.growing.items()})
    write_json(folder / "factors.json", {factor: asdict(one) for factor, one in training.factors.items()})
    write_table(folder / SUSPECTS_FILE, Suspect, training.suspects)
    if training.moves:
        write_table(folder / READ_ANEW_FILE, ReadAnew, list(read_anew_by(training.moves)))
    if training.heads:
        measures = {head: one.measures for head, one in training.heads.items()}
        beside = {head: one.beside_measures for head, one in training.heads.items()}
        write_picture(folder / "summary.png", partial(summary, measures, beside))
    against = training.against
    if against is not None and against.evidence is not None:
        write_json(folder / "champion.json", against.evidence.to_json())
        write_picture(folder / "champion.png", partial(differences, against.champion, against.evidence))


def _requirements() -> str:
    lines = [f"# {python()}", *(f"{name}=={version}" for name, version in packages().items())]
    return "\n".join(lines) + "\n"


def _history(training: Training) -> dict[str, Any]:
    history, window = training.history, training.window
    return {
        "digest": history.digest,
        "rows": len(history.rows),
        "window": [moment.isoformat() for moment in window] if window else None,
        "label_rule": history.label_rule,
        "priority_order": list(history.known_priority_order),
        "columns": dict(history.columns),
        "notes": list(history.notes),
        "split": training.split,
    }


def _leakage(report: LeakageReport) -> str:
    lines = ["# Columns that may know the future", "", f"{len(report.checked)} columns were checked.", ""]
    for finding in report.findings:
        where = f" ({finding.label})" if finding.label else ""
        lines.append(f"- **{finding.verdict}** `{finding.column}`{where}: {finding.reason}")
    return "\n".join(lines if report.findings else [*lines, "None stands out."]) + "\n"
