import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import psycopg
import pytest
from sqlalchemy import Engine

from desk.errors import JournalUnavailableError
from journal import segments
from journal.database import connect, migrate
from journal.drain import SET_ASIDE, Drain
from journal.log import Log
from journal.predictions import Counts, RecordedPrediction, count, find
from journal.segments import segment_paths

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def row(n: int, **changes: object) -> RecordedPrediction:
    made = RecordedPrediction(f"{n:032x}", "default", NOW, "1", {"id": str(n)}, {"queue": {"label": "Billing"}}, 0.4)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_what_is_logged_gets_into_the_database_and_the_segment_goes(engine: Engine, tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    log.start()
    with Drain(engine, log, interval=timedelta(milliseconds=10)) as drain:
        log.write(*[row(n) for n in range(150)])
        wait_until(lambda: drain.lag().pending == 0)
        assert count(engine) == Counts(150, 150)
        assert find(engine, row(7).prediction_id) == row(7)
    assert segment_paths(tmp_path / "log") == []


def test_dictionaries_with_the_same_keys_are_taken_too(engine: Engine, tmp_path: Path) -> None:
    with Log(tmp_path / "log") as log:
        one = row(1)
        log.write({name: getattr(one, name) for name in RecordedPrediction.__dataclass_fields__})
        Drain(engine, log).move()
        assert find(engine, one.prediction_id) == one


def test_what_another_process_left_is_adopted_and_doubles_nothing(engine: Engine, tmp_path: Path) -> None:
    with Log(tmp_path / "log", segment_bytes=500) as dead:
        dead.write(*[row(n) for n in range(3)])
        dead.write(*[row(n) for n in range(3, 6)])
        Drain(engine, dead)._move_segment(dead.held()[0])
    with Log(tmp_path / "log") as log:
        drain = Drain(engine, log)
        assert drain.move()
        assert drain.lag().pending == 0
    assert count(engine) == Counts(6, 6)
    assert segment_paths(tmp_path / "log") == []


def test_a_living_neighbours_segments_are_left_alone(engine: Engine, tmp_path: Path) -> None:
    with Log(tmp_path) as neighbour, Log(tmp_path) as log:
        neighbour.write(row(1))
        assert Drain(engine, log).move()
        assert count(engine) == Counts(0, 0)
        assert len(segment_paths(tmp_path)) == 1


def test_records_that_the_database_refuses_are_set_aside_and_hold_up_nothing(engine: Engine, tmp_path: Path) -> None:
    with Log(tmp_path) as log:
        log.write(row(1), row(2, tenant="nobody"), {"surprise": "printer on fire"}, row(3))
        drain = Drain(engine, log)
        assert drain.move()
        assert drain.lag().set_aside == 2
        assert drain.lag().pending == 0
    assert count(engine) == Counts(2, 2)
    lines = [orjson.loads(line) for line in (tmp_path / SET_ASIDE).read_bytes().splitlines()]
    assert [line["why"] for line in lines] == ["RowRefusedError", "JournalError"]
    assert lines[1]["record"] == {"surprise": "printer on fire"}
    assert (tmp_path / SET_ASIDE).stat().st_mode & 0o777 == 0o600


def test_no_ticket_text_gets_into_the_programs_log(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Log(tmp_path) as log:
        log.write(
            row(2, tenant="nobody", ticket={"id": "2", "subject": "printer on fire"}), {"text": "printer on fire"}
        )
        Drain(engine, log).move()
    assert "set aside" in caplog.text
    assert "printer" not in caplog.text


def test_a_damaged_segment_is_kept_and_what_can_be_read_of_it_is_moved(engine: Engine, tmp_path: Path) -> None:
    with Log(tmp_path) as dead:
        dead.write(row(1), row(2), row(3))
    (path,) = segment_paths(tmp_path)
    content = bytearray(path.read_bytes())
    content[content.index(b"Billing", content.index(row(2).prediction_id.encode()))] ^= 1
    path.write_bytes(content)
    with Log(tmp_path) as log:
        drain = Drain(engine, log)
        drain.move()
        assert drain.lag().damaged == 1
    assert count(engine).predictions == 2
    assert segment_paths(tmp_path) == []
    assert len(list(tmp_path.glob("*.damaged"))) == 1


def test_while_the_database_is_locked_the_log_grows_and_follows_afterwards(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    engine = connect(url + "?timeout=0.05")
    migrate(engine)
    log = Log(tmp_path / "log")
    log.start()
    with Drain(engine, log, interval=timedelta(milliseconds=10)) as drain:
        with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as blocker:
            blocker.execute("BEGIN IMMEDIATE")
            log.write(row(1))
            wait_until(lambda: drain.lag().failure is not None)
            log.write(row(2))
            lag = drain.lag()
            assert lag.pending == 2
            assert lag.age > timedelta(0)
            assert "locked" in str(lag.failure)
        wait_until(lambda: drain.lag().pending == 0)
        assert drain.lag().failure is None
    assert count(engine) == Counts(2, 2)
    engine.dispose()


def test_connections_that_the_server_cut_are_made_again(postgres_database_url: str, tmp_path: Path) -> None:
    engine = connect(postgres_database_url)
    migrate(engine)
    with Log(tmp_path) as log:
        drain = Drain(engine, log)
        log.write(row(1))
        assert drain.move()
        with psycopg.connect(postgres_database_url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        log.write(row(2))
        assert drain.move()
    assert count(engine) == Counts(2, 2)
    engine.dispose()


def test_with_no_database_at_all_closing_leaves_everything_for_the_next_process(tmp_path: Path) -> None:
    nowhere = connect("postgresql://desk@127.0.0.1:1/journal")
    log = Log(tmp_path)
    log.start()
    drain = Drain(nowhere, log)
    drain.start()
    log.write(row(1))
    drain.close()
    (path,) = segment_paths(tmp_path)
    adopted = segments.adopt(path)
    assert adopted is not None
    assert adopted.records == 1
    segments.release(adopted)


def test_closing_in_no_time_leaves_the_rest_for_the_next_process(engine: Engine, tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    log.start()
    log.write(row(1))
    Drain(engine, log).close(timedelta(0))
    assert count(engine) == Counts(0, 0)
    with Log(tmp_path / "log") as next_log:
        Drain(engine, next_log).move()
    assert count(engine) == Counts(1, 1)


def test_a_drained_segment_is_retired_when_it_is_old(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journal.drain.RETIRE_AFTER", 0.0)
    with Log(tmp_path) as log:
        log.write(row(1))
        drain = Drain(engine, log)
        drain.move()
        drain.move()
        assert segment_paths(tmp_path) == []
        log.write(row(2))
        assert len(segment_paths(tmp_path)) == 1


def test_a_set_aside_record_is_set_aside_once_though_the_database_goes_away_in_between(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise JournalUnavailableError("gone")

    with Log(tmp_path) as log:
        log.write({"surprise": 1}, row(1))
        drain = Drain(engine, log)
        with monkeypatch.context() as broken:
            broken.setattr("journal.drain.record", fail)
            assert not drain.move()
        assert drain.lag().set_aside == 0
        assert drain.move()
        assert drain.lag().set_aside == 1


def test_a_fault_of_ours_does_not_end_the_drain(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(tmp_path)
    log.start()
    with Drain(engine, log, interval=timedelta(milliseconds=10)) as drain:
        with monkeypatch.context() as broken:
            broken.setattr("journal.drain.record", lambda *_: 1 / 0)
            log.write(row(1))
            wait_until(lambda: drain.lag().failure is not None)
            assert drain.lag().failure == "The drain failed (ZeroDivisionError)."
        wait_until(lambda: drain.lag().pending == 0)
    assert count(engine).predictions == 1


def wait_until(holds: object, seconds: float = 10.0) -> None:
    """Wait for another thread; fails where it does not come to hold."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if holds():  # type: ignore[operator]
            return
        pause.wait(0.02)
    pytest.fail("it did not come to hold in time")
