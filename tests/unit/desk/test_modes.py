"""What may be done with an answer, from demands, evidence and what the answer says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.demands import Demands, read_demands
from desk.evidence import Answered
from desk.modes import Cuts, Mode, Terms, absent_mode, choice_mode, cuts_of, escalation_mode, terms_of
from desk.prediction import Candidate, Choice, Risk

TERMS = Terms(thresholds={"queue": {"Billing": 0.88}}, suggest=0.5, cuts=Cuts(0.62, 0.4))


def choice(label: str, probability: float, *, novel: bool = False) -> Choice:
    return Choice((Candidate(label, probability),), novel)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (choice("Billing", 0.93), Mode("auto", threshold=0.88)),
        (choice("Billing", 0.88), Mode("auto", threshold=0.88)),
        (choice("Billing", 0.8799), Mode("suggest", threshold=0.88)),
        (choice("Billing", 0.5), Mode("suggest", threshold=0.88)),
        (choice("Billing", 0.49), Mode("abstain", "below_suggest", 0.88)),
        (choice("Access", 0.999), Mode("suggest")),
        (choice("Access", 0.3), Mode("abstain", "below_suggest")),
        (choice("Billing", 0.99, novel=True), Mode("abstain", "unknown_topic", 0.88)),
        # As it is answered: both round to 0.88.
        (choice("Billing", 0.8799999), Mode("auto", threshold=0.88)),
    ],
)
def test_a_label_is_applied_suggested_or_withheld(given_: Choice, expected: Mode) -> None:
    assert choice_mode(TERMS, "queue", given_) == expected


def test_a_contract_of_one_head_says_nothing_of_another() -> None:
    assert choice_mode(TERMS, "priority", choice("Billing", 0.99)) == Mode("suggest")


def test_a_contract_below_the_floor_of_suggestions_still_holds() -> None:
    terms = Terms(thresholds={"queue": {"Billing": 0.4}}, suggest=0.5)
    assert choice_mode(terms, "queue", choice("Billing", 0.45)).mode == "auto"


@pytest.mark.parametrize(("probability", "mode"), [(0.62, "escalate"), (0.61, "watch"), (0.4, "watch"), (0.39, "none")])
def test_escalation_is_reviewed_watched_or_left(probability: float, mode: str) -> None:
    assert escalation_mode(TERMS, Risk(probability)) == Mode(mode, threshold=0.62)  # type: ignore[arg-type]


def test_without_a_cut_nothing_is_escalated() -> None:
    assert escalation_mode(Terms(), Risk(0.99)) == Mode("none")


def test_a_head_that_is_not_there_says_why() -> None:
    terms = terms_of({}, Demands(), too_little=["priority"])
    assert absent_mode(terms, "priority") == Mode("abstain", "too_little_history")
    assert absent_mode(terms, "queue") == Mode("abstain", "head_missing")


def test_terms_follow_each_labels_own_demand() -> None:
    rows = Answered((0.9,) * 80, (True,) * 80)  # proves 0.96 (74 rows), not 0.97 (99 rows)
    evidence = {"queue": {"Billing": rows, "Access": rows}, "priority": {"P1": rows}}
    demands = read_demands({"queue": {"default": 0.96, "labels": {"Access": 0.97, "Gone": 0.9}}})
    terms = terms_of(evidence, demands)  # type: ignore[arg-type]
    assert terms.thresholds == {"queue": {"Billing": 0.9}, "priority": {"P1": 0.9}}


def test_cuts_are_where_the_capacity_ends_and_where_as_many_again_do() -> None:
    scores = [place / 100 for place in range(100)]
    assert cuts_of(scores, 0.12) == Cuts(escalate=0.88, watch=0.76)


def test_tickets_that_cannot_be_told_apart_are_escalated_together_or_not_at_all() -> None:
    assert cuts_of([0.9] * 5 + [0.8] * 20 + [0.1] * 75, 0.12) == Cuts(escalate=0.9, watch=0.9)
    assert cuts_of([0.9] * 20 + [0.1] * 80, 0.12) is None
    assert cuts_of([0.3] * 100, 0.12) is None
    assert cuts_of([], 0.12) is None
    assert cuts_of([0.1, 0.9], 0.12) is None


@given(st.lists(st.floats(0, 1)), st.floats(0.001, 0.5))
def test_no_more_are_escalated_than_can_be_reviewed(scores: list[float], capacity: float) -> None:
    cuts = cuts_of(scores, capacity)
    if cuts is None:
        return
    terms = Terms(cuts=cuts)
    modes = [escalation_mode(terms, Risk(score)).mode for score in scores]
    assert 1 <= modes.count("escalate") <= capacity * len(scores) + 1e-6
    assert modes.count("escalate") + modes.count("watch") <= 2 * capacity * len(scores) + 1e-6
