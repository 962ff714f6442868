from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, insert, select

from desk.errors import SettingError
from desk.feedback import OutcomeReport, Verdict
from journal import outcomes, verdicts
from journal.database import reading, writing
from journal.outcomes import GivenReport
from journal.predictions import Counts, RecordedPrediction, count, find, record
from journal.retention import Expired, expire_all, retention_days
from journal.settings import put_setting
from journal.tables import repeats
from journal.tenants import add_tenant
from journal.verdicts import GivenVerdict

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def row(number: int, days: float, ticket: str | None = None, tenant: str = "default") -> RecordedPrediction:
    at = NOW - timedelta(days=days)
    return RecordedPrediction(f"{number:032x}", tenant, at, "1", {"id": ticket or f"t{number}"}, {}, 0.4)


def written(engine: Engine, *rows: RecordedPrediction) -> None:
    with writing(engine) as connection:
        record(connection, rows)


def keep_for(engine: Engine, days: object, tenant: str = "default") -> None:
    put_setting(engine, "retention_days", days, who="ann", at=NOW, tenant=tenant)


def test_everything_is_kept_unless_a_desk_says_otherwise(engine: Engine) -> None:
    written(engine, row(1, 4_000))
    assert expire_all(engine, NOW) == Expired()
    assert count(engine) == Counts(1, 1)


def test_what_is_older_goes_and_a_ticket_that_was_scored_since_stays(engine: Engine) -> None:
    keep_for(engine, 30)
    written(engine, row(1, 31), row(2, 29), row(3, 40, "again"), row(4, 1, "again"))
    assert expire_all(engine, NOW, dry_run=True) == Expired(predictions=2, tickets=1)
    assert expire_all(engine, NOW) == Expired(predictions=2, tickets=1)
    assert count(engine) == Counts(tickets=2, predictions=2)
    assert find(engine, row(4, 1, "again").prediction_id) is not None
    assert expire_all(engine, NOW) == Expired()


def no_secret() -> bytes:
    raise AssertionError("nobody was erased")


def said_of(engine: Engine, days: float, *rows: RecordedPrediction) -> None:
    """A verdict on each of them and a report of each one's ticket, received so many days ago."""
    at = NOW - timedelta(days=days)
    heard = [GivenVerdict(Verdict(one.prediction_id, "ann", at, queue="Billing"), one) for one in rows]
    verdicts.record(engine, heard, via="file", received_at=at, secret=no_secret)
    became = [GivenReport(OutcomeReport(str(one.ticket["id"]), at, {"queue": "Billing"})) for one in rows]
    outcomes.record(engine, became, via="file", received_at=at)


def test_verdicts_go_with_their_prediction_and_outcomes_once_no_ticket_of_theirs_is_kept(engine: Engine) -> None:
    """The fifth was never scored here: what was said of it goes when that is itself too old."""
    keep_for(engine, 30)
    rows = row(1, 31), row(2, 29), row(3, 40, "again"), row(4, 1, "again")
    written(engine, *rows)
    said_of(engine, 35, *rows, row(5, 35))
    said_of(engine, 20, row(1, 31), row(5, 35))
    gone = Expired(predictions=2, tickets=1, verdicts=4, outcomes=2)
    assert expire_all(engine, NOW, dry_run=True) == gone
    assert expire_all(engine, NOW) == gone
    assert {one.prediction_id[-1] for one in verdicts.verdicts(engine)} == {"2", "4", "5"}
    assert sorted(one.ticket_id for one in outcomes.outcomes(engine)) == ["again", "t1", "t2", "t5"]
    assert expire_all(engine, NOW + timedelta(days=15)) == Expired(1, 1, verdicts=2, outcomes=3)
    assert [one.ticket_id for one in outcomes.outcomes(engine)] == ["again"]


def test_outcomes_of_tickets_that_are_not_here_go_in_batches(engine: Engine) -> None:
    keep_for(engine, 1)
    said_of(engine, 2, *[row(number, 2) for number in range(1_100)])
    assert expire_all(engine, NOW) == Expired(verdicts=1_100, outcomes=1_100)
    assert verdicts.verdicts(engine) == []


def test_many_go_in_batches(engine: Engine) -> None:
    keep_for(engine, 1)
    written(engine, *[row(number, 2) for number in range(1_100)])
    batches: list[int] = []
    assert expire_all(engine, NOW, tick=lambda: batches.append(1)) == Expired(1_100, 1_100)
    assert len(batches) == 3


def test_each_tenant_keeps_as_long_as_it_says(engine: Engine) -> None:
    add_tenant(engine, "other", at=NOW)
    keep_for(engine, 7, "other")
    written(engine, row(1, 10), row(2, 10, tenant="other"))
    assert expire_all(engine, NOW) == Expired(1, 1)
    assert count(engine) == Counts(1, 1)


def test_a_setting_that_is_no_number_of_days_deletes_nothing_of_its_tenant_and_spares_no_other(engine: Engine) -> None:
    add_tenant(engine, "other", at=NOW)
    keep_for(engine, "a week")
    keep_for(engine, 7, "other")
    written(engine, row(1, 10), row(2, 10, tenant="other"))
    with pytest.raises(SettingError, match="retention_days is a whole number of days from 1 to 36500, or null"):
        expire_all(engine, NOW)
    assert (count(engine), count(engine, "other")) == (Counts(1, 1), Counts(0, 0))


def test_answers_for_repeated_requests_go_after_a_day(engine: Engine) -> None:
    ages = {"old": timedelta(hours=25), "new": timedelta(hours=23)}
    kept = [{"tenant": "default", "name": name, "request": "r", "at": NOW - age} for name, age in ages.items()]
    with writing(engine) as connection:
        connection.execute(insert(repeats), kept)
    assert expire_all(engine, NOW) == Expired(repeats=1)
    with reading(engine) as connection:
        assert connection.scalar(select(func.max(repeats.c.name))) == "new"


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "30", [], 36_501])
def test_no_number_of_days(value: object) -> None:
    with pytest.raises(SettingError):
        retention_days(value)
