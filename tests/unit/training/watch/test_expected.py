"""What a version would have answered lately: what was applied by itself is not missing from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.watch.expected import expected_answers


def test_where_every_row_has_a_label_it_is_what_was_answered_to_rows_that_were_not_seen() -> None:
    history = ["Billing"] * 400 + ["Orders"] * 600
    found = expected_answers({"Billing": 330, "Orders": 670}, history, history, [])
    assert found == {"Billing": pytest.approx(330), "Orders": pytest.approx(670)}


def test_a_queue_whose_tickets_are_applied_by_themselves_is_as_frequent_as_it_is() -> None:
    """Half of Billing is applied by itself and leaves no label: 500 of 1,100 tickets, and 250 of 850 labels."""
    history = ["Billing"] * 250 + ["Orders"] * 600
    found = expected_answers({"Billing": 250, "Orders": 600}, history, history, ["Billing"] * 250)
    assert found == {"Billing": pytest.approx(500), "Orders": pytest.approx(600)}


def test_the_newest_rows_say_how_frequent_a_queue_is_and_all_how_much_more_often_it_is_named() -> None:
    history = ["Billing"] * 400 + ["Orders"] * 600
    found = expected_answers({"Billing": 500, "Orders": 500}, history, ["Billing"] * 10, ["New"])
    assert found == {"Billing": pytest.approx(12.5), "New": 1.0}


def test_few_rows_and_strange_ones_move_it_little() -> None:
    assert expected_answers({"Billing": 29}, ["Billing"] * 500, ["Billing"] * 7, []) == {"Billing": 7.0}
    history = ["Billing"] * 40 + ["Orders"] * 4_000
    found = expected_answers({"Billing": 2_000, "Orders": 2_000}, history, ["Billing"] * 7, [])
    assert found == {"Billing": 14.0}
    assert expected_answers({}, [], [], []) == {}


@given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 90)), st.lists(st.sampled_from("abcd"), max_size=200))
def test_it_is_never_less_than_nothing_nor_more_than_twice_the_rows(unseen: dict[str, int], labels: list[str]) -> None:
    found = expected_answers(unseen, labels, labels, labels[:5])
    assert all(count > 0 for count in found.values())
    assert sum(found.values()) <= 2 * len(labels) + 5
