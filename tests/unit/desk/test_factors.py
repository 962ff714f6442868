"""The multi-factor score: worked by hand, and what holds for whatever comes in."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import SettingError
from desk.factors import (
    DEFAULT_POLICY,
    DEFAULT_PRIORITIES,
    FACTORS,
    FactorPolicy,
    Score,
    Signs,
    field_level,
    label_of_score,
    policy_of,
    score_of,
)
from desk.ticket import Customer, Ticket

LEVEL = st.floats(0, 100)
MAYBE = st.none() | LEVEL


def ticket(tier: str | None = None, **attributes: str) -> Ticket:
    return Ticket(id="1", customer=Customer(tier=tier), attributes=attributes)


def scored(ticket: Ticket, signs: Signs, policy: FactorPolicy = DEFAULT_POLICY) -> Score:
    found = score_of(ticket, signs, policy)
    assert found is not None
    return found


def test_the_score_is_the_weighted_mean_of_its_factors() -> None:
    found = scored(ticket("Enterprise"), Signs(urgency=70, complexity=40, sentiment=65))
    assert found.score == pytest.approx(0.35 * 90 + 0.30 * 70 + 0.20 * 40 + 0.15 * 65)
    assert found.factors == {"customer_tier": 90, "urgency": 70, "complexity": 40, "sentiment": 65}


def test_an_absent_factor_leaves_its_weight_to_the_others_in_their_proportions() -> None:
    found = scored(ticket(), Signs(urgency=70, complexity=40))
    assert found.score == pytest.approx((30 * 70 + 20 * 40) / 50)
    assert list(found.factors) == ["urgency", "complexity"]


def test_a_tier_that_the_policy_does_not_name_is_no_factor() -> None:
    assert "customer_tier" not in scored(ticket("Cohort 7"), Signs(urgency=70)).factors


def test_where_nothing_speaks_there_is_no_score() -> None:
    assert score_of(ticket("Cohort 7"), Signs()) is None
    assert score_of(ticket(), Signs(sentiment=90), policy_of({"sentiment": 0})) is None


def test_an_impact_alone_raises_from_the_middle() -> None:
    assert scored(ticket(impact="critical"), Signs()).score == 50 + 50 * 0.3


def test_business_impact_closes_part_of_what_is_missing_to_a_hundred() -> None:
    calm = scored(ticket("standard"), Signs(urgency=40))
    hit = scored(ticket("standard", business_impact="High"), Signs(urgency=40))
    assert calm.score == pytest.approx(40)
    assert hit.score == pytest.approx(40 + 60 * 0.3 * 0.75)
    assert hit.factors["business_impact"] == 75


def test_the_explanation_names_what_raises_and_what_lowers_the_strongest_first() -> None:
    found = scored(ticket("vip", Impact="critical"), Signs(urgency=60, complexity=20, sentiment=50))
    assert found.explanation == (
        "raised by customer tier (100) and urgency (60); lowered by complexity (20); business impact adds 11"
    )


@pytest.mark.parametrize("name", ["impact", "business_impact", "businessImpact", "Impact (claimed)"])
def test_a_field_is_found_by_the_word_in_its_name(name: str) -> None:
    assert field_level({name: "2 - Medium"}, "impact") == 50


@pytest.mark.parametrize("name", ["impacted_users", "urgency", "priority"])
def test_a_field_of_another_name_is_not(name: str) -> None:
    assert field_level({name: "high"}, "impact") is None


def test_of_two_fields_the_higher_counts_and_a_bare_number_none() -> None:
    assert field_level({"impact": "low", "user impact": "high", "first_impact": "1"}, "impact") == 75


def test_the_desk_can_say_what_its_numbers_mean() -> None:
    policy = policy_of({"levels": {"1": 100, "2": 50}})
    assert scored(ticket(impact="2"), Signs(), policy).factors == {"business_impact": 50}


@pytest.mark.parametrize(
    ("score", "label"), [(100, "P1"), (80, "P1"), (79, "P2"), (60, "P2"), (50, "P3"), (40, "P3"), (39, "P4"), (0, "P4")]
)
def test_four_priorities_take_a_fifth_each_and_the_last_one_two(score: float, label: str) -> None:
    assert label_of_score(score, DEFAULT_PRIORITIES) == label


@given(LEVEL, LEVEL, st.integers(1, 9))
def test_a_higher_score_is_never_a_lower_priority(one: float, other: float, count: int) -> None:
    order = [str(place) for place in range(count)]
    low, high = sorted((one, other))
    assert label_of_score(high, order) <= label_of_score(low, order)


@given(
    urgency=MAYBE,
    complexity=MAYBE,
    sentiment=MAYBE,
    tier=st.none() | st.text(max_size=12) | st.sampled_from(list(DEFAULT_POLICY.tiers)),
    attributes=st.dictionaries(st.sampled_from(["impact", "x", "urgency"]), st.text(max_size=8)),
    weights=st.lists(st.floats(0, 100), min_size=4, max_size=4),
    raised=LEVEL,
)
def test_the_score_stays_between_nought_and_a_hundred(
    urgency: float | None,
    complexity: float | None,
    sentiment: float | None,
    tier: str | None,
    attributes: dict[str, str],
    weights: list[float],
    raised: float,
) -> None:
    policy = FactorPolicy(weights=dict(zip(FACTORS, weights, strict=True)), business_impact=raised)
    found = score_of(ticket(tier, **attributes), Signs(urgency, complexity, sentiment), policy)
    if found is not None:
        assert 0 <= found.score <= 100
        assert all(0 <= value <= 100 for value in found.factors.values())
        assert found.explanation


@given(MAYBE, MAYBE, MAYBE, st.sampled_from(["critical", "high", "low", "none"]))
def test_business_impact_never_lowers(u: float | None, c: float | None, s: float | None, impact: str) -> None:
    signs = Signs(u, c, s)
    calm = score_of(ticket(), signs)
    assert scored(ticket(impact=impact), signs).score >= (50 if calm is None else calm.score)


@given(LEVEL, LEVEL, LEVEL)
def test_who_pays_more_never_comes_later(urgency: float, complexity: float, sentiment: float) -> None:
    signs = Signs(urgency, complexity, sentiment)
    standard, enterprise, vip = (scored(ticket(tier), signs).score for tier in ("standard", "enterprise", "vip"))
    assert standard < enterprise < vip


def test_weights_as_set_are_respected() -> None:
    policy = policy_of({"customer_tier": 0, "urgency": 3, "complexity": 1, "sentiment": 0})
    found = scored(ticket("vip"), Signs(urgency=80, complexity=20, sentiment=100), policy)
    assert found.score == pytest.approx((3 * 80 + 20) / 4)


def test_what_a_policy_leaves_out_keeps_its_default() -> None:
    policy = policy_of({"urgency": 50, "tiers": {"Gold Plus": 97}})
    assert policy.weights == {**DEFAULT_POLICY.weights, "urgency": 50}
    assert (policy.tiers["gold plus"], policy.tiers["vip"]) == (97, 100)
    assert policy_of({}) == DEFAULT_POLICY
    assert policy_of(policy.to_json()) == policy


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([], "an object of customer_tier"),
        ("35", "an object of customer_tier"),
        ({"urgencey": 30}, "urgencey"),
        ({"urgency": "30"}, "`urgency`"),
        ({"urgency": True}, "`urgency`"),
        ({"urgency": -1}, "-1"),
        ({"urgency": 101}, "101"),
        ({"urgency": float("nan")}, "nan"),
        ({"business_impact": None}, "`business_impact`"),
        ({"tiers": ["vip"]}, "`tiers`"),
        ({"tiers": {"vip": "most"}}, "`tiers.vip`"),
        ({"levels": {"1": 1000}}, "`levels.1`"),
        (dict.fromkeys(FACTORS, 0), "at least one"),
    ],
)
def test_a_policy_that_is_none_is_refused_with_the_reason(value: Any, said: str) -> None:
    with pytest.raises(SettingError, match="priority_factors") as caught:
        policy_of(value)
    assert said in str(caught.value)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda one: st.dictionaries(st.text(), one)))
def test_any_json_value_is_a_policy_or_a_setting_error(value: Any) -> None:
    with suppress(SettingError):
        assert isinstance(policy_of(value), FactorPolicy)


def test_three_that_raise_are_listed_as_one_says_it() -> None:
    found = scored(ticket("enterprise"), Signs(urgency=70, complexity=40, sentiment=65))
    assert found.explanation == (
        "raised by customer tier (90), urgency (70) and sentiment (65); lowered by complexity (40)"
    )
