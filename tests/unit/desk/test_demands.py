"""The setting `contracts`: read strictly, written back as the same, changed one demand at a time."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.demands import Demands, read_demands, with_demand, without_demand
from desk.errors import SettingError

SHARES = st.floats(0.5, 0.9999)
HEADS = st.fixed_dictionaries(
    {}, optional={"default": SHARES, "labels": st.dictionaries(st.text("aé🙂 \0", min_size=1).map("x".__add__), SHARES)}
)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={"queue": HEADS, "priority": HEADS, "suggest": st.floats(0, 1), "review_capacity": st.floats(0.001, 0.5)},
)


@pytest.mark.parametrize("value", [None, {}, {"queue": {}}, {"priority": {"labels": {}}}])
def test_what_is_not_said_is_as_it_comes(value: Any) -> None:
    demands = read_demands(value)
    assert demands == Demands()
    assert (demands.heads["queue"].of("Billing"), demands.heads["priority"].of("P1")) == (0.96, 0.95)
    assert (demands.suggest, demands.review_capacity) == (0.5, 0.12)


@given(SETTINGS)
def test_what_is_written_is_read_back(value: dict[str, Any]) -> None:
    demands = read_demands(value)
    assert read_demands(demands.to_json()) == demands


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], "'contracts' must be a JSON object with queue, priority, suggest, review_capacity"),
        ({"escalation": {"default": 0.9}}, "came with 'escalation'"),
        ({"queue": 0.96}, "'queue' must be a JSON object with default, labels, not 0.96"),
        ({"queue": {"defualt": 0.96}}, "came with 'defualt'"),
        ({"queue": {"default": 96}}, "must be a number from 0.5 to 0.9999, not 96"),
        ({"queue": {"default": 1}}, "not 1"),
        ({"queue": {"default": True}}, "not True"),
        ({"queue": {"default": "0.96"}}, "not '0.96'"),
        ({"queue": {"default": float("nan")}}, "not nan"),
        ({"queue": {"labels": ["Billing"]}}, "must map labels to numbers"),
        ({"queue": {"labels": {" ": 0.9}}}, "must be a text"),
        ({"queue": {"labels": {"Billing": None}}}, "'queue: Billing'"),
        ({"suggest": -0.1}, "'suggest' in `contracts` must be a number from 0 to 1"),
        ({"review_capacity": 0.51}, "'review_capacity' in `contracts` must be a number from 0.001 to 0.5"),
    ],
)
def test_what_it_cannot_mean_is_refused_by_its_name(value: Any, words: str) -> None:
    with pytest.raises(SettingError) as caught:
        read_demands(value)
    assert words in str(caught.value)


def test_a_label_has_its_own_demand_until_it_is_taken_back() -> None:
    demands = with_demand(with_demand(Demands(), "queue", 0.97), "queue", 0.99, "Billing")
    assert (demands.heads["queue"].of("Billing"), demands.heads["queue"].of("Access")) == (0.99, 0.97)
    assert without_demand(demands, "queue", "Billing") == with_demand(Demands(), "queue", 0.97)
    assert without_demand(demands, "queue") == Demands()


@pytest.mark.parametrize(("what", "number"), [("suggest", 0.4), ("review_capacity", 0.2)])
def test_shares_are_set_and_taken_back(what: str, number: float) -> None:
    demands = with_demand(Demands(), what, number)
    assert getattr(demands, what) == number
    assert without_demand(demands, what) == Demands()


@pytest.mark.parametrize(
    ("what", "label"), [("breach", None), ("escalation", "true"), ("suggest", "Billing"), ("queue", "")]
)
def test_a_demand_on_what_has_no_contract_is_refused(what: str, label: str | None) -> None:
    with pytest.raises(SettingError):
        with_demand(Demands(), what, 0.9, label)


def test_taking_back_a_demand_that_was_never_made_says_which_there_are() -> None:
    demands = with_demand(Demands(), "queue", 0.99, "Billing")
    with pytest.raises(SettingError, match="'Acess'; labels with a demand: 'Billing'"):
        without_demand(demands, "queue", "Acess")
