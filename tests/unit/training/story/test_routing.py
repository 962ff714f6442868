"""Routing counts every held-out ticket once, sends what the contract proves, and says why it sends nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.contracts import threshold_of
from desk.demands import Demand
from desk.evidence import Answered
from tests.unit.training.story.stories import few, sure, unsure
from training.story.routing import LabelRouting, clopper_pearson, offers_of, routing_of

NINETY_FIVE = Demand(0.95)


def only(evidence: Answered, demand: float = 0.95, **more: object) -> LabelRouting:
    known = routing_of({"A": evidence}, ("A",), Demand(demand), suggest=0.5, **more)  # type: ignore[arg-type]
    (found,) = known.labels
    return found


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=150),
    st.sampled_from([0.6, 0.9, 0.96]),
    st.sampled_from([0.0, 0.5, 1.0]),
)
def test_every_ticket_is_in_one_band_and_what_is_sent_is_at_or_above_the_threshold(
    rows: list[tuple[float, bool]], demand: float, suggest: float
) -> None:
    rows.sort(key=lambda row: -row[0])
    evidence = Answered([row[0] for row in rows], [row[1] for row in rows])
    (found,) = routing_of({"A": evidence}, ("A",), Demand(demand), suggest=suggest).labels
    threshold = threshold_of(evidence, demand)
    sent = 0 if threshold is None else sum(probability >= threshold for probability, _ in rows)
    assert found.sent.tickets == sent
    assert found.whole.tickets == len(rows)
    assert found.whole.right == sum(hit for _, hit in rows)
    assert (found.why_nothing is None) == (sent > 0)


def test_the_bands_of_a_hand_worked_label() -> None:
    found = only(sure(400))
    assert (found.sent.tickets, found.sent.wrong) == (400, 4)
    assert (found.suggested.tickets, found.suggested.right) == (90, 60)
    assert (found.left.tickets, found.left.right) == (30, 10)


def test_why_nothing_is_sent() -> None:
    assert only(few()).why_nothing == "too_few"
    assert only(few()).lacking == 59 - 21  # 59 without a miss prove 0.95
    assert only(unsure()).why_nothing == "too_often_wrong"
    assert only(Answered((), ())).why_nothing == "never_answered"
    assert only(sure(), fallen={"A"}).why_nothing == "in_breach"


def test_a_label_in_breach_is_suggested_and_not_sent() -> None:
    found = only(sure(400), fallen={"A"})
    assert found.sent.tickets == 0
    assert found.suggested.tickets == 490


def test_a_label_that_the_version_knows_and_never_answered_is_told() -> None:
    found = routing_of({"A": sure()}, ("A", "B"), NINETY_FIVE, suggest=0.5)
    assert [one.label for one in found.labels] == ["A", "B"]


def test_offers_have_the_own_demand_among_them_and_keep_what_is_asked_of_a_label_alone() -> None:
    demand = Demand(0.94, {"B": 0.999})
    offers = offers_of({"A": sure(), "B": sure()}, ("A", "B"), demand, suggest=0.5)
    assert [one.demand for one in offers] == [0.80, 0.85, 0.90, 0.93, 0.94, 0.95, 0.97, 0.99]
    assert [one.demand for one in offers if one.is_own] == [0.94]
    assert max(one.labels for one in offers) == 1


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(0, 10, 0.0, 0.3085), (1, 20, 0.0013, 0.2487), (10, 10, 0.6915, 1.0), (5, 50, 0.0333, 0.2181)],
)
def test_the_exact_interval_is_the_published_one(part: int, whole: int, low: float, high: float) -> None:
    """Values of the standard tables of exact binomial limits."""
    found = clopper_pearson(part, whole)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-4), pytest.approx(high, abs=5e-4))


@given(st.integers(1, 500).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_an_interval_holds_the_share_that_was_seen(counts: tuple[int, int]) -> None:
    part, whole = counts
    found = clopper_pearson(part, whole)
    assert 0 <= found.low <= part / whole <= found.high <= 1
