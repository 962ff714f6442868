"""Versions beside the small one: with other numbers, with NaN where few look, with so many trees that it takes seconds.

Knows nothing of the service.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from desk.ticket import Ticket
from features.encoding import encode, read
from models.golden import golden_rows
from models.linear import Linear, linear_scores
from models.storage import write_version
from models.trees import lightgbm_core, trees_of
from models.trial import TICKETS
from models.version import Version

__all__ = ["DAMAGE", "louder", "many_trees", "nan_everywhere", "nan_where_nothing_tried", "store"]


def louder(version: Version, name: str, times: float) -> Version:
    """The same version with its linear scores so many times as large: other numbers for every ticket."""
    return replace(
        version, name=name, linear=Linear(version.linear.weights * np.float32(times), version.linear.intercepts)
    )


def nan_everywhere(version: Version, name: str) -> Version:
    """Every score of it is NaN."""
    return louder(version, name, float("nan"))


def nan_where_nothing_tried(version: Version, name: str, text: str, tried: Sequence[Ticket]) -> Version:
    """NaN for what this text says and the tickets `tried` do not: its golden rows are all in order."""
    said = set(encode(version.encoder, read(Ticket(id="said", body=text, subject=""))).places)
    for ticket in (*tried, *TICKETS):
        said -= set(encode(version.encoder, read(ticket)).places)
    assert said, "the text says nothing of its own"
    weights = version.linear.weights.copy()
    weights[sorted(said)] = np.nan
    return replace(version, name=name, linear=Linear(weights, version.linear.intercepts))


def many_trees(version: Version, name: str, tried: Sequence[Ticket], count: int) -> Version:
    """A version whose escalation has so many trees that making it ready takes seconds."""
    inputs = []
    for ticket in tried:
        encoded = encode(version.encoder, read(ticket))
        inputs.append(np.concatenate((encoded.numbers, linear_scores(version.linear, encoded).text[3:4])))
    truth = [number % 2 for number in range(len(tried))]
    settings = {"objective": "binary", "num_leaves": 4, "min_data_in_leaf": 2, "verbosity": -1, "num_threads": 1}
    lightgbm = lightgbm_core()
    data = lightgbm.Dataset(np.array(inputs), np.array(truth))
    booster = lightgbm.train({**settings, "learning_rate": 1e-5}, data, num_boost_round=count)
    escalation = replace(version.heads["escalation"], trees=trees_of(booster))
    return replace(version, name=name, heads={**version.heads, "escalation": escalation})


def store(version: Version, versions: Path, tried: Sequence[Ticket]) -> Path:
    """Put the version among those of a home, with the tickets as golden rows."""
    folder = versions / version.name
    versions.mkdir(exist_ok=True)
    beside = versions.parent / f"{version.name}.writing"
    rows = golden_rows(version, [encode(version.encoder, read(ticket)) for ticket in tried])
    write_version(version, beside, rows)
    beside.rename(folder)
    return folder


def _flipped(folder: Path) -> None:
    weights = bytearray((folder / "linear.weights.npy").read_bytes())
    weights[-1] ^= 1
    (folder / "linear.weights.npy").write_bytes(weights)


def _cut(folder: Path) -> None:
    path = folder / "escalation.trees.txt"
    path.write_bytes(path.read_bytes()[:-200])


def _without_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("{}")


def _without_a_file(folder: Path) -> None:
    (folder / "linear.weights.npy").unlink()


def _empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


DAMAGE: dict[str, Callable[[Path], None]] = {
    "a bit flipped": _flipped,
    "trees cut short": _cut,
    "no manifest": _without_manifest,
    "a file missing": _without_a_file,
    "nothing in it": _empty,
}
"""Ways to spoil a version's folder."""
