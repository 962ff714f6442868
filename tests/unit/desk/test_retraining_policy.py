"""When the next version is made without anybody asking."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.errors import SettingError
from desk.retraining_policy import Circumstances, RetrainingPolicy, read_retraining_policy, reason_to_retrain

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
POLICY = RetrainingPolicy()


def reason(policy: RetrainingPolicy = POLICY, **more: Any) -> str | None:
    return reason_to_retrain(policy, Circumstances(NOW, **more))


def test_without_a_reason_nothing_is_made() -> None:
    assert reason() is None
    assert reason(new_labels=499, clock_due=NOW + timedelta(minutes=1)) is None


def test_enough_new_labels_are_a_reason() -> None:
    assert reason(new_labels=1_500) == "1,500 outcomes and verdicts came in since the last attempt"
    assert reason(RetrainingPolicy(new_labels=0), new_labels=1_500) is None


def test_the_clock_is_one_also_where_it_struck_while_nobody_looked() -> None:
    assert reason(clock_due=NOW - timedelta(hours=7)) == "due by the clock (30 2 * * *)"


def test_what_the_watch_finds_is_one_unless_it_was_just_tried() -> None:
    found = ("queue as answered: Hardware 12.5% → 17.8%",)
    assert reason(found=found) == "the watch found: queue as answered: Hardware 12.5% → 17.8%"
    assert reason(found=found, last_attempt=NOW - timedelta(hours=3)) is None
    assert reason(found=found, last_attempt=NOW - timedelta(days=1)) is not None
    assert reason(RetrainingPolicy(on_drift=False), found=found) is None


def test_the_policy_is_read_strictly_and_written_back() -> None:
    assert read_retraining_policy(None) == POLICY
    policy = read_retraining_policy({"cron": "never", "timezone": "Europe/Berlin", "new_labels": 0})
    assert read_retraining_policy(policy.to_json()) == policy


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"when": "now"},
        {"cron": "daily"},
        {"cron": None},
        {"cron": "* * * *"},
        {"timezone": "Mars/Olympus"},
        {"timezone": 3},
        {"new_labels": -1},
        {"new_labels": True},
        {"on_drift": "yes"},
    ],
)
def test_whatever_else_it_cannot_mean_is_refused(value: Any) -> None:
    with pytest.raises(SettingError, match="retraining"):
        read_retraining_policy(value)
