"""A backup that is made while processes answer holds every row that was acknowledged before it began, once."""

import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from journal.backup.making import make_backup
from journal.backup.restoring import restore_backup
from journal.database import connect, migrate, reading
from journal.environment import Environment, read_environment
from journal.tables import predictions
from tests.integration.journal.answering import start


class Silent:
    def stage(self, name: str, steps: int) -> None: ...

    def step(self, steps: int = 1) -> None: ...


class Answering:
    """A process that answers, and what it has acknowledged so far."""

    def __init__(self, url: str, folder: Path) -> None:
        self.process = start(url, folder, "RETIRE_AFTER=0.1")
        self.acknowledged: list[str] = []
        self.thread = threading.Thread(target=self._listen)
        self.thread.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.acknowledged.append(line.decode().strip())

    def kill(self) -> None:
        self.process.kill()
        self.thread.join(10)
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


def home_of(folder: Path, url: str) -> Environment:
    return read_environment({"POINTSMAN_HOME": str(folder), "POINTSMAN_DATABASE_URL": url})


def kept_in(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(select(predictions.c.prediction_id)))


def test_what_was_acknowledged_before_is_there_once(engine: Engine, database_url: str, tmp_path: Path) -> None:
    environment = home_of(tmp_path / "home", database_url)
    answering = Answering(database_url, environment.log)
    try:
        began = time.monotonic()
        rounds = []
        for number in range(3):
            while len(answering.acknowledged) < 100 * (number + 1) and time.monotonic() < began + 30:
                time.sleep(0.01)
            before = list(answering.acknowledged)
            to = tmp_path / f"{number}.tar.gz"
            make_backup(environment, engine, to, at=datetime.now(UTC), watching=Silent())
            rounds.append((to, before))
    finally:
        answering.kill()
    for to, before in rounds:
        target = home_of(tmp_path / f"of-{to.name}", f"sqlite:///{tmp_path / to.name}.db")
        restored = connect(target.database_url)
        migrate(restored)
        restore_backup(target, restored, to, replace=False, watching=Silent())
        kept = kept_in(restored)
        restored.dispose()
        assert len(before) >= 100
        assert len(kept) == len(set(kept))
        assert set(before) - set(kept) == set()


def test_a_living_service_keeps_a_backup_out(engine: Engine, database_url: str, tmp_path: Path) -> None:
    from desk.errors import BackupError

    environment = home_of(tmp_path / "home", database_url)
    make_backup(environment, engine, tmp_path / "b.tar", at=datetime.now(UTC), watching=Silent())
    answering = Answering(database_url, environment.log)
    try:
        while not answering.acknowledged:
            time.sleep(0.01)
        with pytest.raises(BackupError, match="is running: stop it"):
            restore_backup(environment, engine, tmp_path / "b.tar", replace=True, watching=Silent())
    finally:
        answering.kill()
