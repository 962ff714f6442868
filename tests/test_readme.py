"""What README shows is there and does what it says."""

import re
from pathlib import Path

import pytest

from cli.main import VERBS
from journal.environment import VARIABLES

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PACKAGES = {"desk", "features", "models", "journal", "training", "serving", "simulation", "cli"}


def between(marker: str) -> str:
    return README.split(f"<!-- {marker} -->")[1].split(f"<!-- /{marker} -->")[0]


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_settings_table_lists_every_variable_that_is_read_and_no_other() -> None:
    table = dict(re.findall(r"^\| `(POINTSMAN_\w+)` \| (.+) \|$", README, re.MULTILINE))
    assert table == VARIABLES


def test_every_link_leads_to_something() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_tree_shows_every_package_and_no_folder_that_is_not_there() -> None:
    (tree,) = (block for block in blocks("text") if "desk/ " in block)
    shown = set(re.findall(r"^(\w+)/ ", tree, re.MULTILINE))
    assert shown >= PACKAGES
    assert {path.parent.name for path in ROOT.glob("*/*")} >= shown


def test_the_verbs_shown_are_the_verbs_there_are() -> None:
    shown = set(re.findall(r"^\$ pointsman (\w+)", README, re.MULTILINE))
    assert shown | {"demo"} == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str) -> None:
    from click.testing import CliRunner

    from cli.main import pointsman

    said = CliRunner().invoke(pointsman, [verb, "--help"])
    assert said.exit_code == 0
    assert "Usage: pointsman" in said.output


def test_the_makefile_has_every_target_that_is_shown() -> None:
    shown = set(re.findall(r"`make ([a-z-]+)|^\$ make ([a-z-]+)", README, re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {one or other for one, other in shown} <= targets


def test_the_desk_file_shown_is_one(tmp_path: Path) -> None:
    from training.histories.desk_config import read_desk_config

    (shown,) = blocks("toml")
    path = tmp_path / "desk.toml"
    path.write_text(shown, encoding="utf-8")
    assert read_desk_config(path).priority_order[0] == "1-Critical"
