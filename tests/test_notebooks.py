"""Notebooks run from top to bottom on the sample desk, show what they say, and keep to what is public."""

import ast
import base64
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.notebooks import differences, notebook_paths, run, sample_home, shown_by

ROOT = Path(__file__).resolve().parent.parent
OURS = {"desk", "features", "models", "journal", "training", "simulation"}
OTHERS = {"matplotlib", "numpy", "pandas"}
LARGEST_PICTURE = 60_000
LARGEST_NOTEBOOK = 100_000
PATHS = notebook_paths()

Cells = list[dict[str, Any]]


def cells(path: Path, kind: str) -> Cells:
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


def source(cell: dict[str, Any]) -> str:
    """Without the lines that are the notebook's own and no Python."""
    return "".join(line for line in cell["source"] if not line.startswith("%"))


def outputs(path: Path) -> Cells:
    return [output for cell in cells(path, "code") for output in cell["outputs"]]


def test_there_are_the_four_that_the_page_names() -> None:
    named = re.findall(r"\]\((\w+)\.ipynb\)", (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8"))
    assert sorted(named) == [path.stem for path in PATHS]
    assert len(PATHS) == 4


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_it_asks_a_question_and_ends_with_what_follows(path: Path) -> None:
    prose = ["".join(cell["source"]) for cell in cells(path, "markdown")]
    assert re.match(r"# .+\?\n", prose[0])
    assert re.search(r"^## What I ", prose[-1], re.MULTILINE)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_it_uses_what_is_public_and_writes_nothing(path: Path) -> None:
    tree = ast.parse("\n".join(map(source, cells(path, "code"))))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            names = [module] if module else [one.name for one in node.names]
            parts = [part for name in names for part in name.split(".")] + [one.name for one in node.names]
            assert not [part for part in parts if part.startswith("_")]
            assert {name.split(".")[0] for name in names} <= OURS | OTHERS | set(sys.stdlib_module_names)
        elif isinstance(node, ast.Attribute):
            assert not node.attr.startswith(("_", "write", "put_", "save"))
            assert node.attr not in {"to_csv", "to_excel", "to_json", "to_parquet", "to_pickle", "to_sql"}
        elif isinstance(node, ast.Name):
            assert node.id not in {"open", "exec", "eval", "__import__"}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_what_is_public_is_named_in_all(path: Path) -> None:
    from importlib import import_module

    for cell in cells(path, "code"):
        for node in ast.walk(ast.parse(source(cell))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in OURS:
                assert {one.name for one in node.names} <= set(import_module(node.module).__all__)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_what_it_shows_is_there_and_small_and_of_no_machine(path: Path) -> None:
    code = cells(path, "code")
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert sum(bool(cell["outputs"]) for cell in code) >= len(code) - 2
    for output in outputs(path):
        assert output["output_type"] in ("stream", "execute_result", "display_data")
        assert output.get("name", "stdout") == "stdout"
        picture = output.get("data", {}).get("image/png", "")
        assert len(base64.b64decode(picture)) <= LARGEST_PICTURE
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) <= LARGEST_NOTEBOOK
    assert not re.search(r"(?<![\w.])/(home|tmp|root|usr|var|work|opt|Users)/", re.sub(r'"image/png".*', "", text))
    assert text.endswith("}\n")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_is_told_apart_from_one_that_shows_something_else(path: Path) -> None:
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert not list(differences(stored, stored))
    other = json.loads(json.dumps(stored).replace("0.", "7."))
    assert list(differences(stored, other))
    assert shown_by(stored)


@pytest.mark.long
def test_they_run_top_to_bottom_and_show_what_is_stored(tmp_path: Path) -> None:
    environment = sample_home(tmp_path / "home")
    before = sorted(path for path in environment.home.rglob("*") if path.suffix not in (".db-wal", ".db-shm"))
    for path in PATHS:
        stored = json.loads(path.read_text(encoding="utf-8"))
        assert list(differences(stored, run(stored, environment))) == []
    after = sorted(path for path in environment.home.rglob("*") if path.suffix not in (".db-wal", ".db-shm"))
    assert after == before
