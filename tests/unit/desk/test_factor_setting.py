"""The setting of the priority score, changed one number at a time."""

import pytest

from desk.errors import SettingError
from desk.factor_setting import with_number, without_number
from desk.factors import DEFAULT_POLICY, policy_of


def test_what_is_not_set_stays_unsaid() -> None:
    assert with_number(None, "sentiment", 0) == {"sentiment": 0}
    assert with_number({"urgency": 40}, "business_impact", 50) == {"urgency": 40, "business_impact": 50}


def test_tiers_and_levels_are_named_after_a_dot_in_any_case() -> None:
    named = with_number(with_number(None, "tiers.Gold Plus", 97), "levels.1", 100)
    assert named == {"tiers": {"gold plus": 97}, "levels": {"1": 100}}
    assert with_number(named, "tiers.GOLD plus", 98)["tiers"] == {"gold plus": 98}
    assert with_number({"tiers": {"Partner ": 70}}, "tiers.partner", 60)["tiers"] == {"partner": 60}
    assert policy_of(named).tiers == {**DEFAULT_POLICY.tiers, "gold plus": 97}


def test_what_is_taken_back_counts_what_it_did_at_first() -> None:
    given = {"urgency": 50, "tiers": {"vip": 60, "partner": 70}}
    assert without_number(given, "urgency") == {"tiers": {"vip": 60, "partner": 70}}
    assert policy_of(without_number(given, "tiers.VIP")).tiers == {**DEFAULT_POLICY.tiers, "partner": 70}
    assert given == {"urgency": 50, "tiers": {"vip": 60, "partner": 70}}


@pytest.mark.parametrize("what", ["mood", "tiers", "tiers.", "levels. ", "", "urgency.high", "tier.vip"])
def test_a_name_that_is_none_is_refused_with_those_that_are(what: str) -> None:
    with pytest.raises(SettingError, match=r"tiers\.NAME and levels\.NAME"):
        with_number(None, what, 50)


@pytest.mark.parametrize("number", [-1, 101, float("nan"), float("inf")])
def test_a_number_out_of_bounds_is_refused(number: float) -> None:
    with pytest.raises(SettingError, match="from 0 to 100"):
        with_number(None, "urgency", number)


def test_the_last_factor_that_counts_cannot_be_switched_off() -> None:
    only = {"customer_tier": 0, "complexity": 0, "sentiment": 0}
    with pytest.raises(SettingError, match="at least one must count"):
        with_number(only, "urgency", 0)


def test_what_was_never_set_cannot_be_taken_back() -> None:
    for what in ("urgency", "tiers.vip"):
        with pytest.raises(SettingError, match="nothing to take back"):
            without_number({"sentiment": 0}, what)


def test_a_setting_that_cannot_be_read_is_not_written_over() -> None:
    with pytest.raises(SettingError, match="mood"):
        with_number({"mood": 3}, "urgency", 50)
