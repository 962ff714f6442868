"""One holder at a time, and what becomes of one who was away."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from desk.errors import LeaseHeldError, LeaseLostError
from journal.database import writing
from journal.leases import Lease, check_lease, find_lease, give_back_lease, renew_lease, take_lease
from journal.tenants import add_tenant

START = datetime(2026, 11, 21, 10, tzinfo=UTC)
LASTING = timedelta(minutes=5)


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def take(engine: Engine, holder: str, minutes: float = 0, tenant: str = "default") -> Lease:
    return take_lease(engine, "retrain", holder=holder, at=after(minutes), lasting=LASTING, tenant=tenant)


def test_a_lease_is_held_until_it_runs_out(engine: Engine) -> None:
    held = take(engine, "one")
    with pytest.raises(LeaseHeldError, match=r"one is at it already, until 2026-11-21T10:05:00\+00:00 at least"):
        take(engine, "two", 4.9)
    assert find_lease(engine, "retrain") == held
    taken = take(engine, "two", 5)
    assert (taken.holder, taken.number, taken.until) == ("two", 2, after(10))


def test_renewing_holds_it_on_and_giving_it_back_lets_others_have_it(engine: Engine) -> None:
    held = renew_lease(engine, take(engine, "one"), at=after(4), lasting=LASTING)
    with pytest.raises(LeaseHeldError):
        take(engine, "two", 8.9)
    give_back_lease(engine, held, at=after(8.9))
    assert take(engine, "two", 8.9).number == 2


def test_who_was_away_too_long_has_lost_it_whatever_they_try(engine: Engine) -> None:
    lost = take(engine, "one")
    held = take(engine, "two", 6)
    with pytest.raises(LeaseLostError, match="one no longer holds 'retrain'"):
        renew_lease(engine, lost, at=after(6), lasting=LASTING)
    give_back_lease(engine, lost, at=after(6))
    with writing(engine) as connection:
        check_lease(connection, held)
        with pytest.raises(LeaseLostError):
            check_lease(connection, lost)


def test_the_same_name_comes_back_as_another_holder(engine: Engine) -> None:
    lost = take(engine, "one")
    take(engine, "one", 6)
    with pytest.raises(LeaseLostError):
        renew_lease(engine, lost, at=after(6), lasting=LASTING)


def test_each_tenant_has_its_own(engine: Engine) -> None:
    add_tenant(engine, "other", at=START)
    take(engine, "one")
    assert take(engine, "two", tenant="other").number == 1


def test_of_many_at_once_one_gets_it(engine: Engine) -> None:
    def attempt(holder: str) -> bool:
        try:
            take(engine, holder)
        except LeaseHeldError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, map(str, range(8)))) == 1
