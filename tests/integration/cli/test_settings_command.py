"""`pointsman settings`: seen, set, taken to a TOML file and back, all of it or nothing."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desk.settings import SETTINGS

Pointsman = Callable[..., Any]


def held(pointsman: Pointsman, home: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(pointsman("settings", "--json", home=home).out)
    return {name: (one["value"], one["revision"]) for name, one in told.items()}


def test_every_setting_is_shown_with_its_default_before_it_is_set(pointsman: Pointsman, tmp_path: Path) -> None:
    assert held(pointsman, tmp_path) == {name: (known.default, 0) for name, known in SETTINGS.items()}
    said = pointsman("settings", home=tmp_path).out
    assert 'default_queue = "unassigned"' in said
    assert "never set" in said


def test_one_setting_is_set_and_shown(pointsman: Pointsman, tmp_path: Path) -> None:
    said = pointsman("settings", "set", "retention_days", "365", home=tmp_path)
    assert (said.code, said.out) == (0, "retention_days is at revision 1; running services follow within seconds.\n")
    told = json.loads(pointsman("settings", "retention_days", "--json", home=tmp_path).out)
    assert (told["value"], told["revision"]) == (365, 1)
    assert told["who"]
    assert pointsman("settings", "retention_days", home=tmp_path).out.startswith("365\n")
    told = json.loads(pointsman("settings", "set", "retention_days", "null", "--json", home=tmp_path).out)
    assert told == {"written": {"retention_days": 2}}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("retention", "5"), "There is no setting 'retention'; there are default_queue"),
        (("retention_days", "0"), "whole number from 1 to 36500, or null, not 0"),
        (("default_queue", "First line"), """a text has quotes: '"First line"'"""),
        (("contracts", '{"queue": {"default": 2}}'), "must be a number from 0.5 to 0.9999, not 2"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    pointsman: Pointsman, tmp_path: Path, arguments: tuple[str, str], words: str
) -> None:
    said = pointsman("settings", "set", *arguments, home=tmp_path)
    assert said.code == 2
    assert words in said.err
    assert all(revision == 0 for _, revision in held(pointsman, tmp_path).values())


def test_a_file_takes_all_settings_to_another_desk(pointsman: Pointsman, tmp_path: Path) -> None:
    file, here, there = tmp_path / "desk.toml", tmp_path / "here", tmp_path / "there"
    contracts = {"queue": {"default": 0.97, "labels": {"Séc & “urité”": 0.99}}}
    for name, value in (("contracts", contracts), ("default_queue", "First line"), ("retention_days", None)):
        assert pointsman("settings", "set", name, json.dumps(value), home=here).code == 0
    assert pointsman("settings", "set", "retention_days", "30", home=there).code == 0
    assert pointsman("settings", "export", file, home=here).code == 0
    assert tomllib.loads(file.read_text())["retention_days"] == "none"
    assert pointsman("settings", "import", file, home=there).code == 0
    values = {name: value for name, (value, _) in held(pointsman, there).items()}
    assert values == {name: value for name, (value, _) in held(pointsman, here).items()}
    assert "nothing was written" in pointsman("settings", "import", file, home=there).out


@pytest.mark.parametrize("wrong", ["retention_days = 0", "retention = 1", "[contracts]\nqueue = 1979-05-27", "x = ["])
def test_a_file_with_one_wrong_setting_changes_nothing(pointsman: Pointsman, tmp_path: Path, wrong: str) -> None:
    file = tmp_path / "desk.toml"
    file.write_text(f'default_queue = "First line"\n{wrong}\n')
    said = pointsman("settings", "import", file, home=tmp_path)
    assert said.code == 2
    assert len(said.err.splitlines()) == 1
    assert held(pointsman, tmp_path) == {name: (known.default, 0) for name, known in SETTINGS.items()}
