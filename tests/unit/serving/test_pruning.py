"""Old versions on disk: the last few stay, and never goes one that answers or answered just before."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time

import pytest
from sqlalchemy import Engine

from journal.promotions import promote, rollback
from journal.settings import put_setting
from journal.tenants import add_tenant
from serving.pruning import in_use, prune

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """Nine versions, the first last used ten hours ago, the ninth two."""
    for number in range(1, 10):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "manifest.json").write_text("{}")
        touch(folder, timedelta(hours=11 - number))
    return tmp_path


def touch(folder: Path, ago: timedelta) -> None:
    at = time() - ago.total_seconds()
    os.utime(folder, (at, at))


def left(versions: Path) -> set[str]:
    return {path.name for path in versions.iterdir()}


def test_the_last_few_and_those_in_use_stay(versions: Path) -> None:
    assert sorted(prune(versions, {"1", "3"}, most=5)) == ["2", "4"]
    assert left(versions) == {"1", "3", "5", "6", "7", "8", "9"}
    assert prune(versions, {"1", "3"}, most=5) == []


def test_what_somebody_touched_a_moment_ago_stays(versions: Path) -> None:
    touch(versions / "9", timedelta(minutes=1))
    touch(versions / "8", timedelta(minutes=2))
    assert sorted(prune(versions, (), most=1)) == ["1", "2", "3", "4", "5", "6", "7"]


def test_what_is_no_version_is_left_alone_but_for_remains(versions: Path) -> None:
    for name in (".tried", "notes", ".7-ab12", ".gone-4-1"):
        (versions / name).mkdir()
        touch(versions / name, timedelta(days=3))
    (versions / ".8-new").mkdir()
    (versions / "link").symlink_to(versions / "1")
    prune(versions, {str(number) for number in range(1, 10)}, most=0)
    assert left(versions) >= {".tried", "notes", ".8-new", "link", *map(str, range(1, 10))}
    assert left(versions).isdisjoint({".7-ab12", ".gone-4-1"})


def test_a_folder_that_is_not_there_has_nothing_to_prune(tmp_path: Path) -> None:
    assert prune(tmp_path / "none", ()) == []


def test_in_use_are_the_champion_and_the_one_before_of_every_tenant(engine: Engine) -> None:
    add_tenant(engine, "north", at=NOW)
    for version in ("1", "2", "3"):
        promote(engine, version, who="x", why="", at=NOW)
    promote(engine, "7", who="x", why="", at=NOW, tenant="north")
    assert in_use(engine) == {"2", "3", "7"}
    rollback(engine, who="x", why="", at=NOW)
    assert in_use(engine) == {"2", "3", "7"}


def test_a_version_in_shadow_is_in_use(engine: Engine) -> None:
    promote(engine, "1", who="ann", why="first", at=NOW)
    put_setting(engine, "shadow", {"version": "4"}, who="ann", at=NOW)
    assert in_use(engine) == {"1", "4"}
    put_setting(engine, "shadow", {"version": 4}, who="ann", at=NOW)
    assert in_use(engine) == {"1"}
