from typing import Any

import pytest

from desk.errors import SettingError
from desk.fallbacks import NO_FALLBACKS, read_fallbacks
from desk.settings import check_setting

ONE = {"3": {"queue": {"Billing": {"since": "2026-11-21T10:00:00+00:00", "why": "9 of 60 wrong"}}, "priority": {}}}


def test_what_is_read_is_written_back_and_speaks_of_one_version() -> None:
    found = read_fallbacks(ONE)
    assert found.to_json() == ONE
    assert found.of("3") == {"queue": frozenset({"Billing"})}
    assert found.of("4") == {}


def test_a_setting_that_was_never_set_says_nothing() -> None:
    assert read_fallbacks(None) == NO_FALLBACKS == read_fallbacks({})


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([], ""),
        ({"3": []}, "3"),
        ({"3": {"escalation": {}}}, "3.escalation"),
        ({"3": {"queue": {"Billing": {"since": "2026-11-21T10:00:00Z"}}}}, "3.queue.Billing"),
        ({"3": {"queue": {"Billing": {"since": "2026-11-21", "why": ""}}}}, "3.queue.Billing.since"),
        ({"3": {"queue": {"Billing": {"since": 3, "why": ""}}}}, "3.queue.Billing.since"),
        ({"3": {"queue": {"Billing": {"since": "2026-11-21T10:00:00Z", "why": "x" * 1_001}}}}, "3.queue.Billing.why"),
    ],
)
def test_whatever_else_is_refused_by_its_place(value: Any, field: str) -> None:
    with pytest.raises(SettingError) as refused:
        check_setting("fallbacks", value)
    assert refused.value.field == field
