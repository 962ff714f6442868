"""The files of a run: card, pictures, tables, leakage report, environment, written to a folder.

Knows which file shows what. Knows nothing of MLflow, which takes the folder as it stands.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, fields
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from desk.heads import RISK_HEADS, Head
from training.evidence.confusion import MixUp, mix_ups
from training.evidence.judging import HeadEvidence
from training.evidence.metrics import ClassMeasures
from training.evidence.pictures import confusion, coverage, reliability, summary
from training.evidence.risk_pictures import ranking, scores
from training.evidence.slice_pictures import by_slice
from training.evidence.slices import Slice
from training.evidence.suspects import Suspect
from training.leakage.report import LeakageReport
from training.runs.model_card import model_card
from training.runs.provenance import packages, python
from training.runs.record import Training

__all__ = ["SUSPECTS_FILE", "write_artifacts"]

DOTS_PER_INCH = 110

SUSPECTS_FILE = "suspects.csv"
"""Labels that are probably wrong, the worst first: ids and labels, never a text."""


def write_artifacts(training: Training, folder: Path) -> None:
    """Write every file of the run into `folder`: one folder a head, the rest beside them."""
    (folder / "model_card.md").write_text(model_card(training), encoding="utf-8")
    (folder / "requirements.txt").write_text(_requirements(), encoding="utf-8")
    (folder / "leakage.md").write_text(_leakage(training.leakage), encoding="utf-8")
    _write_json(folder / "leakage.json", training.leakage.to_json())
    _write_json(folder / "history.json", _history(training))
    _write_json(folder / "evidence.json", {head: one.to_json() for head, one in training.heads.items()})
    if training.growing:
        _write_json(folder / "growing.json", {head: one.to_json() for head, one in training.growing.items()})
    _write_json(folder / "factors.json", {factor: asdict(one) for factor, one in training.factors.items()})
    _write_table(folder / SUSPECTS_FILE, Suspect, training.suspects)
    if training.heads:
        measures = {head: one.measures for head, one in training.heads.items()}
        beside = {head: one.beside_measures for head, one in training.heads.items()}
        _write_picture(folder / "summary.png", summary(measures, beside))
    for head, evidence in training.heads.items():
        (folder / head).mkdir()
        _write_head(folder / head, head, evidence)


def _write_head(folder: Path, head: Head, evidence: HeadEvidence) -> None:
    held_out, baselines = evidence.held_out, evidence.beside
    pictures = {"reliability": reliability(held_out), "by_slice": by_slice(held_out, evidence.slices)}
    if head in RISK_HEADS:
        capacity = evidence.capacity
        pictures |= {"ranking": ranking(held_out, baselines, capacity), "scores": scores(held_out, capacity)}
    else:
        pictures |= {"confusion": confusion(held_out), "coverage": coverage(held_out, baselines, evidence.contract)}
        _write_table(folder / "mix_ups.csv", MixUp, mix_ups(held_out))
    for name, figure in pictures.items():
        _write_picture(folder / f"{name}.png", figure)
    _write_table(folder / "by_class.csv", ClassMeasures, evidence.measures.by_class)
    _write_slices(folder / "by_slice.csv", evidence.slices)


def _write_slices(path: Path, slices: Sequence[Slice]) -> None:
    """A line a figure; low and high are empty where it has no interval."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("by", "name", "rows", "figure", "value", "low", "high"))
        for one in slices:
            for figure, found in one.figures.items():
                ends = () if found.between is None else (found.between.low, found.between.high)
                table.writerow(_cells((one.by, one.name, one.rows, figure, found.value, *ends)))


def _write_picture(path: Path, figure: Figure) -> None:
    figure.savefig(path, dpi=DOTS_PER_INCH)


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False), encoding="utf-8")


def _write_table(path: Path, kind: type, rows: Sequence[Any]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(one.name for one in fields(kind))
        table.writerows(_cells(astuple(row)) for row in rows)


def _cells(values: Iterable[object]) -> list[object]:
    return [f"{value:.4f}" if isinstance(value, float) else value for value in values]


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
