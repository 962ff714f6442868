"""Which settings there are, and what each may hold."""

from typing import Any

import pytest

from desk.errors import SettingError
from desk.settings import SETTINGS, check_setting, known_setting


@pytest.mark.parametrize("known", SETTINGS.values(), ids=SETTINGS)
def test_every_default_can_be_set_and_every_setting_says_what_it_is(known: Any) -> None:
    check_setting(known.name, known.default)
    assert known_setting(known.name) is known
    assert known.about


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("default_queue", "First line"),
        ("retention_days", 1),
        ("retention_days", 36_500),
        ("requests_per_minute", None),
        ("requests_per_minute", 600),
        ("contracts", {"queue": {"labels": {"Billing": 0.98}}}),
        ("priority_factors", {"tiers": {"partner": 70}}),
        ("feedback", {}),
        ("feedback", {"sure": 1, "agreeing": 3, "most_of_a_label": 0.5, "always_allowed": 10}),
        ("holdback", 0),
        ("holdback", 0.5),
    ],
)
def test_what_a_setting_can_mean_is_taken(name: str, value: Any) -> None:
    check_setting(name, value)


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("default_queue", "", ""),
        ("default_queue", " ", ""),
        ("default_queue", 5, ""),
        ("default_queue", None, ""),
        ("default_queue", "x" * 257, ""),
        ("default_queue", "a\0b", ""),
        ("default_queue", "\ud800", ""),
        ("retention_days", 0, ""),
        ("retention_days", True, ""),
        ("retention_days", 1.0, ""),
        ("retention_days", "30", ""),
        ("retention_days", 36_501, ""),
        ("requests_per_minute", float("nan"), ""),
        ("contracts", [], ""),
        ("contracts", {"suggest": 2}, "suggest"),
        ("contracts", {"suggest": 10**400}, "suggest"),
        ("contracts", {"queue": {"default": 0.1}}, "queue.default"),
        ("contracts", {"queue": {"labels": {"Billing": "high"}}}, "queue.labels.Billing"),
        ("contracts", {"queue": {"labels": [1]}}, "queue.labels"),
        ("contracts", {"queue": {"label": {}}}, "queue.label"),
        ("contracts", {"queues": {}}, "queues"),
        ("contracts", {"queue": {"labels": {"\0": 0.9}}}, ""),
        ("priority_factors", {"mood": 1}, ""),
        ("priority_factors", {"urgency": 101}, "urgency"),
        ("priority_factors", {"tiers": {"vip": None}}, "tiers.vip"),
        ("priority_factors", {"tiers": []}, "tiers"),
        ("feedback", [], ""),
        ("feedback", {"cap": 5}, "cap"),
        ("feedback", {"sure": 0.4}, "sure"),
        ("feedback", {"sure": float("nan")}, "sure"),
        ("feedback", {"agreeing": 1}, "agreeing"),
        ("feedback", {"agreeing": 2.5}, "agreeing"),
        ("feedback", {"most_of_a_label": True}, "most_of_a_label"),
        ("feedback", {"always_allowed": "50"}, "always_allowed"),
        ("holdback", -0.01, ""),
        ("holdback", 0.51, ""),
        ("holdback", True, ""),
        ("holdback", None, ""),
        ("holdback", float("nan"), ""),
        ("holdback", 10**400, ""),
    ],
)
def test_what_it_cannot_mean_is_refused_and_the_field_is_named(name: str, value: Any, field: str) -> None:
    with pytest.raises(SettingError) as caught:
        check_setting(name, value)
    assert caught.value.field == field
    assert caught.value.expected != "cannot be used"


def test_another_name_is_no_setting() -> None:
    with pytest.raises(SettingError, match="there are default_queue"):
        check_setting("retention", 5)
