"""Tickets that are kept from automation by chance."""

from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, kstest

from desk.answer import answer_of
from desk.demands import Demands
from desk.heads import Head
from desk.holdback import HOLDBACK, is_held_back, read_holdback
from desk.modes import Mode, Terms, choice_mode, terms_of
from desk.prediction import Candidate, Choice, Prediction
from desk.ticket import Ticket

THRESHOLDS: Mapping[Head, Mapping[str, float]] = {"queue": {"Billing": 0.88}, "priority": {"P2": 0.7}}
HELD_BACK = next(str(number) for number in range(1000) if is_held_back(str(number), 0.03))
LET_THROUGH = next(str(number) for number in range(1000) if not is_held_back(str(number), 0.03))


@given(st.text(), st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_ticket_is_always_decided_alike_and_a_greater_share_lets_none_go(
    ticket_id: str, share: float, other: float
) -> None:
    least, most = sorted((share, other))
    assert is_held_back(ticket_id, least) == is_held_back(ticket_id, least)
    assert is_held_back(ticket_id, least) <= is_held_back(ticket_id, most)
    assert not is_held_back(ticket_id, 0)
    assert is_held_back(ticket_id, 1)


@pytest.mark.parametrize("pattern", ["{}", "INC{:07d}", "desk-{}-a", "{:x}"])
@pytest.mark.parametrize("share", [HOLDBACK, 0.1, 0.5])
def test_the_share_is_what_is_asked_for_whatever_ids_look_like(pattern: str, share: float) -> None:
    held = [is_held_back(pattern.format(number), share) for number in range(20_000)]
    # One chance in a million of failing, were it chance at all.
    assert binomtest(sum(held), len(held), share).pvalue > 1e-6
    runs = sum(before and after for before, after in pairwise(held))
    assert binomtest(runs, len(held) - 1, share * share).pvalue > 1e-6


@given(st.text(max_size=12))
def test_ids_lie_evenly_between_nought_and_one(prefix: str) -> None:
    shares = [_place(f"{prefix}{number}") for number in range(300)]
    assert kstest(shares, "uniform").pvalue > 1e-7


def _place(ticket_id: str) -> float:
    """The least share that keeps the ticket, to a millionth."""
    least, most = 0.0, 1.0
    while most - least > 1e-6:
        middle = (least + most) / 2
        least, most = (least, middle) if is_held_back(ticket_id, middle) else (middle, most)
    return most


def test_what_would_be_applied_is_suggested_and_says_why() -> None:
    terms = Terms(thresholds=THRESHOLDS)
    sure = Choice((Candidate("Billing", 0.93),))
    assert choice_mode(terms, "queue", sure) == Mode("auto", threshold=0.88)
    assert choice_mode(terms, "queue", sure, held_back=True) == Mode("suggest", "held_back", 0.88)


@pytest.mark.parametrize(("probability", "novel"), [(0.87, False), (0.3, False), (0.99, True)])
def test_what_would_not_be_applied_is_as_it_would_be(probability: float, novel: bool) -> None:
    terms = Terms(thresholds=THRESHOLDS)
    choice = Choice((Candidate("Billing", probability),), novel)
    assert choice_mode(terms, "queue", choice, held_back=True) == choice_mode(terms, "queue", choice)


def answered(ticket_id: str, holdback: float) -> tuple[tuple[str, object, float], ...]:
    prediction = Prediction(
        "1", {"queue": Choice((Candidate("Billing", 0.93),)), "priority": Choice((Candidate("P2", 0.71),))}
    )
    terms = Terms(thresholds=THRESHOLDS, holdback=holdback)
    answer = answer_of(Ticket(id=ticket_id), prediction, terms, prediction_id=None, journaled=False)
    return tuple((answer[head]["mode"], answer[head].get("why"), answer[head]["threshold"]) for head in THRESHOLDS)


def test_queue_and_priority_of_a_ticket_are_held_back_together() -> None:
    assert answered(HELD_BACK, 0.03) == (("suggest", "held_back", 0.88), ("suggest", "held_back", 0.7))
    assert answered(LET_THROUGH, 0.03) == (("auto", None, 0.88), ("auto", None, 0.7))


def test_nobody_is_held_back_where_no_share_is_set() -> None:
    assert answered(HELD_BACK, 0.0) == (("auto", None, 0.88), ("auto", None, 0.7))
    assert Terms().holdback == terms_of({}, Demands()).holdback == 0.0
    assert terms_of({}, Demands(), holdback=0.03).holdback == 0.03


def test_the_setting_is_a_share_of_at_most_a_half() -> None:
    assert read_holdback(0) == 0.0
    assert read_holdback(0.5) == 0.5
    assert HOLDBACK == 0.03
