"""What was once answered, read from the answer as it left the house."""

import json
from datetime import UTC, datetime

import pytest

from desk.answer import answer_of
from desk.factors import Signs
from desk.modes import Cuts, Terms
from desk.past_answers import PastAnswer, PastHead, past_answer
from desk.prediction import Candidate, Choice, Prediction, Risk
from desk.ticket import Ticket

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
TERMS = Terms(thresholds={"queue": {"Billing": 0.88}}, cuts=Cuts(0.62, 0.4))


def said(prediction: Prediction, terms: Terms = TERMS) -> PastAnswer:
    answer = answer_of(Ticket(id="4312"), prediction, terms, prediction_id="p1", journaled=True)
    return past_answer(json.loads(json.dumps(answer)), NOON)


def test_labels_and_how_sure_they_were_are_read_from_the_answer() -> None:
    prediction = Prediction(
        "12",
        {"queue": Choice((Candidate("Billing", 0.93),)), "priority": Choice((Candidate("P2", 0.31),))},
        {"escalation": Risk(0.81), "breach": Risk(0.2)},
    )
    assert said(prediction) == PastAnswer(
        "p1",
        "4312",
        NOON,
        {
            "queue": PastHead("Billing", 0.93, "auto"),
            "priority": PastHead("P2", 0.31, "abstain", "below_suggest"),
            "escalation": PastHead("true", 0.81, "escalate"),
        },
    )


@pytest.mark.parametrize(("probability", "label", "mode"), [(0.62, "true", "escalate"), (0.61, "false", "watch")])
def test_what_is_only_watched_was_not_escalated(probability: float, label: str, mode: str) -> None:
    heads = said(Prediction("12", risks={"escalation": Risk(probability)})).heads
    assert heads["escalation"] == PastHead(label, probability, mode)


def test_a_ticket_held_back_says_so() -> None:
    prediction = Prediction("12", {"queue": Choice((Candidate("Billing", 0.93),))})
    terms = Terms(thresholds={"queue": {"Billing": 0.88}}, holdback=1.0)
    assert said(prediction, terms).heads["queue"] == PastHead("Billing", 0.93, "suggest", "held_back")


def test_what_no_head_answered_is_sure_of_nothing() -> None:
    heads = said(Prediction(None, signs=Signs(urgency=100.0))).heads
    assert heads == {
        "queue": PastHead("unassigned", None, "abstain", "head_missing"),
        "priority": PastHead("P1", None, "suggest", "head_missing"),
        "escalation": PastHead(None, None, "abstain", "head_missing"),
    }
    assert heads["queue"].probability_against("Billing") == 0.0


def test_how_probable_something_else_was() -> None:
    billing = PastHead("Billing", 0.97, "auto")
    assert billing.probability_against("Orders") == 0.97
    assert billing.probability_against("Billing") == 0.0
    escalated = PastHead("true", 0.35, "escalate")
    assert (escalated.probability_against("false"), escalated.probability_against("true")) == (0.35, 0.65)
