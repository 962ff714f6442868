"""`/console/waiting`: what people dispute and what is in quarantine, each settled by a lead's final word.

Knows not when a verdict has to wait (`desk.votes`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from starlette.responses import Response

from desk.feedback import Verdict
from desk.heads import Head
from desk.outcome_reports import merged
from desk.past_answers import PastAnswer
from desk.settled import settled
from desk.taxonomy import NO_CHANGES
from desk.taxonomy_setting import TAXONOMY_SETTING
from desk.votes import VOTED_HEADS, Vote, person_of, votes_of
from desk.waiting import Waiting, waiting_in
from journal.heard import Heard, heard
from journal.outcomes import outcomes_of
from journal.predictions import RecordedPrediction, find_all
from journal.settings import get_setting
from serving.console.history import feedback_policy
from serving.console.keeping import keep
from serving.console.queues import known_queues, priorities_of
from serving.console.visit import Visit
from serving.journaling import taxonomy_in
from serving.problems import ProblemError
from serving.replying import asked_of_journal

__all__ = ["Counted", "answer_settled", "answer_waiting", "votes_now"]

MOST: Final = 100
"""On one page; those that are settled make room for the next."""

WHY: Final[Mapping[str, str]] = {
    "disputed": "People say different things.",
    "quarantined": "One person contradicts an answer that was sure, or names a label that nobody knows.",
    "contested": "One person contradicts what others did in the desk's own system.",
}
ANSWERS: Final = {"true": "to be escalated", "false": "not to be escalated"}


@dataclass(frozen=True, slots=True)
class Counted:
    """What everybody said, and the votes that amount to, by ticket."""

    heard: Heard
    votes: Mapping[str, Sequence[Vote]]


@dataclass(frozen=True, slots=True)
class Case:
    """One head of one answer that waits. answered: what was suggested, as it is shown.

    sides: each label, as it is kept and as it is shown, with who says so and when they said it last.
    """

    waiting: Waiting
    why: str
    subject: str
    text: str
    answered: str | None
    sides: Sequence[tuple[str, str, Sequence[tuple[str, datetime]]]]


async def answer_waiting(visit: Visit) -> Response:
    """`GET /console/waiting`."""
    cases, count = await asked_of_journal(_cases, visit)
    queues = await asked_of_journal(known_queues, visit.desk)
    apart: dict[str, list[Case]] = {"disputed": [], "quarantined": []}
    for one in cases:
        apart["quarantined" if one.waiting.why == "quarantined" else "disputed"].append(one)
    return visit.page(
        "waiting.html", apart=apart, count=count, queues=queues, priorities=priorities_of(visit.desk), most=MOST
    )


async def answer_settled(visit: Visit) -> Response:
    """`POST /console/waiting`: a final word."""
    name, label = visit.form.get("prediction", ""), visit.form.get("label") or visit.form.get("other", "")
    head = next((one for one in VOTED_HEADS if one == visit.form.get("head")), None)
    if head is None or not name or not label or len(label) > 256:
        raise ProblemError(422, "invalid-body", "Say which label is right.")
    await keep(visit, [_final(visit, name, head, label)])
    return visit.to("/console/waiting")


def votes_now(visit: Visit) -> Counted:
    """Every vote by what is known now. Asks the journal, of all that was ever said."""
    setting = get_setting(visit.engine, TAXONOMY_SETTING, visit.tenant)
    taxonomy = (taxonomy_in(setting) or NO_CHANGES).as_of(visit.now)
    policy = feedback_policy(visit.desk)
    found = heard(visit.engine, visit.tenant, taxonomy)
    unheard = {person_of(one) for one in policy.unheard}
    said = [one for one in found.verdicts if person_of(one.who) not in unheard]
    votes: dict[str, list[Vote]] = {}
    for vote in votes_of(said, found.answers, policy, _labels(visit, found)):
        votes.setdefault(found.answers[vote.verdict.prediction_id].ticket_id, []).append(vote)
    return Counted(found, votes)


def _labels(visit: Visit, found: Heard) -> dict[Head, set[str]]:
    """What is known of each head: by the version, by the taxonomy, and by answers of earlier ones."""
    known: dict[Head, set[str]] = {"queue": set(known_queues(visit.desk)), "priority": set(priorities_of(visit.desk))}
    for answer in found.answers.values():
        for head, labels in known.items():
            said = answer.heads.get(head)
            if said is not None and said.label is not None and said.probability is not None:
                labels.add(said.label)
    return {head: labels for head, labels in known.items() if labels}


def _cases(visit: Visit) -> tuple[list[Case], int]:
    """What waits, with its tickets; and how much that is in all."""
    counted = votes_now(visit)
    found = waiting_in(counted.votes, _contested(visit, counted))
    there = find_all(visit.engine, {one.prediction_id for one in found[:MOST]}, visit.tenant)
    cases = [_case(one, there[one.prediction_id], counted) for one in found[:MOST] if one.prediction_id in there]
    return cases, len(found)


def _contested(visit: Visit, counted: Counted) -> list[tuple[str, Head]]:
    """Tickets, with the head, of which one person's vote stands against what others did."""
    policy = feedback_policy(visit.desk)
    answers: dict[str, list[PastAnswer]] = {}
    for answer in counted.heard.answers.values():
        answers.setdefault(answer.ticket_id, []).append(answer)
    reports = outcomes_of(visit.engine, counted.votes, visit.tenant)
    return [
        (ticket, head)
        for ticket, told in reports.items()
        for head in VOTED_HEADS
        if settled(head, merged(told), answers.get(ticket, ()), counted.votes[ticket], policy).is_contested
    ]


def _case(one: Waiting, found: RecordedPrediction, counted: Counted) -> Case:
    votes = [
        vote
        for vote in counted.votes[one.ticket_id]
        if vote.verdict.prediction_id == one.prediction_id and vote.head == one.head and vote.label in one.said
    ]
    last = {(vote.label, person_of(vote.verdict.who)): vote.verdict.at for vote in votes}
    answer = counted.heard.answers[one.prediction_id].heads.get(one.head)
    ticket = found.ticket
    return Case(
        one,
        WHY[one.why],
        str(ticket.get("subject") or ""),
        str(ticket.get("body") or "")[:4_000],
        None if answer is None or answer.label is None else _shown(one.head, answer.label),
        [
            (label, _shown(one.head, label), [(who, last[label, who]) for who in people])
            for label, people in one.said.items()
        ],
    )


def _shown(head: Head, label: str) -> str:
    return ANSWERS.get(label, label) if head == "escalation" else label


def _final(visit: Visit, name: str, head: Head, label: str) -> Verdict:
    word = Verdict(name, visit.person, visit.now, is_final=True)
    if head == "escalation":
        return replace(word, escalation=label == "true")
    return replace(word, queue=label) if head == "queue" else replace(word, priority=label)
