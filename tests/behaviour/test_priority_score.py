"""What a team lead asserts of the multi-factor score that stands beside the priority of a small trained desk."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.answer import answer_of
from desk.factors import FactorPolicy, policy_of
from desk.modes import NO_TERMS
from desk.ticket import Customer, Ticket
from models.scoring import predict
from models.version import Version

Ask = Callable[..., dict[str, Any]]

CALM = "The printer on our floor jams on every page, no hurry."
ANGRY = "This is a terrible, horrible service and I am furious! The printer on our floor jams on every page, no hurry."
OUTAGE = "The printer on our floor jams on every page, this is a complete outage."
TRACE = "\nTraceback (most recent call last):\n  File 'driver.py', line 3, in spool\nRuntimeError: E1234, E5678"
VALUES = st.none() | st.text(max_size=20)


def ticket(body: str = CALM, tier: str | None = "standard", **changes: Any) -> Ticket:
    return Ticket(id="1", body=body, language="en", channel="email", customer=Customer("c1", tier), **changes)


@pytest.fixture(scope="module")
def ask(trained_version: Version) -> Ask:
    def answer(asked: Ticket, version: Version = trained_version, **settings: FactorPolicy) -> dict[str, Any]:
        return answer_of(asked, predict(version, asked), NO_TERMS, prediction_id=None, journaled=False, **settings)

    return answer


def test_all_else_equal_who_pays_more_comes_first(ask: Ask) -> None:
    scores = [ask(ticket(tier=tier))["priority"]["score"] for tier in ("standard", "enterprise", "vip")]
    assert scores == sorted(scores)
    assert scores[0] < scores[2]


def test_an_angry_text_is_never_less_pressing_than_a_calm_one(ask: Ask) -> None:
    calm, angry = ask(ticket())["priority"], ask(ticket(ANGRY))["priority"]
    assert angry["factors"]["sentiment"] > calm["factors"]["sentiment"] + 10
    assert angry["score"] >= calm["score"]


def test_an_outage_is_more_urgent_than_what_has_time(ask: Ask) -> None:
    calm, outage = ask(ticket())["priority"], ask(ticket(OUTAGE))["priority"]
    assert outage["factors"]["urgency"] > calm["factors"]["urgency"] + 20
    assert outage["score"] > calm["score"]


def test_a_stack_trace_raises_complexity_and_calls_for_an_expert(ask: Ask) -> None:
    plain, traced = ask(ticket()), ask(ticket(CALM + TRACE))
    assert traced["priority"]["factors"]["complexity"] > plain["priority"]["factors"]["complexity"] + 20
    assert (plain["tags"], traced["tags"]) == ([], ["High Complexity", "Requires Expertise"])


def test_business_impact_raises(ask: Ask) -> None:
    plain, hit = ask(ticket()), ask(ticket(attributes={"business impact": "Critical"}))
    assert hit["priority"]["score"] > plain["priority"]["score"] + 10


def test_a_missing_tier_leaves_its_weight_to_the_other_factors(ask: Ask) -> None:
    policy = policy_of({"urgency": 100, "complexity": 0, "sentiment": 0})
    priority = ask(ticket(OUTAGE, tier=None), policy=policy)["priority"]
    assert "customer_tier" not in priority["factors"]
    assert priority["score"] == priority["factors"]["urgency"]


def test_the_desks_weights_hold(ask: Ask) -> None:
    only_tier = policy_of({"customer_tier": 100, "urgency": 0, "complexity": 0, "sentiment": 0})
    assert ask(ticket(OUTAGE, tier="enterprise"), policy=only_tier)["priority"]["score"] == 90


def test_the_score_stands_beside_the_learned_label_and_does_not_change_it(ask: Ask, trained_version: Version) -> None:
    asked = ticket(OUTAGE, tier="vip")
    answer = ask(asked)
    assert answer["priority"]["label"] == predict(trained_version, asked).choices["priority"].label
    assert answer["decided_by"] == ["model"]


def test_without_a_priority_head_the_score_stands_in(ask: Ask, trained_version: Version) -> None:
    heads = {head: model for head, model in trained_version.heads.items() if head != "priority"}
    young = replace(trained_version, heads=heads)
    worst, least = ask(ticket(OUTAGE + TRACE, tier="vip"), young), ask(ticket("thanks a lot, great", "free"), young)
    assert worst["decided_by"] == ["model", "score"]
    assert (worst["priority"]["mode"], worst["priority"]["why"]) == ("suggest", "head_missing")
    assert "probability" not in worst["priority"]
    assert worst["priority"]["label"] in ("P1", "P2")
    assert least["priority"]["label"] in ("P3", "P4")
    assert worst["queue"] == ask(ticket(OUTAGE + TRACE, tier="vip"))["queue"]


@settings(deadline=None, max_examples=60)
@given(body=st.text(max_size=60), tier=VALUES, language=VALUES, attributes=st.dictionaries(st.text(), st.text()))
def test_whatever_comes_in_the_score_is_a_whole_number_between_nought_and_a_hundred(
    ask: Ask, body: str, tier: str | None, language: str | None, attributes: dict[str, str]
) -> None:
    asked = replace(ticket(body, tier, attributes=attributes), language=language)
    priority = ask(asked)["priority"]
    for value in (priority.get("score", 50), *priority.get("factors", {}).values()):
        assert isinstance(value, int)
        assert 0 <= value <= 100
