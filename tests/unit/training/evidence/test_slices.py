"""Figures by label, language, channel and tier: who is in which slice, and which slice falls behind."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.ticket import Customer, Ticket
from training.evidence.held_out import HeldOut
from training.evidence.metrics import UNKNOWN_LABEL
from training.evidence.slices import OTHERS, groups_of, main_figure, slices_of, weakest


def queue(truth: list[int], answers: list[int]) -> HeldOut:
    probabilities = np.full((len(truth), 3), 0.1)
    probabilities[np.arange(len(truth)), answers] = 0.8
    return HeldOut("queue", ("Billing", "Access", "Network"), np.array(truth), probabilities)


def risk(truth: list[int], probability: list[float]) -> HeldOut:
    yes = np.array(probability)
    return HeldOut("escalation", ("false", "true"), np.array(truth), np.column_stack((1 - yes, yes)))


def test_a_tickets_own_language_goes_before_the_one_that_its_text_is_in() -> None:
    german = "Der Drucker im zweiten Stock druckt seit heute Morgen nicht mehr, bitte um Hilfe"
    tickets = [
        Ticket("1", subject=german, language="EN "),
        Ticket("2", subject=german, channel="email", customer=Customer(tier="vip")),
        Ticket("3"),
    ]
    groups = groups_of(tickets)
    assert groups["language"] == ["en", "de", "(not said)"]
    assert groups["channel"] == ["(not said)", "email", "(not said)"]
    assert groups["customer tier"] == ["(not said)", "vip", "(not said)"]


def test_a_slices_figures_are_those_of_its_rows() -> None:
    held_out = queue([0] * 40 + [1] * 40, [0] * 40 + [1] * 30 + [0] * 10)
    found = {(one.by, one.name): one for one in slices_of(held_out, {"channel": ["email"] * 40 + ["phone"] * 40})}
    phone = found["channel", "phone"]
    assert (phone.rows, phone.figures["accuracy"].value) == (40, 0.75)
    # Wilson's interval of 30 in 40 with z = 1.96, by hand
    middle, half = (0.75 + 3.8416 / 80) / 1.09604, 1.96 * (0.75 * 0.25 / 40 + 3.8416 / 6400) ** 0.5 / 1.09604
    between = phone.figures["accuracy"].between
    assert between is not None
    assert (between.low, between.high) == (
        pytest.approx(middle - half, abs=1e-4),
        pytest.approx(middle + half, abs=1e-4),
    )
    # F1 of Access is 2·30/(40+30), Billing is answered and never true
    assert phone.figures["macro_f1"].value == pytest.approx((60 / 70 + 0) / 2)
    assert found["label", "Access"].figures["accuracy"].value == 0.75
    assert "ece" not in phone.figures


def test_slices_of_few_rows_are_pooled_and_stand_last() -> None:
    held_out = queue([0] * 62, [0] * 62)
    found = slices_of(held_out, {"channel": ["a"] * 29 + ["b"] * 30 + ["c"] * 3})
    assert [(one.name, one.rows) for one in found if one.by == "channel"] == [("b", 30), (OTHERS, 32)]


@given(st.lists(st.sampled_from(["a", "b", "c", OTHERS]), min_size=1, max_size=150))
def test_every_row_is_in_one_slice_of_each_dimension(values: list[str]) -> None:
    held_out = queue([0] * len(values), [0] * len(values))
    found = [one for one in slices_of(held_out, {"channel": values}) if one.by == "channel"]
    assert sum(one.rows for one in found) in (len(values), 0)
    assert len(found) != 1
    assert all(one.rows >= 30 for one in found if one.name != OTHERS)


def test_a_dimension_that_tells_nothing_apart_is_left_out() -> None:
    found = slices_of(queue([0] * 50, [0] * 50), {"channel": ["email"] * 50})
    assert {one.by for one in found} == {"label"}


def test_labels_that_the_head_does_not_know_are_a_slice() -> None:
    found = slices_of(queue([-1] * 30 + [0] * 30, [0] * 60), {})
    assert {(one.name, one.figures["accuracy"].value) for one in found} == {(UNKNOWN_LABEL, 0.0), ("Billing", 1.0)}


def test_what_of_a_slices_escalations_is_flagged_follows_from_one_cut_for_all() -> None:
    truth = [1, 0] * 20 + [1, 0] * 20
    probability = [0.9, 0.1] * 20 + [0.5, 0.2] * 20
    held_out = risk(truth, probability)
    found = {one.name: one for one in slices_of(held_out, {"customer tier": ["vip"] * 40 + ["standard"] * 40}, 0.25)}
    assert found["vip"].figures["recall_at_capacity"].value == 1.0
    assert found["standard"].figures["recall_at_capacity"].value == 0.0
    assert found["standard"].figures["auroc"].value == 1.0
    assert "macro_f1" not in found["vip"].figures


def test_a_slice_where_nothing_happened_is_not_ranked() -> None:
    held_out = risk([0] * 30 + [1, 0] * 15, [0.2] * 30 + [0.7, 0.3] * 15)
    found = {one.name: one for one in slices_of(held_out, {"channel": ["a"] * 30 + ["b"] * 30})}
    assert set(found["a"].figures) == {"accuracy"}
    assert set(found["b"].figures) == {"accuracy", "auroc", "recall_at_capacity"}


def test_calibration_of_a_slice_stands_beside_chance_from_two_hundred_rows_on() -> None:
    held_out = queue([0] * 440, [0] * 440)
    found = {one.name: one for one in slices_of(held_out, {"channel": ["a"] * 240 + ["b"] * 200})}
    assert found["b"].figures["ece"].value == pytest.approx(0.2)
    assert found["b"].figures["ece_of_chance"].value == pytest.approx(1.96 * (0.16 / 200) ** 0.5, rel=0.2)


def test_the_weakest_slice_is_told_where_it_is_surely_behind() -> None:
    truth = [0] * 100 + [1] * 100
    answers = [0] * 100 + [1] * 40 + [0] * 60
    groups = {"channel": ["email"] * 100 + ["phone"] * 100, "language": ["en", "de"] * 100}
    held_out = queue(truth, answers)
    found = weakest(slices_of(held_out, groups), *main_figure(held_out))
    assert [(one.by, one.name) for one in found] == [("label", "Access"), ("channel", "phone")]


def test_slices_are_plain_json() -> None:
    found = slices_of(queue([0] * 60, [0] * 60), {"channel": ["a", "b"] * 30})
    told = json.loads(json.dumps([one.to_json() for one in found], allow_nan=False))
    assert told[0]["by"] == "label"
    assert told[1]["figures"]["accuracy"][0] == 1.0
