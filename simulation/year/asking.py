"""What people say when they are asked: of questions that were prepared for them, and of what waits for another's word.

Knows votes and answers, neither how a question is chosen nor how anything is learned.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from desk.feedback import Verdict
from desk.feedback_policy import FeedbackPolicy
from desk.past_answers import PastAnswer
from desk.votes import votes_of
from simulation.chance import stream
from simulation.year.habits import Habits
from simulation.year.specialists import Handled, specialist_says

__all__ = ["LEAD", "said_when_asked", "second_opinions"]

LEAD: Final = "the desk's lead"


def second_opinions(
    verdicts: Collection[Verdict],
    answers: Mapping[str, PastAnswer],
    policy: FeedbackPolicy,
    labels: Collection[str],
    habits: Habits,
) -> list[str]:
    """Predictions of which a word is disputed or quarantined, the oldest first.

    answers: by prediction, of all verdicts. labels: queues that are known.
    """
    known = {"queue": labels}
    waiting = {
        vote.verdict.prediction_id
        for vote in votes_of(verdicts, answers, policy, known)  # type: ignore[arg-type]
        if vote.standing in ("disputed", "quarantined")
    }
    return sorted(waiting)[: habits.second_opinions]


def said_when_asked(
    seed: int,
    asked: Iterable[Handled],
    habits: Habits,
    *,
    at: datetime,
    by_lead: bool,
    unaided: Collection[str] = (),
) -> list[Verdict]:
    """What those who were asked say by `at`; who does not answer may when asked another time.

    unaided: predictions of which the suggestion is not shown.
    """
    said = []
    for one in asked:
        rng = stream(seed, "asked", by_lead, one.answer.prediction_id, at.isoformat())
        if rng.random() < habits.answers:
            lead = LEAD if by_lead else ""
            verdict = specialist_says(rng, one, habits, at=at, speaks_of_escalation=by_lead, lead=lead)
            said.append(replace(verdict, saw_suggestion=one.answer.prediction_id not in unaided))
    return said
