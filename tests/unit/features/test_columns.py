"""Facts to columns and codes: the missing, the unseen, the single-valued, quantities beside codes."""

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.columns import Columns, fit_columns, number_or_nan

FACTS = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "x", "y", "1.5", "2"]), max_size=3)


def fitted(*rows: Mapping[str, str], least: int = 1, most: int = 100) -> Columns:
    return fit_columns(rows, least_tickets=least, most_values=most)


def test_each_frequent_value_is_a_column_and_what_is_missing_is_a_value() -> None:
    rows = [{"tier": "vip"}] * 3 + [{"tier": "basic"}] * 4 + [{"tier": "rare"}] + [{}] * 2
    columns = fit_columns(rows, least_tickets=2, most_values=10)
    assert columns.values == {"tier": ("basic", "vip", "")}
    assert columns.read({"tier": "basic"})[0] == [0]
    assert columns.read({"tier": "vip"})[0] == [1]
    assert columns.read({})[0] == columns.read({"tier": ""})[0] == [2]
    assert columns.read({"tier": "vip"})[1] == [1.0]


def test_a_rare_or_unseen_value_is_no_column_and_no_code() -> None:
    columns = fitted({"tier": "vip"}, {"tier": "vip"}, {"tier": "basic"}, {"tier": "basic"}, {"tier": "rare"}, least=2)
    for value in ("rare", "never seen", "VIP", "\ud800"):
        assert columns.read({"tier": value})[0] == []
        assert math.isnan(columns.read({"tier": value})[1][0])


def test_an_unseen_value_leaves_the_other_facts_as_they_are() -> None:
    rows = [{"tier": tier, "site": site} for tier in ("basic", "vip") for site in ("north", "south")]
    columns = fitted(*rows)
    assert columns.read({"tier": "new", "site": "south"})[0] == columns.read({"tier": "vip", "site": "south"})[0][:1]
    assert columns.read({"tier": "new", "site": "south"})[1][0] == columns.read({"site": "south"})[1][0]


def test_a_fact_that_no_ticket_of_the_history_had_is_ignored() -> None:
    columns = fitted({"tier": "vip"}, {"tier": "basic"})
    assert columns.read({"tier": "vip", "colour": "red"})[0] == columns.read({"tier": "vip"})[0]


def test_a_fact_with_a_single_value_is_no_column() -> None:
    assert len(fitted({"tier": "vip"}, {"tier": "vip"})) == 0


def test_one_frequent_value_among_rare_ones_is_a_column() -> None:
    columns = fitted(*[{"tier": "basic"}] * 5, {"tier": "a"}, {"tier": "b"}, least=2)
    assert columns.values == {"tier": ("basic",)}
    assert columns.read({"tier": "a"})[0] == []


def test_the_most_frequent_values_stay_and_equals_go_by_name() -> None:
    rows = [{"site": site} for site in "ccbbaad"]
    assert fitted(*rows, most=2).values == {"site": ("a", "b")}


def test_columns_stand_one_fact_after_the_other_and_know_their_names() -> None:
    rows = [{"tier": tier, "site": site} for tier in ("basic", "vip") for site in ("north", "south", "east")]
    columns = fitted(*rows)
    assert len(columns) == 5
    assert columns.read({"tier": "vip", "site": "south"})[0] == [2, 4]
    assert [columns.name_of(place) for place in (0, 2, 3, 4)] == [
        ("site", "east"),
        ("site", "south"),
        ("tier", "basic"),
        ("tier", "vip"),
    ]
    with pytest.raises(IndexError):
        columns.name_of(5)


def test_amounts_are_numbers_and_whole_numbers_are_codes() -> None:
    rows = [{"price": f"{number}.5", "category": str(number)} for number in range(20)]
    columns = fitted(*rows)
    assert columns.numbers == ("price",)
    assert columns.code_names == ["category", "price", "price (number)"]
    assert columns.read({"category": "3", "price": "3.5"})[1][2] == 3.5
    assert columns.read({"category": "3", "price": "-1e3"})[1][2] == -1000.0
    assert all(math.isnan(number) for number in columns.read({"category": "99", "price": "cheap"})[1])
    assert math.isnan(columns.read({})[1][2])


def test_text_among_the_numbers_makes_a_fact_a_code() -> None:
    assert fitted(*({"price": f"{number}.5"} for number in range(97)), *[{"price": "?"}] * 3).numbers == ()
    assert fitted(*({"price": f"{number}.5"} for number in range(98)), *[{"price": "?"}] * 2).numbers == ("price",)


@pytest.mark.parametrize("text", ["", "cheap", "nan", "inf", "-Infinity", "1e999", "0x10", "1,5", "\0"])
def test_what_is_no_finite_number_is_nan(text: str) -> None:
    assert math.isnan(number_or_nan(text))


@given(st.lists(FACTS, min_size=1, max_size=12), FACTS)
def test_a_ticket_has_at_most_one_column_a_fact_and_as_many_codes_as_every_other(
    rows: list[dict[str, str]], facts: dict[str, str]
) -> None:
    columns = fitted(*rows)
    places = columns.read(facts)[0]
    assert places == sorted(set(places))
    assert all(0 <= place < len(columns) for place in places)
    named = dict(map(columns.name_of, places))
    assert named == {fact: facts.get(fact, "") for fact in named}
    assert len(columns.read(facts)[1]) == len(columns.code_names)


@given(st.lists(FACTS, min_size=1, max_size=12))
def test_columns_do_not_depend_on_the_order_of_the_tickets(rows: list[dict[str, str]]) -> None:
    assert fitted(*rows) == fitted(*reversed(rows))
