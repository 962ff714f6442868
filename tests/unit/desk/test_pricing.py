"""What contracts cover and what other demands and capacities would, by hand-worked evidence."""

import pytest

from desk.demands import Demand
from desk.evidence import Answered
from desk.pricing import Contract, Price, Review, contracts_of, price_of, review_of

# 80 rows without a miss prove 0.96 (74 are needed) and 0.95 (59), not 0.97 (99).
SURE = Answered((0.9,) * 80, (True,) * 80)
FEW = Answered((0.9,) * 20, (True,) * 20)
EVIDENCE = {"Billing": SURE, "Access": FEW}


def test_each_label_is_listed_with_what_it_has_and_what_it_lacks() -> None:
    found = contracts_of(EVIDENCE, ("Access", "Billing", "Never answered"), Demand(0.96, {"Gone": 0.9}))
    assert found == [
        Contract("Billing", 0.96, 0.9, 1.0, 80, 0, is_known=True),
        Contract("Access", 0.96, None, 0.0, 20, 54, is_known=True),
        Contract("Gone", 0.9, None, 0.0, 0, 29, is_known=False),
        Contract("Never answered", 0.96, None, 0.0, 0, 74, is_known=True),
    ]


def test_a_demand_gives_labels_and_a_share_of_all_tickets() -> None:
    assert price_of(EVIDENCE, Demand(0.96)) == Price(0.96, 1, 0.8)
    assert price_of(EVIDENCE, Demand(0.97)) == Price(0.97, 0, 0.0)
    assert price_of(EVIDENCE, Demand(0.97, {"Billing": 0.95})) == Price(0.97, 1, 0.8)
    assert price_of({}, Demand(0.96)) == Price(0.96, 0, 0.0)


def test_a_capacity_gives_what_is_caught_and_what_is_flagged_for_nothing() -> None:
    # Ten tickets, four of which escalate: two of the three most probable, and two of the rest.
    scores = tuple(1 - place / 10 for place in range(10))
    happened = (True, False, True, False, True, False, False, True, False, False)
    review = review_of(Answered(scores, happened), 0.3)
    assert (review.capacity, review.cut) == (0.3, 0.8)
    assert review.recall == pytest.approx(2 / 4)
    assert review.precision == pytest.approx(2 / 3)
    assert review.false_alarms == pytest.approx(1 / 6)


def test_where_nothing_can_be_cut_nothing_is_claimed() -> None:
    assert review_of(Answered((0.3,) * 50, (False,) * 50), 0.12) == Review(0.12, None, None, None, None)
