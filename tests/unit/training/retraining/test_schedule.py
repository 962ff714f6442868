"""Whether the next version is due, by the journal's word."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from desk.errors import SettingError
from desk.feedback import OutcomeReport
from desk.retraining_policy import RetrainingPolicy
from journal.environment import Environment, read_environment
from journal.outcomes import GivenReport, record
from journal.promotions import promote
from journal.settings import put_setting
from training.retraining.schedule import next_due, reason_now

START = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.fixture
def environment() -> Environment:
    return read_environment({})


def reason(environment: Environment, engine: Engine, hours: float, tried: datetime | None = None) -> str | None:
    return reason_now(environment, engine, now=START + timedelta(hours=hours), tried=tried, began=START)


def test_a_cron_expression_is_due_in_the_desk_s_own_time() -> None:
    utc, berlin = RetrainingPolicy("30 2 * * *"), RetrainingPolicy("30 2 * * *", "Europe/Berlin")
    assert next_due(utc, START) == datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
    assert next_due(berlin, START) == datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
    assert next_due(RetrainingPolicy("never"), START) is None
    with pytest.raises(SettingError, match="cannot be read as a cron expression"):
        next_due(RetrainingPolicy("99 2 * * *"), START)


def test_the_clock_counts_from_the_last_attempt_and_is_made_up_for_once(
    environment: Environment, engine: Engine
) -> None:
    promote(engine, "1", who="ann", why="first", at=START)
    assert reason(environment, engine, 16) is None
    assert reason(environment, engine, 17) == "due by the clock (30 2 * * *)"
    assert reason(environment, engine, 80) == "due by the clock (30 2 * * *)"
    assert reason(environment, engine, 80, tried=START + timedelta(hours=79)) is None


def test_labels_count_that_came_in_since_the_last_attempt(environment: Environment, engine: Engine) -> None:
    put_setting(engine, "retraining", {"cron": "never", "new_labels": 3}, who="ann", at=START)
    promote(engine, "1", who="ann", why="first", at=START)
    for number, hours in enumerate((-1, 1, 2, 3)):
        report = OutcomeReport(str(number), START, {"queue": "Billing"})
        record(engine, [GivenReport(report)], via="file", received_at=START + timedelta(hours=hours))
    assert reason(environment, engine, 4) == "3 outcomes and verdicts came in since the last attempt"
    assert reason(environment, engine, 4, tried=START + timedelta(hours=2.5)) is None
