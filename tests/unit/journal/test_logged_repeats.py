"""Repeats that are still in the local log: found while it grows, whoever writes it, and gone with its segments."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from journal.drain import Drain
from journal.log import Log
from journal.logged_repeats import LoggedRepeats
from journal.predictions import RecordedPrediction
from journal.repeats import Repeat, find_repeat
from journal.segments import segment_paths

NOW = datetime(2026, 11, 21, 10, 2, tzinfo=UTC)
NAME, OTHER = "a" * 32, "b" * 32


def row(number: int, repeat: dict[str, Any] | None = None, tenant: str = "default") -> RecordedPrediction:
    answer = {"prediction_id": f"p{number}", "queue": {"probability": 0.1 + 0.2}}
    ticket = {"id": str(number), "body": 'says "repeat":{"name": "x"} itself', "attributes": {"repeat": "x"}}
    return RecordedPrediction(f"p{number}", tenant, NOW, "1", ticket, answer, 1.0, repeat=repeat)


def named(name: str = NAME, **more: Any) -> dict[str, Any]:
    return {"name": name, "request": "r", "status": 200, "batch": False, **more}


def test_what_was_written_since_the_last_look_is_found(tmp_path: Path) -> None:
    repeats = LoggedRepeats(tmp_path / "log")
    assert repeats.find("default", NAME, now=NOW) is None
    with Log(tmp_path / "log") as log, Log(tmp_path / "log") as another:
        log.write(row(1))
        assert repeats.find("default", NAME, now=NOW) is None
        log.write(row(2, named()))
        another.write(row(3, named(OTHER)))
        assert repeats.find("default", NAME, now=NOW) == Repeat("r", 200, {"body": row(2).answer}, NOW)
        assert repeats.find("default", OTHER, now=NOW) == Repeat("r", 200, {"body": row(3).answer}, NOW)
        assert repeats.find("acme", NAME, now=NOW) is None
        assert repeats.find("default", NAME, now=NOW + timedelta(hours=25)) is None


def test_a_batch_is_found_whole(tmp_path: Path) -> None:
    rows = [row(number) for number in range(1_000)]
    ids = [one.prediction_id for one in rows]
    with Log(tmp_path / "log") as log:
        log.write(row(2_000), row(2_001, named(OTHER)))
        log.write(*rows[:-1], row(999, named(batch=True, predictions=ids)))
        log.write(row(2_002))
        found = LoggedRepeats(tmp_path / "log").find("default", NAME, now=NOW)
    assert found is not None
    assert found.answer == {"body": {"answers": [one.answer for one in rows]}}


def test_a_record_that_is_still_being_written_is_found_once_it_is_whole(tmp_path: Path) -> None:
    repeats = LoggedRepeats(tmp_path / "log")
    with Log(tmp_path / "log") as log:
        log.write(row(1), row(2, named()))
        (path,) = segment_paths(tmp_path / "log")
        whole = path.read_bytes()
        for cut in (len(whole) - 1, len(whole) - 200, 7, 0):
            path.write_bytes(whole[:cut])
            assert LoggedRepeats(tmp_path / "log").find("default", NAME, now=NOW) is None
        assert repeats.find("default", NAME, now=NOW) is None
        path.write_bytes(whole)
        assert repeats.find("default", NAME, now=NOW) is not None


def test_a_damaged_record_hides_no_other(tmp_path: Path) -> None:
    with Log(tmp_path / "log") as log:
        log.write(row(1, named(OTHER)), row(2, named()))
        (path,) = segment_paths(tmp_path / "log")
        damaged = bytearray(path.read_bytes())
        damaged[40] ^= 1
        path.write_bytes(damaged)
        repeats = LoggedRepeats(tmp_path / "log")
        assert repeats.find("default", OTHER, now=NOW) is None
        assert repeats.find("default", NAME, now=NOW) is not None


def test_what_left_the_log_is_in_the_database(tmp_path: Path, engine: Engine) -> None:
    repeats = LoggedRepeats(tmp_path / "log")
    log = Log(tmp_path / "log")
    drain = Drain(engine, log)
    log.start()
    log.write(row(1), row(2, named(batch=True, predictions=["p1", "p2"])))
    logged = repeats.find("default", NAME, now=NOW)
    drain.close()
    assert segment_paths(tmp_path / "log") == []
    assert repeats.find("default", NAME, now=NOW) is None
    assert find_repeat(engine, "default", NAME, now=NOW) == logged
