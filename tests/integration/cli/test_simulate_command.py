import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import pointsman
from desk.errors import SettingError


def test_a_desk_s_own_home_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "journal.db").touch()
    ended = CliRunner().invoke(pointsman, ["simulate", "--home", str(tmp_path)])
    assert isinstance(ended.exception, SettingError)
    assert "a desk's home" in str(ended.exception)


def test_the_home_of_the_environment_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINTSMAN_HOME", str(tmp_path / "var"))
    ended = CliRunner().invoke(pointsman, ["simulate", "--home", str(tmp_path / "var")])
    assert isinstance(ended.exception, SettingError)


def test_seeds_are_numbers() -> None:
    ended = CliRunner().invoke(pointsman, ["simulate", "--seeds", "1,two"])
    assert isinstance(ended.exception, SettingError)
    assert "'1,two'" in str(ended.exception)


@pytest.mark.long
def test_a_very_short_year(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINTSMAN_DATABASE_URL", "sqlite:////nowhere/journal.db")
    home, picture, page = tmp_path / "years", tmp_path / "year.png", tmp_path / "year.md"
    asked = ["simulate", "--weeks", "2", "--every", "2", "--tickets", "50", "--home", str(home), "--json"]
    ended = CliRunner().invoke(pointsman, [*asked, "--picture", str(picture), "--page", str(page)])
    assert ended.exception is None, ended.output
    first, second = (json.loads(line) for line in ended.stdout.splitlines())
    assert (first["week"], first["version"], first["retrained"]) == (1, "1", None)
    assert second["retrained"]["outcome"] == "promoted"
    assert set(second["promotion"]["gain"]) >= {"queue_accuracy", "priority_accuracy", "escalation_auroc"}
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "| 2 |" in page.read_text(encoding="utf-8")
    assert (home / "seed-7" / "journal.db").exists()
    again = CliRunner().invoke(pointsman, [*asked[:-1]])
    assert again.exception is None
    assert "seed 7 week  2" in again.stdout
    assert "## The whole year" in again.stdout
