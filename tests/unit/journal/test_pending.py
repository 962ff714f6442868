from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from desk.errors import JournalUnavailableError
from journal.database import connect
from journal.drain import Drain
from journal.log import Log
from journal.pending import find_pending, look_up
from journal.predictions import RecordedPrediction

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
ROW = RecordedPrediction("a" * 32, "default", NOW, "1", {"id": "1"}, {"queue": {"label": "Billing"}}, 0.4)


def test_a_prediction_in_a_neighbours_log_is_found_by_its_tenant_alone(tmp_path: Path) -> None:
    with Log(tmp_path) as neighbour:
        neighbour.write(ROW)
        assert find_pending(tmp_path, ROW.prediction_id) == ROW
        assert find_pending(tmp_path, ROW.prediction_id, "north") is None


@pytest.mark.parametrize("name", ["b" * 32, "", "Billing", "\ud800", "a" * 31])
def test_what_is_not_there_is_not_found(tmp_path: Path, name: str) -> None:
    with Log(tmp_path) as log:
        log.write(ROW)
        assert find_pending(tmp_path, name) is None
    assert find_pending(tmp_path / "nowhere", name) is None


def test_a_name_on_the_border_of_two_pieces_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("journal.pending.PIECE_BYTES", 40)
    with Log(tmp_path) as log:
        log.write(ROW)
        assert find_pending(tmp_path, ROW.prediction_id) == ROW


def test_a_prediction_is_looked_up_in_the_log_before_and_in_the_database_after_it_moved(
    engine: Engine, tmp_path: Path
) -> None:
    with Log(tmp_path / "log") as log:
        log.write(ROW)
        assert look_up(engine, tmp_path / "log", ROW.prediction_id) == ROW
        drain = Drain(engine, log)
        drain.move()
        log.retire()
        drain.move()
        assert list((tmp_path / "log").iterdir()) == []
        assert look_up(engine, tmp_path / "log", ROW.prediction_id) == ROW
        assert look_up(engine, tmp_path / "log", "b" * 32) is None


def test_without_a_database_the_log_still_answers_and_what_it_lacks_is_not_denied(tmp_path: Path) -> None:
    nowhere = connect("postgresql://desk@127.0.0.1:1/journal")
    with Log(tmp_path) as log:
        log.write(ROW)
        assert look_up(nowhere, tmp_path, ROW.prediction_id) == ROW
        with pytest.raises(JournalUnavailableError):
            look_up(nowhere, tmp_path, "b" * 32)
