"""What a challenger would have answered stands beside the prediction, and goes with it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from journal.database import writing
from journal.erasures import Person, bury
from journal.forgetting import Rows, erase_rows
from journal.predictions import RecordedPrediction
from journal.predictions import record as record_predictions
from journal.retention import Expired, expire_all
from journal.settings import put_setting
from journal.shadow import ShadowPair, ShadowPrediction, record, shadow_counts, shadow_pairs
from journal.tenants import add_tenant

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
SECRET = b"s" * 32


def row(number: int, days: float = 0, customer: str = "c-1", tenant: str = "default") -> RecordedPrediction:
    at = NOW - timedelta(days=days)
    ticket = {"id": f"t{number}", "customer": {"id": customer}}
    return RecordedPrediction(f"{number:032x}", tenant, at, "1", ticket, {"said": number}, 0.4)


def shadow(number: int, version: str = "2") -> ShadowPrediction:
    return ShadowPrediction(f"{number:032x}", version, {"version": version}, NOW)


def written(engine: Engine, *rows: RecordedPrediction) -> None:
    with writing(engine) as connection:
        record_predictions(connection, rows)


def recorded(engine: Engine, *rows: ShadowPrediction, tenant: str = "default") -> frozenset[str]:
    with writing(engine) as connection:
        return record(connection, rows, tenant)


def numbers(engine: Engine, version: str = "2", tenant: str = "default") -> list[int]:
    return [pair.answer["said"] for pair in shadow_pairs(engine, version, tenant)]


def test_a_row_waits_for_its_prediction_and_stands_beside_it_once(engine: Engine) -> None:
    written(engine, row(1))
    assert recorded(engine, shadow(1), shadow(2)) == {shadow(1).prediction_id}
    written(engine, row(2, days=1))
    assert recorded(engine, shadow(2), shadow(1), shadow(1, "3")) == {f"{1:032x}", f"{2:032x}"}
    assert list(shadow_pairs(engine, "2")) == [
        ShadowPair("t2", NOW - timedelta(days=1), "1", {"said": 2}, {"version": "2"}),
        ShadowPair("t1", NOW, "1", {"said": 1}, {"version": "2"}),
    ]
    assert {(one.version, one.predictions) for one in shadow_counts(engine)} == {("2", 2), ("3", 1)}


def test_many_are_written_in_batches(engine: Engine) -> None:
    written(engine, *[row(number) for number in range(1_200)])
    assert len(recorded(engine, *[shadow(number) for number in range(1_300)])) == 1_200
    assert len(numbers(engine)) == 1_200


def test_each_tenant_has_its_own(engine: Engine) -> None:
    add_tenant(engine, "other", at=NOW)
    written(engine, row(1), row(2, tenant="other"))
    assert recorded(engine, shadow(1), shadow(2)) == {f"{1:032x}"}
    assert recorded(engine, shadow(1), shadow(2), tenant="other") == {f"{2:032x}"}
    assert (numbers(engine), numbers(engine, tenant="other")) == ([1], [2])


def test_they_are_erased_with_the_person_and_one_that_comes_late_is_not_written(engine: Engine) -> None:
    written(engine, row(1), row(2, customer="c-2"), row(3))
    recorded(engine, shadow(1), shadow(1, "3"), shadow(2))
    until = bury(engine, Person.of("c-1", "default", SECRET), who="ann", at=NOW).at
    assert erase_rows(engine, "default", ["c-1"], until, dry_run=True) == Rows(2, 2, 0, shadows=2)
    assert erase_rows(engine, "default", ["c-1"], until) == Rows(2, 2, 0, shadows=2)
    assert recorded(engine, shadow(1), shadow(3)) == frozenset()
    assert (numbers(engine), numbers(engine, "3")) == ([2], [])


def test_they_go_when_the_prediction_is_too_old(engine: Engine) -> None:
    put_setting(engine, "retention_days", 30, who="ann", at=NOW)
    written(engine, row(1, days=31), row(2, days=29))
    recorded(engine, shadow(1), shadow(1, "3"), shadow(2))
    gone = Expired(predictions=1, tickets=1, shadows=2)
    assert expire_all(engine, NOW, dry_run=True) == gone
    assert expire_all(engine, NOW) == gone
    assert (numbers(engine), numbers(engine, "3")) == ([2], [])
