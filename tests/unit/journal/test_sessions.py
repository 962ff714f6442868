"""Sessions that were ended stay so until their own end, each for its tenant."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from journal.sessions import drop_over, end_session, is_ended
from journal.tenants import add_tenant

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def test_one_that_is_ended_is_so_once_and_for_its_tenant_alone(engine: Engine) -> None:
    add_tenant(engine, "other", at=NOW)
    assert not is_ended(engine, "a")
    for _ in range(2):
        end_session(engine, "a", until=NOW + timedelta(hours=12))
    assert is_ended(engine, "a")
    assert not is_ended(engine, "b")
    assert not is_ended(engine, "a", "other")


def test_those_that_are_over_are_dropped_and_no_others(engine: Engine) -> None:
    for hours in (1, 2, 3):
        end_session(engine, f"{hours}", until=NOW + timedelta(hours=hours))
    assert drop_over(engine, NOW + timedelta(hours=2)) == 2
    assert [is_ended(engine, f"{hours}") for hours in (1, 2, 3)] == [False, False, True]
