"""Sixty damaged versions are promoted one after the other: none answers wrong, and the old one goes on.

Each goes the way of the service: files looked at, hashes, a child process, loading, warming. A dozen of them are in the
short run.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desk.ticket import Ticket
from journal.environment import Environment
from models.scoring import predict
from models.version import Version
from serving.champion import ChampionWatch, Standing
from serving.obtaining import obtain, stamp_of

ARRAYS = (
    "linear.weights.npy",
    "linear.intercepts.npy",
    "words.hashes.npy",
    "words.rarity.npy",
    "runs.hashes.npy",
    "runs.rarity.npy",
    "evidence.hits.npy",
    "evidence.probabilities.npy",
    "factors.weights.npy",
    "similar.facts.npy",
    "similar.ids.npy",
    "similar.ids.ends.npy",
    "similar.resolutions.ends.npy",
)
TEXTS = (
    "columns.json",
    "evidence.json",
    "factors.json",
    "golden.json",
    "heads.json",
    "novelty.json",
    "similar.json",
    "words.json",
    "escalation.trees.txt",
)
INDEX = "similar.index.usearch"
Damage = Callable[[Path], None]


def flipped(name: str, folder: Path) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) * 2 // 3] ^= 0x10
    (folder / name).write_bytes(content)


def cut(name: str, folder: Path) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])


def gone(name: str, folder: Path) -> None:
    (folder / name).unlink()


def linked(name: str, folder: Path) -> None:
    (folder / name).rename(folder.parent / f".{folder.name}.{name}")
    (folder / name).symlink_to(folder.parent / f".{folder.name}.{name}")


def piped(name: str, folder: Path) -> None:
    (folder / name).unlink()
    os.mkfifo(folder / name)


def exchanged(one: str, other: str, folder: Path) -> None:
    (folder / one).rename(folder / "aside")
    (folder / other).rename(folder / one)
    (folder / "aside").rename(folder / other)


def manifest_as(text: str, folder: Path) -> None:
    (folder / "manifest.json").write_text(text)


def manifest_with(change: Callable[[dict[str, Any]], object], folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def vouched_for(name: str, change: Callable[[bytes], bytes], folder: Path) -> None:
    """Other content, and a manifest that has the hash of it."""
    content = change((folder / name).read_bytes())
    (folder / name).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    manifest_with(lambda manifest: manifest["files"].update({name: digest}), folder)


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(old, new)


def array_of(number: float, content: bytes) -> bytes:
    """The same array, all of one number."""
    start = content.index(b"\n") + 1
    kind = "<f4" if b"<f4" in content[:start] else "<f8"
    return content[:start] + np.full((len(content) - start) // int(kind[-1]), number, kind).tobytes()


DAMAGES: dict[str, Damage] = {
    **{f"{name} flipped": partial(flipped, name) for name in (*ARRAYS, *TEXTS, INDEX)},
    **{f"{name} cut": partial(cut, name) for name in (*ARRAYS[:3], *TEXTS[3:5], TEXTS[-1], INDEX)},
    **{f"{name} gone": partial(gone, name) for name in ("heads.json", "golden.json", "words.hashes.npy", INDEX)},
    **{f"{name} linked": partial(linked, name) for name in ("manifest.json", "linear.weights.npy")},
    "arrays exchanged": partial(exchanged, "words.hashes.npy", "runs.hashes.npy"),
    "a pipe for an array": partial(piped, "linear.intercepts.npy"),
    "manifest gone": partial(gone, "manifest.json"),
    "manifest cut": partial(cut, "manifest.json"),
    "manifest empty": partial(manifest_as, ""),
    "manifest a list": partial(manifest_as, "[]"),
    "manifest deep": partial(manifest_as, "[" * 100_000),
    "manifest with a huge number": partial(manifest_as, '{"format": 1e999, "files": {}, "about": {}}'),
    "manifest with a long number": partial(manifest_as, '{"format": %s, "files": {}, "about": {}}' % ("9" * 5_000)),
    "format 1": partial(manifest_with, lambda one: one.update(format=1)),
    "format 99": partial(manifest_with, lambda one: one.update(format=99)),
    "no files": partial(manifest_with, lambda one: one.update(files={})),
    "a file elsewhere": partial(manifest_with, lambda one: one["files"].update({"../../journal.db": "0" * 64})),
    "too little of a number": partial(manifest_with, lambda one: one["about"].update(too_little=5)),
    "trees cut": partial(vouched_for, "escalation.trees.txt", lambda content: content[: len(content) // 2]),
    "trees with other leaves": partial(vouched_for, "escalation.trees.txt", replaced(b"leaf_value=-", b"leaf_value=")),
    "trees with wild splits": partial(
        vouched_for, "escalation.trees.txt", replaced(b"split_feature=", b"split_feature=9")
    ),
    "a bias that is none": partial(vouched_for, "heads.json", replaced(b'"bias": [0.0', b'"bias": [NaN')),
    "a bias beyond all bounds": partial(vouched_for, "heads.json", replaced(b'"bias": [0.0', b'"bias": [1e308')),
    "weights that are none": partial(vouched_for, "linear.weights.npy", partial(array_of, float("nan"))),
    "weights of nought": partial(vouched_for, "linear.weights.npy", partial(array_of, 0.0)),
    "no golden rows": partial(vouched_for, "golden.json", lambda _: b"[]"),
    "golden rows beyond the encoder": partial(
        vouched_for, "golden.json", replaced(b'"places": [', b'"places": [9999, ')
    ),
    "an index cut": partial(vouched_for, INDEX, lambda content: content[: len(content) // 2]),
}
SHORT = (
    "linear.weights.npy flipped",
    "escalation.trees.txt flipped",
    f"{INDEX} cut",
    "heads.json gone",
    "linear.weights.npy linked",
    "arrays exchanged",
    "manifest deep",
    "format 99",
    "too little of a number",
    "trees cut",
    "a bias that is none",
    "weights of nought",
)


@dataclass
class Serving:
    """A watch whose champion is version 1, and what decides which version is promoted."""

    environment: Environment
    watch: ChampionWatch
    promoted: list[str]
    tickets: list[Ticket]
    said: list[Any]

    def promote(self, name: str) -> None:
        self.promoted.append(name)
        self.watch.look()

    def answers(self) -> list[Any]:
        version = self.watch.current.version
        assert version is not None
        return numbers(version, self.tickets)


def numbers(version: Version, tickets: list[Ticket]) -> list[Any]:
    said = [predict(version, ticket) for ticket in tickets]
    return [(one.choices["queue"].top, one.risks["escalation"]) for one in said]


@pytest.fixture(scope="module")
def serving(make_home: Callable[[str | None], Environment], sample_tickets: list[Ticket]) -> Iterator[Serving]:
    environment, promoted = make_home("1"), ["1"]
    watch = ChampionWatch(
        lambda: Standing(promoted[-1]),
        partial(obtain, environment),
        stamp=lambda name: stamp_of(environment.versions / name),
        traffic=lambda _: (),
        remembered=environment.home / "champion.json",
        now=lambda: datetime.now(UTC),
        seconds=60,
    )
    watch.look()
    made = Serving(environment, watch, promoted, sample_tickets[:25], [])
    made.said = made.answers()
    yield made
    watch.stop()


def test_there_are_sixty() -> None:
    assert len(DAMAGES) == 60
    assert set(SHORT) <= set(DAMAGES)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SHORT else (pytest.mark.long,)) for name in DAMAGES]
)
def test_a_damaged_version_does_not_answer(serving: Serving, name: str) -> None:
    folder = serving.environment.versions / str(100 + list(DAMAGES).index(name))
    shutil.copytree(serving.environment.versions / "1", folder)
    before = stamp_of(folder)
    DAMAGES[name](folder)
    assert stamp_of(folder) != before
    serving.promote(folder.name)
    current, trouble = serving.watch.current.version, serving.watch.trouble
    assert current is not None
    assert (current.name, trouble is not None and trouble.version) == ("1", folder.name)
    assert serving.answers() == serving.said
    assert trouble is not None
    assert str(serving.environment.home) not in trouble.error
    looked = serving.watch.trouble
    serving.watch.look()
    assert serving.watch.trouble is looked
    serving.promote("1")
    assert serving.watch.trouble is None
    shutil.rmtree(folder)
