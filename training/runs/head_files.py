"""The files of one head's run: pictures, tables, the worst errors, written to a folder.

Knows which file shows what. Knows nothing of MLflow, which takes the folder as it stands.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure

from desk.heads import RISK_HEADS, Head
from desk.ticket import Ticket
from training.evidence.confusion import MixUp, mix_ups
from training.evidence.curve_pictures import curve_picture
from training.evidence.importance import Carrier, TellingWord
from training.evidence.importance_pictures import importance_picture
from training.evidence.judging import HeadEvidence
from training.evidence.metrics import ClassMeasures
from training.evidence.pictures import confusion, coverage, reliability
from training.evidence.risk_pictures import ranking, scores
from training.evidence.slice_pictures import by_slice
from training.evidence.slices import Slice
from training.runs.error_table import write_errors
from training.runs.record import Training
from training.runs.writing import cells, write_json, write_picture, write_table

__all__ = ["write_head_files"]


def write_head_files(training: Training, head: Head, tickets: Mapping[str, Ticket], folder: Path) -> None:
    """Write every file of the head into `folder`. tickets: by id, those of the worst errors among them."""
    evidence = training.heads[head]
    for name, draw in _pictures(training, head, evidence).items():
        write_picture(folder / f"{name}.png", draw)
    if head not in RISK_HEADS:
        write_table(folder / "mix_ups.csv", MixUp, mix_ups(evidence.held_out))
    write_table(folder / "by_class.csv", ClassMeasures, evidence.measures.by_class)
    _write_slices(folder / "by_slice.csv", evidence.slices)
    write_errors(folder, evidence.worst, tickets, training.policy)
    if head in training.importance:
        found = training.importance[head]
        write_table(folder / "importance.csv", Carrier, found.carriers)
        write_table(folder / "words.csv", TellingWord, found.words)
    if head in training.curves:
        write_json(folder / "learning_curve.json", training.curves[head].to_json())


def _pictures(training: Training, head: Head, evidence: HeadEvidence) -> dict[str, Callable[[], Figure]]:
    held_out, baselines, capacity = evidence.held_out, evidence.beside, evidence.capacity
    pictures: dict[str, Callable[[], Figure]] = {
        "reliability": partial(reliability, held_out),
        "by_slice": partial(by_slice, held_out, evidence.slices),
    }
    if head in RISK_HEADS:
        pictures["ranking"] = partial(ranking, held_out, baselines, capacity)
        pictures["scores"] = partial(scores, held_out, capacity)
    else:
        pictures["confusion"] = partial(confusion, held_out)
        pictures["coverage"] = partial(coverage, held_out, baselines, evidence.contract)
    if head in training.curves:
        pictures["learning_curve"] = partial(curve_picture, head, training.curves[head])
    if head in training.importance:
        pictures["importance"] = partial(importance_picture, head, training.importance[head])
    return pictures


def _write_slices(path: Path, slices: Sequence[Slice]) -> None:
    """A line a figure; low and high are empty where it has no interval."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("by", "name", "rows", "figure", "value", "low", "high"))
        for one in slices:
            for figure, found in one.figures.items():
                ends = () if found.between is None else (found.between.low, found.between.high)
                table.writerow(cells((one.by, one.name, one.rows, figure, found.value, *ends)))
