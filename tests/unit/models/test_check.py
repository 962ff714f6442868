"""A version tried in a process that may die: what kills it there, or makes it lie, is refused here."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from desk.errors import DamagedVersionError
from journal.environment import Environment
from models.check import check_version, main
from serving.obtaining import check

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(trained_home: Environment, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained_home.versions / "1", tmp_path / "7"))


def rewrite(folder: Path, name: str, change: Callable[[str], str]) -> None:
    """Change a file and let the manifest vouch for it."""
    path = folder / name
    path.write_text(change(path.read_text()))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def cut(text: str) -> str:
    return text[: len(text) // 2]


def with_wild_splits(text: str) -> str:
    """Features and children that are not there."""
    wild = re.sub(r"(?m)^split_feature=.*$", lambda found: found[0].replace("=", "=9"), text)
    return re.sub(r"(?m)^(left|right)_child=.*$", lambda found: re.sub(r"\d+", "77777", found[0]), wild)


def with_other_leaves(text: str) -> str:
    """Digits exchanged in every leaf, none more or fewer: it loads, and predicts wrong."""
    return re.sub(r"(?m)^leaf_value=.*$", lambda found: found[0].translate(str.maketrans("1234", "9876")), text)


def test_a_sound_version_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_version(folder) == "7"
    assert main([str(folder)]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "version": "7"}


def test_a_damaged_file_is_said_in_one_line_of_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "heads.json").write_text("{}")
    assert main([str(folder)]) == 1
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert json.loads(said) == {
        "ok": False,
        "error": "'heads.json' of version '7' is not what was written: fetch it again.",
    }


@pytest.mark.parametrize("arguments", [[], ["one", "two"]])
def test_without_one_folder_it_says_how_it_is_used(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 1
    assert "usage" in json.loads(capsys.readouterr().out)["error"]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (cut, "The text of the trees ends after 74 of them"),
        (with_wild_splits, "A tree asks for a number that is none of the 20 of a row"),
        (with_other_leaves, "The escalation head answers golden row"),
    ],
)
def test_damaged_trees_are_refused_and_the_parent_lives(
    folder: Path, damage: Callable[[str], str], reason: str
) -> None:
    rewrite(folder, "escalation.trees.txt", damage)
    with pytest.raises(DamagedVersionError, match=f"Version '7' failed its check: {reason}"):
        check(folder, Event())


@pytest.mark.parametrize(
    "golden",
    [
        [],
        {},
        None,
        [5],
        [{}],
        [{"places": [10**9], "weights": [1.0], "text": 1, "numbers": [], "answers": {}}],
        [{"places": ["a"], "weights": [1.0], "text": 1, "numbers": [], "answers": {}}],
        [{"places": [0], "weights": [1.0], "text": float("inf"), "numbers": [], "answers": {}}],
        [{"places": [0], "weights": [1.0, 2.0], "text": 1, "numbers": [1.0], "answers": {}}],
        [{"places": [0], "weights": [1.0], "text": 1, "numbers": [1.0], "answers": {"queue": [1]}}],
    ],
)
def test_golden_rows_that_do_not_fit_are_refused(folder: Path, golden: Any) -> None:
    rewrite(folder, "golden.json", lambda _: json.dumps(golden))
    with pytest.raises(DamagedVersionError):
        check_version(folder)


def test_nothing_is_unpickled_while_a_version_is_checked(folder: Path) -> None:
    script = (
        "import sys; from models.check import main"
        "\nsys.addaudithook(lambda event, _: event.startswith('pickle') and sys.exit('unpickled'))"
        "\nsys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(folder)], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, json.loads(done.stdout)["ok"]) == (0, True), done.stderr
