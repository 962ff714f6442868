from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from desk.errors import JournalError, RowRefusedError
from journal.database import writing
from journal.predictions import Counts, RecordedPrediction, count, find, find_all, prediction_of, record
from journal.tenants import add_tenant

NOW = datetime(2026, 11, 21, 10, 2, 3, 456789, tzinfo=UTC)
ROW = RecordedPrediction(
    prediction_id="017f22e279b0aaaaaaaaaaaaaaaaaaaa",
    tenant="default",
    at=NOW,
    version="12",
    ticket={
        "id": "4312",
        "subject": "Drucker \x00 “brennt”",
        "customer": {"id": "c-9"},
        "attributes": {"b": "2", "a": "1"},
    },
    answer={"queue": {"label": "Billing", "probability": 0.1 + 0.2}},
    latency_ms=0.42,
)


def write(engine: Engine, *rows: RecordedPrediction) -> None:
    with writing(engine) as connection:
        record(connection, rows)


def test_a_prediction_comes_back_as_it_went_in_to_the_bit(engine: Engine) -> None:
    write(engine, ROW)
    assert find(engine, ROW.prediction_id) == ROW


def test_many_are_found_at_once_by_their_names_and_none_of_another_tenants(engine: Engine) -> None:
    add_tenant(engine, "north", at=NOW)
    rows = {f"{number:032x}": replace(ROW, prediction_id=f"{number:032x}") for number in range(700)}
    write(engine, *rows.values(), replace(ROW, prediction_id="theirs", tenant="north"))
    assert find_all(engine, [*rows, "theirs", "none"]) == rows
    assert find_all(engine, []) == {}


def test_a_prediction_written_again_is_there_once(engine: Engine) -> None:
    write(engine, ROW, ROW)
    write(engine, replace(ROW, latency_ms=9.0))
    assert count(engine) == Counts(tickets=1, predictions=1)
    assert find(engine, ROW.prediction_id) == ROW


def test_a_ticket_scored_twice_as_it_was_is_one_row_and_changed_another(engine: Engine) -> None:
    again = replace(ROW, prediction_id="b", ticket=dict(reversed(ROW.ticket.items())))
    changed = replace(ROW, prediction_id="c", ticket={**ROW.ticket, "subject": "solved"})
    write(engine, ROW, again, changed)
    assert count(engine) == Counts(tickets=2, predictions=3)


def test_before_there_is_a_version_the_answer_is_kept_too(engine: Engine) -> None:
    row = replace(ROW, version=None, ticket={"id": "1"})
    write(engine, row)
    assert find(engine, ROW.prediction_id) == row


def test_another_tenants_prediction_is_not_found(engine: Engine) -> None:
    add_tenant(engine, "north", at=NOW)
    write(engine, ROW)
    assert find(engine, ROW.prediction_id, "north") is None
    assert count(engine, "north") == Counts(0, 0)


def test_a_tenant_that_is_not_there_is_refused(engine: Engine) -> None:
    with pytest.raises(RowRefusedError):
        write(engine, replace(ROW, tenant="nobody"))
    assert count(engine) == Counts(0, 0)


def test_what_the_log_holds_is_read_back(engine: Engine) -> None:
    assert prediction_of(orjson.dumps(ROW)) == ROW


BROKEN: list[dict[str, Any]] = [
    {"at": "2026-01-01T00:00:00"},
    {"at": None},
    {"ticket": []},
    {"ticket": {}},
    {"ticket": {"id": "1", "customer": "c"}},
    {"answer": None},
    {"latency_ms": "fast"},
    {"version": 12},
    {"surprise": 1},
]


@pytest.mark.parametrize("change", BROKEN)
def test_a_record_that_is_no_prediction_is_refused_in_words(change: dict[str, Any]) -> None:
    with pytest.raises(JournalError, match="is no prediction") as refused:
        prediction_of(orjson.dumps({**asdict(ROW), **change}))
    assert "brennt" not in str(refused.value)


@given(st.binary(max_size=100) | st.recursive(st.none() | st.text(), st.lists).map(orjson.dumps))
def test_whatever_bytes_come_they_are_refused_with_our_own_error(payload: bytes) -> None:
    with pytest.raises(JournalError):
        prediction_of(payload)
