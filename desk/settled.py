"""What a ticket's label is once everybody has spoken: the outcome, and the votes that count.

A label that the machine set and nobody touched is none. What people did in the desk's own system stands against one
person's later vote until a second person, or a lead's final word, says the same. By which label versions are held
against each other is another matter than which one teaches. Knows neither the journal nor what is learned from a label.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from desk.asked_votes import Asked, said_when_asked
from desk.feedback import Origin
from desk.feedback_policy import FeedbackPolicy
from desk.heads import CLASS_HEADS, Head, label_of
from desk.outcome import Outcome
from desk.outcome_reports import outcome_origin
from desk.past_answers import PastAnswer
from desk.votes import Vote, person_of

__all__ = ["Settled", "settled"]

_OWN: Final[frozenset[Origin]] = frozenset({"unaided", "corrected"})
"""Origins of what people did of their own accord."""


@dataclass(frozen=True, slots=True)
class Settled:
    """One head's label of one ticket.

    label: None where there is none that is evidence. origin: of the label; `untouched` where the machine's own was left
    out, None where nobody said anything. judges: whether a version's probabilities may be set by it, as well as learn
    from it: not where it is known only because somebody noticed a mistake of what was applied by itself, for then only
    mistakes would be known, and not where a single vote is all there is. is_contested: whether a person's vote stands
    against what other people did, and waits for a second. fair: the label by which one version may be held against
    another, None where there is none. Who saw a suggestion follows it now and then, so a label from them speaks for
    the version that made it.
    """

    label: str | None = None
    origin: Origin | None = None
    judges: bool = False
    is_contested: bool = False
    fair: str | None = None


def settled(
    head: Head,
    outcome: Outcome,
    answers: Sequence[PastAnswer],
    votes: Collection[Vote],
    policy: FeedbackPolicy,
    asked: Asked | None = None,
) -> Settled:
    """The label of `head` by what became of the ticket and by its votes.

    answers: all that were given to the ticket, in any order. votes: on these answers and this head; those that do not
    count are not heard. asked: who was asked about these answers by lot; whether a ticket escalates is no matter of
    what anybody says.
    """
    found = _settled(head, outcome, answers, votes, policy)
    told = said_when_asked(head, asked or {}, votes) if head in CLASS_HEADS else None
    return found if told is None else replace(found, fair=told)


def _settled(
    head: Head, outcome: Outcome, answers: Sequence[PastAnswer], votes: Iterable[Vote], policy: FeedbackPolicy
) -> Settled:
    """By what was done and said of people's own accord."""
    done = label_of(outcome, head)
    origin = _outcome_origin(head, outcome, answers)
    judges = not any(_was_applied(one, head, outcome) for one in answers)
    heard = [one for one in votes if one.standing == "counts" and one.head == head]
    last = max(heard, key=_rank, default=None)
    # What was done unaided is fair whatever is said of it later. A vote that only says the same as what was done by
    # who saw a suggestion is not: of those that differ none is known until somebody agrees.
    fair = done if judges and origin == "unaided" else None
    if last is None:
        if done is None or origin == "untouched":
            return Settled(origin=origin)
        return Settled(done, origin, judges, fair=fair)
    persons = {person_of(one.verdict.who) for one in heard if one.label == last.label}
    is_agreed = last.verdict.is_final or len(persons) >= policy.agreeing
    if done is not None and origin in _OWN and done != last.label and not is_agreed:
        return Settled(done, origin, judges, is_contested=True, fair=fair)
    is_known = done == last.label and origin != "untouched"
    if is_agreed and fair != last.label:
        fair = last.label if judges and last.origin == "unaided" else None
    return Settled(last.label, last.origin, judges and (is_agreed or is_known), fair=fair)


def _rank(vote: Vote) -> tuple[object, ...]:
    """Of votes on several answers to one ticket the last final word holds, else the last word."""
    said = vote.verdict
    return said.is_final, said.at, vote.label, said.prediction_id, said.who


def _outcome_origin(head: Head, outcome: Outcome, answers: Iterable[PastAnswer]) -> Origin | None:
    """Of a risk it is whether the desk was told of it: who is told may have prevented it, or brought it about."""
    if head in ("queue", "priority"):
        return outcome_origin(outcome, answers, head)
    if label_of(outcome, head) is None:
        return None
    told = any(one.heads[head].mode == "escalate" for one in _before(answers, outcome) if head in one.heads)
    return "saw_suggestion" if told else "unaided"


def _was_applied(answer: PastAnswer, head: Head, outcome: Outcome) -> bool:
    said = answer.heads.get(head)
    return said is not None and said.mode == "auto" and bool(_before([answer], outcome))


def _before(answers: Iterable[PastAnswer], outcome: Outcome) -> Collection[PastAnswer]:
    return [one for one in answers if outcome.resolved_at is None or one.at <= outcome.resolved_at]
