"""A version on disk: what is written is read back, and whatever is damaged or hostile is refused before it can act."""

import hashlib
import json
import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desk.errors import DamagedVersionError, UnsupportedFormatError
from desk.ticket import Message, Ticket
from features.encoding import encode, read
from features.thread import THREAD_MEASURES
from journal.environment import Environment
from models.check import check_version
from models.growth import BASIS, Growth
from models.manifest import FORMAT, check_hashes
from models.scoring import predict, probabilities_of
from models.shelf import save_array
from models.storage import load_version, read_golden, write_version
from models.trees import lightgbm_core, trees_of
from models.version import Version

FILES = (
    "breach.trees.txt",
    "columns.json",
    "escalation.trees.txt",
    "evidence.hits.npy",
    "evidence.json",
    "evidence.probabilities.npy",
    "factors.json",
    "factors.weights.npy",
    "golden.json",
    "heads.json",
    "linear.intercepts.npy",
    "linear.weights.npy",
    "novelty.centres.npy",
    "novelty.json",
    "priority.trees.txt",
    "queue.trees.txt",
    "runs.hashes.npy",
    "runs.rarity.npy",
    "similar.facts.npy",
    "similar.ids.ends.npy",
    "similar.ids.npy",
    "similar.index.usearch",
    "similar.json",
    "similar.resolutions.ends.npy",
    "similar.resolutions.npy",
    "words.hashes.npy",
    "words.json",
    "words.rarity.npy",
)
ASKED = Ticket(id="1", subject="VPN drops", body="My VPN connection drops every few minutes.")
OPENED, HOUR = datetime(2026, 1, 5, 9, 0, tzinfo=UTC), timedelta(hours=1)
ARRAYS = tuple(name for name in FILES if name.endswith(".npy"))


@pytest.fixture
def folder(trained_home: Environment, tmp_path: Path) -> Path:
    """A copy of a trained version, to be damaged."""
    return Path(shutil.copytree(trained_home.versions / "1", tmp_path / "7"))


def manifest_of(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return read


def rewrite_manifest(folder: Path, **changes: Any) -> None:
    (folder / "manifest.json").write_text(json.dumps({**manifest_of(folder), **changes}))


def rehash(folder: Path) -> None:
    """Make the manifest vouch for whatever the folder holds: as an attacker would, or our own mistake."""
    names = [path.name for path in folder.iterdir() if path.name != "manifest.json"]
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    rewrite_manifest(folder, files=files)


def write_json(folder: Path, name: str, change: Callable[[Any], Any]) -> None:
    (folder / name).write_text(json.dumps(change(json.loads((folder / name).read_text()))))
    rehash(folder)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def missing(path: Path) -> None:
    path.unlink()


def linked(path: Path) -> None:
    path.rename(path.parent.parent / path.name)
    path.symlink_to(path.parent.parent / path.name)


def made_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def made_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def test_these_are_all_the_files_of_a_version(folder: Path) -> None:
    assert tuple(sorted(manifest_of(folder)["files"])) == FILES
    assert sorted(path.name for path in folder.iterdir()) == sorted((*FILES, "manifest.json"))


def test_what_is_written_is_read_back_and_answers_the_same(trained_version: Version, tmp_path: Path) -> None:
    write_version(trained_version, tmp_path / "9", [{"any": "golden row"}])
    again = load_version(tmp_path / "9")
    assert again.name == "9"
    assert load_version(tmp_path / "9", "12").name == "12"
    assert again.about == trained_version.about
    assert read_golden(tmp_path / "9") == [{"any": "golden row"}]
    ticket = Ticket(id="1", subject="VPN drops", attributes={"site": "site 2"})
    one, other = predict(trained_version, ticket), predict(again, ticket)
    assert (one.choices, one.risks) == (other.choices, other.risks)


def test_large_arrays_are_mapped_and_cannot_be_written(folder: Path) -> None:
    weights = load_version(folder).linear.weights
    assert isinstance(weights.base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        weights[0, 0] = 1.0


def test_a_version_is_never_written_over_another(trained_version: Version, folder: Path) -> None:
    with pytest.raises(FileExistsError):
        write_version(trained_version, folder, [])


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        (name, damage)
        for name in (*FILES, "manifest.json")
        for damage in (truncated, emptied, flipped, missing, linked, made_a_folder, made_a_pipe)
        # A manifest cannot vouch for itself; the registry does, with one hash over all files.
        if name != "manifest.json" or damage not in (truncated, flipped)
    ],
)
def test_any_damage_to_any_file_is_refused(folder: Path, name: str, damage: Callable[[Path], None]) -> None:
    damage(folder / name)
    with pytest.raises((DamagedVersionError, UnsupportedFormatError)) as refused:
        load_version(folder)
    assert "\n" not in str(refused.value)
    assert str(folder.parent) not in str(refused.value)


def test_the_hash_is_checked_before_anything_is_parsed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("parsed")

    flipped(folder / "priority.trees.txt")
    for reader in ("array", "json", "text"):
        monkeypatch.setattr(f"models.shelf.Shelf.{reader}", refuse)
    monkeypatch.setattr("models.storage.Trees", refuse)
    with pytest.raises(DamagedVersionError, match=r"priority\.trees\.txt.* is not what was written"):
        load_version(folder)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not JSON",
        b"[]",
        b"null",
        b"{}",
        b'{"format": 1}',
        b'{"format": 2, "files": [], "about": {}}',
        b'{"format": 2, "files": {}, "about": {}}',
        b'{"format": 2, "files": {"heads.json": 5}, "about": {}}',
        b'{"format": 2, "files": {"heads.json": null}, "about": null}',
        b"[" * 200_000,
        b'{"files":' * 100_000,
        b"\xff\xfe{",
        b'{"format": 2, "files": {}, "about": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_manifest_of_nonsense_is_refused(folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(DamagedVersionError):
        load_version(folder)


def test_a_huge_manifest_is_refused_unread(folder: Path) -> None:
    with (folder / "manifest.json").open("wb") as file:
        file.truncate(20_000_000_000)  # a hole: it takes no room on the disk, and would fill the memory
    with pytest.raises(DamagedVersionError, match="larger than"):
        load_version(folder)


@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_a_version_of_a_format_before_gives_the_same_answers(folder: Path, number: int) -> None:
    def aged(heads: Any) -> Any:
        for head in heads.values():
            del head["blend"]["sureness"], head["blend"]["scatter"], head["blend"]["familiar"]
        return heads

    now = predict(load_version(folder), ASKED)
    assert [one["blend"]["sureness"] for one in json.loads((folder / "heads.json").read_text()).values()] == [1.0] * 4
    write_json(folder, "heads.json", aged)
    rewrite_manifest(folder, format=number)
    assert predict(load_version(folder), ASKED) == now


def test_a_version_whose_n_grams_stand_in_the_order_of_their_hashes_gives_the_same_answers(folder: Path) -> None:
    version = load_version(folder)
    encoder, now = version.encoder, predict(version, ASKED)
    words, runs = encoder.words.places, encoder.runs.places + len(encoder.words)
    order = np.concatenate((words, runs, np.arange(len(words) + len(runs), encoder.width)))
    assert (np.diff(order) < 0).any()
    for name in ("linear.weights.npy", "factors.weights.npy"):
        np.save(folder / name, np.load(folder / name)[order])
    write_json(folder, "words.json", lambda about: {"least_known": about["least_known"]})
    rewrite_manifest(folder, format=4)
    before = predict(load_version(folder), ASKED)
    assert {head: one.top[0].label for head, one in before.choices.items()} == {
        head: one.top[0].label for head, one in now.choices.items()
    }
    for head, risk in before.risks.items():
        assert risk.probability == pytest.approx(now.risks[head].probability, abs=1e-6)
    for head, choice in before.choices.items():
        assert choice.top[0].probability == pytest.approx(now.choices[head].top[0].probability, abs=1e-6)


def test_how_sure_a_head_may_be_is_kept(folder: Path) -> None:
    def surer(heads: Any) -> Any:
        heads["queue"]["blend"] |= {"sureness": 0.5, "scatter": 0.25, "familiar": 0.125}
        return heads

    before = predict(load_version(folder), ASKED).choices["queue"]
    write_json(folder, "heads.json", surer)
    version = load_version(folder)
    kept = version.heads["queue"].blend
    assert (kept.sureness, kept.scatter, kept.familiar) == (0.5, 0.25, 0.125)
    after = predict(version, ASKED).choices["queue"]
    assert (after.label, after.probability == before.probability) == (before.label, False)
    write_version(version, folder.parent / "8", [])
    assert predict(load_version(folder.parent / "8", "7"), ASKED).choices["queue"] == after


def test_what_counts_against_an_answer_far_from_the_truth_is_kept(folder: Path) -> None:
    def priced(heads: Any) -> Any:
        count = len(heads["priority"]["labels"])
        heads["priority"]["favour"] = [[0.0] * count, *([-9.0 * (column > 0) for column in range(count)],) * count]
        return heads

    write_json(folder, "heads.json", priced)
    head = load_version(folder).heads["priority"]
    assert predict(load_version(folder), ASKED).choices["priority"].label == head.labels[0]
    write_version(load_version(folder), folder.parent / "8", [])
    assert load_version(folder.parent / "8").heads["priority"].favour.tolist() == head.favour.tolist()


def test_prices_that_do_not_fit_the_labels_are_refused(folder: Path) -> None:
    def short(heads: Any) -> Any:
        count = len(heads["priority"]["labels"])
        heads["priority"]["favour"] = [[0.0] * count] * count
        return heads

    write_json(folder, "heads.json", short)
    with pytest.raises(DamagedVersionError, match="favours"):
        load_version(folder)


def test_a_version_from_before_growing_tickets_answers_a_thread_as_it_did(folder: Path) -> None:
    before = load_version(folder)
    assert before.growing == frozenset()
    rewrite_manifest(folder, format=6)
    thread = tuple(Message(OPENED, author, "still broken") for author in ("agent", "customer"))
    ticket = replace(ASKED, created_at=OPENED, messages=tuple(replace(one, at=one.at + HOUR) for one in thread))
    encoder = before.encoder
    said = predict(load_version(folder), ticket)
    assert said == predict(before, ticket)
    plain = probabilities_of(before, encode(encoder, read(ticket)))
    assert said.risks["escalation"].probability == plain["escalation"][1]


def test_what_was_learned_of_growing_tickets_comes_back(folder: Path) -> None:
    version = load_version(folder)
    measures = len(THREAD_MEASURES)
    growth = Growth(
        np.empty(0, np.uint64), np.empty(0), np.ones(len(BASIS)), 1.0, np.zeros(measures), np.ones(measures)
    )
    grown = replace(version, heads={**version.heads, "breach": replace(version.heads["breach"], growth=growth)})
    write_version(grown, folder.parent / "8", [])
    found = load_version(folder.parent / "8")
    assert found.growing == {"breach"}
    ticket = replace(ASKED, created_at=OPENED, messages=(Message(OPENED + HOUR, "customer", "still broken"),))
    assert predict(found, ticket) == replace(predict(grown, ticket), version="8")
    assert predict(found, ticket).risks["breach"] != predict(version, ticket).risks["breach"]
    assert predict(found, ticket).risks["escalation"] == predict(version, ticket).risks["escalation"]


@pytest.mark.parametrize("number", [0, 1, FORMAT + 1, -1, "1", None, [1]])
def test_another_format_is_said_to_be_one(folder: Path, number: object) -> None:
    rewrite_manifest(folder, format=number)
    with pytest.raises(UnsupportedFormatError, match=f"this build reads {FORMAT}: train again"):
        load_version(folder)


@pytest.mark.parametrize(
    "name",
    [
        "../outside.json",
        "/etc/passwd",
        "sub/heads.json",
        "..",
        "",
        "heads.json\n",
        "Heads.json",
        "heads.pkl",
        "heads.json\0",
        ".heads.json",
        "a" * 300 + ".json",
    ],
)
def test_a_manifest_that_names_what_no_version_holds_is_refused(folder: Path, name: str) -> None:
    outside = folder.parent / "outside.json"
    outside.write_text("{}")
    digest = hashlib.sha256(outside.read_bytes()).hexdigest()
    rewrite_manifest(folder, files={**manifest_of(folder)["files"], name: digest})
    with pytest.raises(DamagedVersionError):
        check_hashes(folder)


def test_files_that_the_manifest_does_not_name_are_never_looked_at(folder: Path, trained_version: Version) -> None:
    (folder / "queue.words.npy").write_text("hostile")
    (folder / "evil.pkl").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    assert not load_version(folder).heads["queue"].tree_words.size


@pytest.mark.parametrize("words", [[], [3, 3], [5, 4], [-1, 2], [2, 10**6]])
def test_trees_that_see_words_which_the_encoder_lacks_are_refused(
    words: list[int], trained_version: Version, tmp_path: Path
) -> None:
    write_version(trained_version, tmp_path / "9", [])
    save_array(tmp_path / "9", "queue.words.npy", np.array(words, np.int64))
    digest = hashlib.sha256((tmp_path / "9" / "queue.words.npy").read_bytes()).hexdigest()
    rewrite_manifest(tmp_path / "9", files={**manifest_of(tmp_path / "9")["files"], "queue.words.npy": digest})
    with pytest.raises(DamagedVersionError, match=r"'queue\.words\.npy' names words"):
        load_version(tmp_path / "9")


def test_trees_that_see_words_come_back_with_them(trained_version: Version, tmp_path: Path) -> None:
    queue, words = trained_version.heads["queue"], np.arange(0, 12, 3)
    inputs = len(trained_version.encoder.number_names) + len(words)
    table = lightgbm_core().Dataset(np.random.default_rng(1).normal(size=(60, inputs)), np.arange(60) % 2)
    settings = {"objective": "multiclass", "num_class": len(queue.labels), "verbosity": -1, "min_data_in_leaf": 2}
    seeing = replace(queue, trees=trees_of(lightgbm_core().train(settings, table, 3)), tree_words=words)
    version = replace(trained_version, heads={**trained_version.heads, "queue": seeing})
    write_version(version, tmp_path / "9", [])
    again = load_version(tmp_path / "9")
    assert again.heads["queue"].tree_words.tolist() == words.tolist()
    ticket = Ticket(id="t", subject="vpn drops", body="my vpn drops again")
    assert predict(again, ticket).choices["queue"] == predict(version, ticket).choices["queue"]


@pytest.mark.parametrize("name", [name for name in FILES if "trees" not in name and name != "golden.json"])
def test_a_manifest_that_leaves_a_file_out_is_refused(folder: Path, name: str) -> None:
    files = manifest_of(folder)["files"]
    rewrite_manifest(folder, files={other: digest for other, digest in files.items() if other != name})
    with pytest.raises(DamagedVersionError, match=rf"does not name '{name}'"):
        load_version(folder)


class Payload:
    """Writes a file where it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.marker,)


@pytest.mark.parametrize("size", [1, 3_000])  # held in memory, and mapped
@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_of_objects_is_refused_without_unpickling(
    folder: Path, name: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = folder.parent / "unpickled"
    np.save(folder / name, np.array([Payload(marker)] * size, dtype=object), allow_pickle=True)
    rehash(folder)
    called: list[str] = []
    for reader in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, reader, lambda *_, **__: called.append("pickle"))
    with pytest.raises(DamagedVersionError):
        load_version(folder)
    assert not marker.exists()
    assert not called


@pytest.mark.parametrize("content", ["pickle", "zip"])
@pytest.mark.parametrize("name", ARRAYS)
def test_what_is_no_npy_file_at_all_is_refused_without_unpickling(folder: Path, name: str, content: str) -> None:
    marker = folder.parent / "unpickled"
    if content == "pickle":
        (folder / name).write_bytes(pickle.dumps([Payload(marker)] * 2_000))
    else:
        with (folder / name).open("wb") as file:
            np.savez(file, allow_pickle=True, array=np.array([Payload(marker)], dtype=object))
    rehash(folder)
    with pytest.raises(DamagedVersionError):
        load_version(folder)
    assert not marker.exists()


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize(
    "change",
    [
        lambda array: array.astype(">u8" if array.dtype == np.uint64 else ">f8"),
        lambda array: array.astype(np.int16),
        lambda array: array.astype(np.complex128),
        lambda array: array[:-1],
        lambda array: np.concatenate((array, array)),
        lambda array: array[np.newaxis],
        lambda array: array.reshape(-1)[:0],
        lambda array: np.array(array.reshape(-1).sum()),
    ],
)
def test_an_array_of_another_type_or_shape_is_refused(folder: Path, name: str, change: Callable[[Any], Any]) -> None:
    array = np.load(folder / name)
    changed = change(array)
    if (changed.dtype, changed.shape) == (array.dtype, array.shape):
        pytest.skip("an empty array, without an encoder, stays as it is")
    np.save(folder / name, changed)
    rehash(folder)
    with pytest.raises(DamagedVersionError):
        load_version(folder)


@pytest.mark.parametrize("shape", ["(1000000000000000,)", "(-1,)", "(2, 3", "()", "(9" + "9" * 30 + ",)"])
def test_a_header_that_promises_more_than_there_is_is_refused(folder: Path, shape: str) -> None:
    path = folder / "linear.intercepts.npy"
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + b"\0" * 80)
    rehash(folder)
    with pytest.raises(DamagedVersionError):
        load_version(folder)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("heads.json", lambda heads: {**heads, "mood": heads["queue"]}),
        ("heads.json", lambda heads: [heads]),
        ("heads.json", lambda heads: {**heads, "queue": {}}),
        ("columns.json", lambda columns: {**columns, "values": {}}),
        ("columns.json", lambda columns: {**columns, "values": [1, 2]}),
        ("columns.json", lambda columns: {**columns, "numbers": ["a new number"]}),
        ("columns.json", lambda _: 5),
        ("words.json", lambda _: {"least_known": 1.5}),
        ("words.json", lambda _: {"least_known": float("nan")}),
        ("words.json", lambda _: {}),
        ("columns.json", lambda _: None),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(folder: Path, name: str, change: Callable[[Any], Any]) -> None:
    write_json(folder, name, change)
    with pytest.raises(DamagedVersionError):
        load_version(folder)


@pytest.mark.parametrize("head", ["queue", "breach"])
@pytest.mark.parametrize(
    "change",
    [
        {"columns": [-1, 3]},
        {"columns": [10**9, 10**9 + 4]},
        {"columns": [4, 4]},
        {"columns": [4, 0]},
        {"columns": []},
        {"columns": [0]},
        {"columns": [0, 1, 2]},
        {"columns": "ab"},
        {"columns": [float("inf"), 1]},
        {"columns": [0, float("nan")]},
        {"labels": []},
        {"labels": ["one"]},
        {"labels": ["same", "same", "same", "same"]},
        {"labels": ["true", "false"]},
        {"labels": None},
    ],
)
def test_a_head_whose_labels_and_columns_do_not_fit_is_refused(folder: Path, head: str, change: dict[str, Any]) -> None:
    write_json(folder, "heads.json", lambda heads: {**heads, head: {**heads[head], **change}})
    with pytest.raises(DamagedVersionError):
        load_version(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"linear": float("nan")},
        {"trees": float("inf")},
        {"slope": "steep"},
        {"offset": None},
        {"bias": [0.0]},
        {"bias": [0.0, 0.0, 0.0, float("nan")]},
        {"bias": [[0.0], [0.0], [0.0], [0.0]]},
        {"bias": "none"},
        {"linear": 10**400},
    ],
)
def test_a_blend_of_nonsense_is_refused(folder: Path, change: dict[str, Any]) -> None:
    def spoil(heads: Any) -> Any:
        heads["queue"]["blend"].update(change)
        return heads

    write_json(folder, "heads.json", spoil)
    with pytest.raises(DamagedVersionError):
        load_version(folder)


@pytest.mark.parametrize("name", ["columns.json", "heads.json", "golden.json"])
def test_json_nested_without_end_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_text("[" * 100_000 + "]" * 100_000)
    rehash(folder)
    with pytest.raises(DamagedVersionError):
        check_version(folder)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedVersionError):
        load_version(tmp_path / "12")


def test_centres_that_belong_to_nobody_are_refused(folder: Path) -> None:
    write_json(folder, "novelty.json", lambda about: {**about, "owners": [1]})
    with pytest.raises(DamagedVersionError, match="whose its centres are"):
        load_version(folder)
