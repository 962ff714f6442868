"""Whose word a label is once everybody has spoken."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.feedback import Verdict
from desk.feedback_policy import FeedbackPolicy
from desk.heads import Head
from desk.outcome import Outcome
from desk.past_answers import PastAnswer, PastHead
from desk.settled import Settled, settled
from desk.votes import Vote, votes_of

START = datetime(2026, 11, 21, 10, tzinfo=UTC)
POLICY = FeedbackPolicy()


def answer(mode: str = "suggest", label: str = "Billing", why: str | None = None, name: str = "p") -> PastAnswer:
    heads: dict[Head, PastHead] = {"queue": PastHead(label, 0.8, mode, why)}
    return PastAnswer(name, "t", START, heads)


def votes(answers: list[PastAnswer], *said: tuple[str, str], **more: Any) -> list[Vote]:
    verdicts = [Verdict("p", who, START + timedelta(hours=1), queue=queue, **more) for who, queue in said]
    return votes_of(verdicts, {one.prediction_id: one for one in answers}, POLICY)


def queue_of(outcome: Outcome, answers: list[PastAnswer], said: list[Vote] | None = None) -> Settled:
    return settled("queue", outcome, answers, said or [], POLICY)


def test_without_anybody_s_word_there_is_no_label() -> None:
    assert queue_of(Outcome(), [answer()]) == Settled()


def test_the_machine_s_own_label_is_none() -> None:
    assert queue_of(Outcome(queue="Billing"), [answer("auto")]) == Settled(origin="untouched")


@pytest.mark.parametrize(
    ("mode", "why", "queue", "expected"),
    [
        ("suggest", None, "Billing", Settled("Billing", "saw_suggestion", True)),
        ("suggest", None, "Orders", Settled("Orders", "corrected", True)),
        ("abstain", "below_suggest", "Orders", Settled("Orders", "unaided", True, fair="Orders")),
        ("suggest", "held_back", "Billing", Settled("Billing", "unaided", True, fair="Billing")),
    ],
)
def test_what_people_set_is_a_label_that_judges(mode: str, why: str | None, queue: str, expected: Settled) -> None:
    assert queue_of(Outcome(queue=queue), [answer(mode, why=why)]) == expected


def test_a_mistake_that_was_applied_by_itself_teaches_and_does_not_judge() -> None:
    """Were it to judge, of what is applied by itself only the mistakes would be known."""
    assert queue_of(Outcome(queue="Orders"), [answer("auto")]) == Settled("Orders", "corrected", False)


def test_a_single_vote_teaches_and_two_judge() -> None:
    answers = [answer()]
    assert queue_of(Outcome(), answers, votes(answers, ("ann", "Orders"))) == Settled("Orders", "corrected", False)
    agreed = votes(answers, ("ann", "Orders"), ("bob", "Orders"))
    assert queue_of(Outcome(), answers, agreed) == Settled("Orders", "corrected", True)
    final = votes(answers, ("lead", "Orders"), is_final=True)
    assert queue_of(Outcome(), answers, final) == Settled("Orders", "corrected", True)


def test_a_vote_stands_against_the_machine_s_own_label() -> None:
    answers = [answer("auto")]
    said = votes(answers, ("ann", "Orders"), ("bob", "Orders"))
    assert queue_of(Outcome(queue="Billing"), answers, said) == Settled("Orders", "corrected", False)


def test_one_person_does_not_overrule_what_others_did() -> None:
    answers, outcome = [answer()], Outcome(queue="Access")
    one = votes(answers, ("ann", "Orders"))
    assert queue_of(outcome, answers, one) == Settled("Access", "corrected", True, is_contested=True)
    two = votes(answers, ("ann", "Orders"), ("bob", "Orders"))
    assert queue_of(outcome, answers, two) == Settled("Orders", "corrected", True)


def test_a_vote_that_says_what_others_did_judges_as_they_do() -> None:
    answers = [answer()]
    said = votes(answers, ("ann", "Orders"))
    assert queue_of(Outcome(queue="Orders"), answers, said) == Settled("Orders", "corrected", True)


def test_votes_that_do_not_count_are_not_heard() -> None:
    answers = [answer()]
    disputed = votes(answers, ("ann", "Orders"), ("bob", "Access"))
    assert queue_of(Outcome(queue="Billing"), answers, disputed) == Settled("Billing", "saw_suggestion", True)


def test_whether_it_escalated_is_a_fact_unless_the_desk_was_told() -> None:
    heads: dict[Head, PastHead] = {"escalation": PastHead("false", 0.2, "none")}
    quiet = PastAnswer("p", "t", START, heads)
    verdict = Verdict("p", "ann", START, escalation=True)
    said = votes_of([verdict], {"p": quiet}, POLICY)
    found = settled("escalation", Outcome(escalated=False), [quiet], said, POLICY)
    assert found == Settled("false", "unaided", True, is_contested=True, fair="false")
    assert settled("escalation", Outcome(escalated=False), [quiet], said, POLICY, {"p": "ann"}) == found
    told = PastAnswer("p", "t", START, {"escalation": PastHead("true", 0.8, "escalate")})
    said = votes_of([verdict], {"p": told}, POLICY)
    found = settled("escalation", Outcome(escalated=False), [told], said, POLICY)
    assert (found.label, found.origin, found.judges) == ("true", "confirmed", False)


@pytest.mark.parametrize(
    ("mode", "done", "fair"),
    [
        ("suggest", "Billing", None),
        ("suggest", "Orders", None),
        ("auto", "Orders", None),
        ("abstain", "Orders", "Orders"),
        ("abstain", "Billing", "Billing"),
    ],
)
def test_versions_are_compared_by_what_was_done_unaided_whatever_one_person_says_of_it(
    mode: str, done: str, fair: str | None
) -> None:
    """Did a vote for what was done make a label fair, of suggestions only those that were right would be known."""
    answers = [answer(mode)]
    for label in ("Billing", "Orders", "Access"):
        said = votes(answers, ("ann", label), saw_suggestion=False)
        assert queue_of(Outcome(queue=done), answers, said).fair == fair


@pytest.mark.parametrize("saw", [True, False])
def test_what_two_say_is_fair_where_neither_saw_the_suggestion(saw: bool) -> None:
    answers = [answer()]
    said = votes(answers, ("ann", "Orders"), ("bob", "Orders"), saw_suggestion=saw)
    for outcome in (Outcome(), Outcome(queue="Orders"), Outcome(queue="Billing")):
        assert queue_of(outcome, answers, said).fair == (None if saw else "Orders")


@pytest.mark.parametrize("mode", ["suggest", "auto", "abstain"])
@pytest.mark.parametrize("done", ["Billing", "Orders", None])
def test_who_was_asked_by_lot_says_by_what_versions_are_compared(mode: str, done: str | None) -> None:
    answers = [answer(mode)]
    for label in ("Billing", "Orders"):
        said = votes(answers, ("ann", label), saw_suggestion=False)
        found = settled("queue", Outcome(queue=done), answers, said, POLICY, {"p": "Ann"})
        assert found.fair == label
        assert replace(found, fair=None) == replace(queue_of(Outcome(queue=done), answers, said), fair=None)
