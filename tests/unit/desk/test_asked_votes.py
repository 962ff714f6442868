"""Whose word versions are compared by, where the lot chose whom to ask about what."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.asked_votes import said_when_asked
from desk.feedback import Verdict
from desk.feedback_policy import FeedbackPolicy
from desk.past_answers import PastAnswer, PastHead
from desk.votes import Vote, votes_of

START = datetime(2026, 11, 21, 10, tzinfo=UTC)
ASKED = {"p": "ann"}


def verdict(who: str, queue: str | None = "Orders", **more: Any) -> Verdict:
    said: dict[str, Any] = {"queue": queue, "saw_suggestion": False, **more}
    return Verdict(said.pop("on", "p"), who, START + timedelta(hours=1), **said)


def votes(*verdicts: Verdict, probability: float = 0.8) -> list[Vote]:
    answers = {
        name: PastAnswer(name, "t", START, {"queue": PastHead("Billing", probability, "suggest")}) for name in "pq"
    }
    return votes_of(verdicts, answers, FeedbackPolicy())


def test_the_one_who_was_asked_is_heard_and_nobody_else() -> None:
    assert said_when_asked("queue", ASKED, votes(verdict("Ann"), verdict("ann", on="q", queue="Access"))) == "Orders"
    assert said_when_asked("queue", ASKED, votes(verdict("bob"))) is None
    assert said_when_asked("priority", ASKED, votes(verdict("ann"))) is None
    assert said_when_asked("queue", {}, votes(verdict("ann"))) is None


def test_who_saw_the_suggestion_after_all_is_not_heard() -> None:
    assert said_when_asked("queue", ASKED, votes(verdict("ann", saw_suggestion=True))) is None


@pytest.mark.parametrize("label", ["Billing", "Orders"])
def test_it_is_heard_whether_or_not_it_contradicts_a_sure_answer(label: str) -> None:
    """Else of what a version is sure of only what it has right would be known."""
    assert said_when_asked("queue", ASKED, votes(verdict("ann", label), probability=0.97)) == label


def test_who_was_not_asked_does_not_silence_who_was_but_a_final_word_does() -> None:
    both = [verdict("ann"), verdict("bob", "Access")]
    assert said_when_asked("queue", ASKED, votes(*both)) == "Orders"
    final = verdict("lead", "Access", is_final=True, saw_suggestion=True)
    assert said_when_asked("queue", ASKED, votes(*both, final)) == "Access"
