import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Engine

from desk.errors import PointsmanError
from journal.database import connect, writing
from journal.environment import Environment, read_environment
from journal.erasures import Person, bury, find_erasure
from journal.predictions import Counts, RecordedPrediction, count, record
from journal.secret import installation_secret
from journal.settings import put_setting
from serving.forgetting import erase_files
from serving.housekeeping import Housekeeping
from tests.unit.serving.conftest import Lines

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> Environment:
    return read_environment({"POINTSMAN_HOME": str(tmp_path / "home"), "POINTSMAN_DATABASE_URL": database_url})


def old_row(engine: Engine) -> None:
    with writing(engine) as connection:
        record(
            connection, [RecordedPrediction("0" * 32, "default", NOW - timedelta(days=8), "1", {"id": "t"}, {}, 0.4)]
        )
    put_setting(engine, "retention_days", 7, who="ann", at=NOW)


def test_a_service_deletes_what_is_too_old_by_itself(engine: Engine, environment: Environment) -> None:
    old_row(engine)
    house = Housekeeping(environment, engine, lambda: None, lambda: NOW, first=0.01)
    house.start()
    give_up = time.monotonic() + 20
    while count(engine).predictions and time.monotonic() < give_up:
        time.sleep(0.01)
    house.stop()
    assert count(engine) == Counts(0, 0)


def test_an_erasing_that_was_interrupted_is_done_by_the_next_round(engine: Engine, environment: Environment) -> None:
    person = Person.of("c-9", "default", installation_secret(environment))
    bury(engine, person, who="ann", at=NOW - timedelta(hours=1))
    Housekeeping(environment, engine, lambda: None, lambda: NOW).keep_house()
    found = find_erasure(engine, person)
    assert found is not None
    assert found.report["complete"] is True


def test_a_database_that_is_away_stops_nothing_and_is_logged(environment: Environment, lines: Lines) -> None:
    gone = connect("postgresql://nobody@127.0.0.1:1/nothing")
    Housekeeping(environment, gone, lambda: None, lambda: NOW).keep_house()
    gone.dispose()
    assert [len(lines.fields(event)) for event in ("retention_failed", "erasing_failed")] == [1, 1]


def test_a_service_that_ends_ends_the_child_too(engine: Engine, environment: Environment) -> None:
    person = Person.of("c-9", "default", installation_secret(environment))
    bury(engine, person, who="ann", at=NOW)
    stop = Event()
    with ThreadPoolExecutor(1) as pool:
        erasing = pool.submit(erase_files, environment, person, (), stop)
        stop.set()
        with pytest.raises(PointsmanError, match="ended early"):
            erasing.result(timeout=20)


def test_a_child_that_knows_of_no_tombstone_says_so(engine: Engine, environment: Environment) -> None:
    person = Person.of("c-9", "default", installation_secret(environment))
    with pytest.raises(PointsmanError, match="no such tombstone"):
        erase_files(environment, person, (), Event())
