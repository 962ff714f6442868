"""SQLite is locked or read-only, the disk is full: answers go on leaving, and say truly whether they are journaled."""

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from journal.environment import Environment
from models.storage import load_version
from models.version import Version
from tests.integration.serving.breaking import Service
from tests.integration.serving.databases import locked, remount, small_disk
from tests.integration.serving.traffic import Exchange, Traffic, until

pytestmark = pytest.mark.long

MakeHome = Callable[[str | None], Environment]
Note = Callable[..., None]


@pytest.fixture(scope="module")
def versions(version_folder: Path) -> dict[str, Version]:
    return {"1": load_version(version_folder)}


def test_sqlite_is_locked_for_30_seconds(
    make_home: MakeHome, versions: dict[str, Version], tmp_path: Path, note: Note
) -> None:
    environment = replace(make_home("1"), workers=2)
    with Service(environment, tmp_path / "service.log") as service:
        with Traffic(environment) as traffic:
            traffic.flow(1)
            with traffic.fault(), locked(environment.home / "journal.db"):
                during = traffic.flow(30)
            caught_up = caught_up_after(traffic)
            assert said(during) == {True}
        service.terminate()
    assert max(one.seconds for one in traffic.exchanges) < 2
    traffic.check(versions)
    note("SQLite locked for 30 s", traffic, seconds_to_catch_up=round(caught_up, 1))


def test_sqlite_is_read_only_until_an_operator_mends_it(
    make_home: MakeHome, versions: dict[str, Version], tmp_path: Path, note: Note
) -> None:
    environment = make_home("1")
    with small_disk(tmp_path / "database", "64m") as disk:
        shutil.copy(environment.home / "journal.db", disk)
        environment = replace(environment, database_url=f"sqlite:///{disk / 'journal.db'}")
        with Service(environment, tmp_path / "service.log") as service:
            service.terminate()  # it knows its champion from now on, whatever becomes of the journal
        remount(disk, "ro")
        with Service(environment, tmp_path / "service.log") as service:
            with Traffic(environment) as traffic:
                with traffic.fault():
                    during = traffic.flow(10)
                    remount(disk, "rw")
                caught_up = caught_up_after(traffic)
                traffic.flow(1)
            assert said(during) == {True}
            assert {answer["version"] for _, answer in traffic.answers} == {"1"}
            service.terminate()
        traffic.check(versions)
    note("SQLite read-only from the start on, for 10 s", traffic, seconds_to_catch_up=round(caught_up, 1))


@pytest.mark.parametrize("full", ["the log's disk", "the only disk"])
def test_a_disk_is_full(
    full: str, make_home: MakeHome, versions: dict[str, Version], tmp_path: Path, note: Note
) -> None:
    environment = replace(make_home("1"), workers=2)
    folder = environment.log if full == "the log's disk" else tmp_path / "home"
    with small_disk(folder, "24m") as disk:
        if full == "the only disk":
            moved = disk / "home"
            shutil.copytree(environment.home, moved)
            environment = replace(environment, home=moved, database_url=f"sqlite:///{moved / 'journal.db'}")
        with Service(environment, tmp_path / "service.log") as service:
            with Traffic(environment) as traffic:
                traffic.flow(2)
                with traffic.fault():
                    fill(disk / "filler")
                    time.sleep(1)  # pages that were there already take a little more
                    during = traffic.flow(10)
                    (disk / "filler").unlink()
                again = until(lambda: True in said(traffic.since(traffic.faults[0].ended)))
                after = traffic.flow(2)
                caught_up_after(traffic)
            # Where the database is elsewhere, segments go meanwhile and leave room for the next.
            assert said(during) == ({False} if full == "the only disk" else {False, True})
            assert said(after) == {True}
            assert {answer["version"] for _, answer in traffic.answers} == {"1"}
            assert service.events("not_journaled")
            service.terminate()
        assert max(one.seconds for one in traffic.exchanges) < 3
        traffic.check(versions)
    note(f"disk full for 11 s: {full}", traffic, seconds_until_journaled_again=round(again, 1))


def said(exchanges: list[Exchange]) -> set[bool]:
    """What the answers say of their being journaled."""
    return {answer["journaled"] for one in exchanges for answer in one.answers}


def fill(path: Path) -> None:
    """A file that takes all the room that its file system has."""
    with path.open("wb", buffering=0) as file:
        size = 1 << 20
        while size:
            try:
                file.write(b"\0" * size)
            except OSError:
                size //= 2


def caught_up_after(traffic: Traffic) -> float:
    """Seconds until the database has what was acknowledged up to now."""
    wanted = set(traffic.acknowledged)

    def has_all() -> bool:
        return wanted <= set(traffic.rows())

    return until(has_all, 60)
