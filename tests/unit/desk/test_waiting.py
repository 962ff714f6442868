"""Verdicts that wait for somebody's word."""

from datetime import UTC, datetime

from desk.feedback import Verdict
from desk.feedback_policy import FeedbackPolicy
from desk.heads import Head
from desk.past_answers import PastAnswer, PastHead
from desk.votes import votes_of
from desk.waiting import Waiting, waiting_in

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def found(probability: float, *said: tuple[str, str], contested: bool = False) -> list[Waiting]:
    heads: dict[Head, PastHead] = {"queue": PastHead("Billing", probability, "suggest")}
    answers = {"p": PastAnswer("p", "t", NOW, heads)}
    votes = votes_of([Verdict("p", who, NOW, queue=queue) for who, queue in said], answers, FeedbackPolicy())
    against: list[tuple[str, Head]] = [("t", "queue")] if contested else []
    return waiting_in({"t": votes}, against)


def test_who_contradicts_a_sure_answer_waits_for_a_second() -> None:
    assert found(0.97, ("Ann", "Orders")) == [Waiting("p", "t", "queue", "quarantined", {"Orders": ("ann",)})]
    assert found(0.97, ("ann", "Orders"), ("bob", "Orders")) == []


def test_who_say_different_things_wait_for_a_final_word() -> None:
    (one,) = found(0.6, ("ann", "Orders"), ("bob", "Access"))
    assert (one.why, one.said) == ("disputed", {"Access": ("bob",), "Orders": ("ann",)})


def test_who_stands_against_what_others_did_waits() -> None:
    assert found(0.6, ("ann", "Orders")) == []
    (one,) = found(0.6, ("ann", "Orders"), contested=True)
    assert (one.why, one.said) == ("contested", {"Orders": ("ann",)})
