"""The setting `console`."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.console_setting import ConsolePolicy, read_console_policy
from desk.errors import SettingError


def test_what_is_not_said_is_as_it_comes() -> None:
    assert read_console_policy(None) == read_console_policy({}) == ConsolePolicy(15, 10, "UTC")
    policy = read_console_policy({"minutes": 20, "timezone": "Europe/Berlin"})
    assert (policy.budget, policy.hold) == (timedelta(minutes=20), timedelta(minutes=10))
    assert read_console_policy(policy.to_json()) == policy


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([], ""),
        ({"minute": 5}, "minute"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 481}, "minutes"),
        ({"minutes": True}, "minutes"),
        ({"hold_minutes": 1.5}, "hold_minutes"),
        ({"timezone": ""}, "timezone"),
        ({"timezone": "Nowhere/Land"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": 1}, "timezone"),
    ],
)
def test_what_it_cannot_mean_is_refused_by_its_field(value: Any, field: str) -> None:
    with pytest.raises(SettingError) as raised:
        read_console_policy(value)
    assert raised.value.field == field


def test_a_day_begins_where_the_people_are() -> None:
    now = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert ConsolePolicy().day_of(now) == datetime(2026, 7, 1, tzinfo=UTC)
    assert ConsolePolicy(timezone="Europe/Berlin").day_of(now) == datetime(2026, 7, 1, 22, tzinfo=UTC)
    assert ConsolePolicy(timezone="America/New_York").day_of(now) == datetime(2026, 7, 1, 4, tzinfo=UTC)
