"""One training from end to end: what it leaves behind, and what stops it before it leaves anything."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from desk.errors import HistoryError, LeakageError, RegistryError
from journal.database import connect, migrate
from journal.environment import Environment, read_environment
from journal.histories import find_history
from journal.promotions import champion, promotions
from models.golden import GOLDEN_ROWS
from models.registry import versions
from models.storage import read_golden
from training.histories.desk_config import DeskConfig
from training.histories.history import History
from training.histories.reading import read_history
from training.histories.store import load_history
from training.training import train


class Silent:
    def stage(self, name: str, steps: int) -> None: ...

    def step(self) -> None: ...


def attempt(history: History, home: Path, **more: Any) -> tuple[Environment, Engine]:
    environment = read_environment({"POINTSMAN_HOME": str(home), "POINTSMAN_ENCODER": "none"})
    engine = connect(environment.database_url)
    migrate(engine)
    at = datetime(2026, 11, 21, tzinfo=UTC)
    try:
        train(history, DeskConfig(), environment, engine, at=at, who="a test", progress=Silent(), **more)
    finally:
        engine.dispose()
    return environment, engine


def left_behind(home: Path) -> list[str]:
    return sorted(path.name for path in home.iterdir() if not path.name.startswith("journal.db"))


def test_the_first_version_is_champion_and_can_be_found_everywhere(
    trained_home: Environment, sample_history: History
) -> None:
    engine = connect(trained_home.database_url)
    held = champion(engine)
    assert held is not None
    assert (held.version, held.who, held.why) == ("1", "the tests", "the first version")
    assert len(promotions(engine)) == 1
    registered = find_history(engine, sample_history.digest)
    engine.dispose()
    assert registered is not None
    assert registered.row_count == len(sample_history.rows)
    assert load_history(trained_home.home / registered.path).rows == sample_history.rows
    (listed,) = versions(trained_home.mlflow_uri)
    assert (listed.version, listed.aliases) == ("1", ("champion",))


def test_the_manifest_says_where_the_version_comes_from(trained_home: Environment, sample_history: History) -> None:
    about = json.loads((trained_home.versions / "1" / "manifest.json").read_text())["about"]
    assert about["history"] == sample_history.digest
    assert about["rows"] == 600
    assert about["window"] == [
        min(row.ticket.created_at for row in sample_history.rows).isoformat(),  # type: ignore[type-var, union-attr]
        max(row.ticket.created_at for row in sample_history.rows).isoformat(),  # type: ignore[type-var, union-attr]
    ]
    assert about["split"].startswith("by time: learned from what was opened before 2026-")
    assert set(about["figures"]) == {"queue", "priority", "escalation", "breach"}
    assert about["trained_at"] == "2026-11-21T00:00:00+00:00"
    assert len(read_golden(trained_home.versions / "1")) == GOLDEN_ROWS


def test_no_half_written_version_stays_behind(trained_home: Environment) -> None:
    assert [path.name for path in trained_home.versions.iterdir()] == ["1"]


def test_a_version_holds_no_words_of_the_tickets(trained_home: Environment, sample_history: History) -> None:
    content = b"".join(path.read_bytes() for path in (trained_home.versions / "1").iterdir())
    for words in (b"Weber", b"weber", b"docking station", sample_history.rows[0].ticket.body.encode()):
        assert words not in content


def test_a_column_that_knows_the_future_stops_it_before_anything_is_left(
    write_sample: Callable[..., Path], tmp_path: Path
) -> None:
    history = read_history(
        write_sample(120, change=lambda row: {**row, "closing_code": f"closed by {row['queue']}"}), DeskConfig()
    )
    with pytest.raises(LeakageError, match="'closing_code'"):
        attempt(history, tmp_path)
    assert left_behind(tmp_path) == []


def test_too_little_to_learn_from_names_each_head_and_leaves_nothing(
    write_sample: Callable[..., Path], tmp_path: Path
) -> None:
    history = read_history(write_sample(12), DeskConfig())
    with pytest.raises(HistoryError, match="queue: 12 rows say 'queue'; without an encoder 50 are needed") as raised:
        attempt(history, tmp_path)
    assert all(head in str(raised.value) for head in ("queue", "priority", "escalation", "breach"))
    assert left_behind(tmp_path) == []


def test_a_registry_that_is_away_is_said_before_the_learning(
    write_sample: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mlflow.db").write_text("this is no database, and never was one " * 200)
    monkeypatch.setattr("training.making.learn", lambda *_: pytest.fail("it went on to learn"))
    with pytest.raises(RegistryError):
        attempt(read_history(write_sample(60), DeskConfig()), tmp_path)
    assert left_behind(tmp_path) == ["mlflow.db"]
