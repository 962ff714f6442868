"""What became known of each answer of a version: its true label, where that came from, whether it is a fair sample.

Brings answers, outcomes and verdicts together; what each word counts is `desk.votes` and `desk.outcome_reports`. Knows
no journal.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from desk.feedback import OutcomeReport
from desk.heads import Head, label_of
from desk.outcome import Outcome
from desk.outcome_reports import merged, outcome_origin
from desk.past_answers import PastAnswer, PastHead
from desk.sequential import Contested, Shown
from desk.votes import Vote
from journal.answers_of_version import GivenAnswer
from journal.outcomes import RecordedReport

__all__ = ["SETTLES", "Told", "contested", "tell"]

SETTLES: Final = timedelta(days=7)
"""How long an answer waits for a word of what became of its ticket; then it counts as left alone."""


@dataclass(frozen=True, slots=True)
class Told:
    """The first answer of the version to a ticket, for one head, and what is known of it.

    label: the true one as a person set or said it; None where nobody did. is_outcome: whether it became known with the
    ticket's outcome, as of every ticket, and not by somebody's word alone. is_applied: whether any answer to the ticket
    was applied by itself, so that only a miss is ever shown. known_at: when it became known; None where it is not.
    """

    answer: PastAnswer
    said: PastHead
    label: str | None
    is_outcome: bool
    is_applied: bool
    known_at: datetime | None

    @property
    def is_sample(self) -> bool:
        """Whether the label is known, and would be whatever it is."""
        return self.label is not None and self.is_outcome and not self.is_applied


def tell(
    answers: Mapping[str, Sequence[GivenAnswer]],
    reports: Iterable[RecordedReport],
    votes: Iterable[Vote],
    version: str,
    head: Head,
) -> list[Told]:
    """One a ticket that `version` answered with a label of `head`, in order of the answers.

    answers: by ticket, oldest first. votes: all; those that do not count are passed over.
    """
    by_ticket: dict[str, list[RecordedReport]] = {}
    for report in reports:
        by_ticket.setdefault(report.report.ticket_id, []).append(report)
    heard = {vote.verdict.prediction_id: vote for vote in votes if vote.head == head and vote.standing == "counts"}
    found = []
    for ticket, given in answers.items():
        first = next((one.answer for one in given if one.version == version), None)
        said = None if first is None else first.heads.get(head)
        if first is not None and said is not None and said.label is not None and said.probability is not None:
            past = [one.answer for one in given]
            found.append(_told(first, said, past, by_ticket.get(ticket, []), heard, head))
    return sorted(found, key=lambda one: (one.answer.at, one.answer.prediction_id))


def contested(told: Iterable[Told], label: str, threshold: float, at: datetime) -> list[Contested]:
    """The answers with this label that are as sure as its contract asks, as far as they are settled at `at`."""
    found = []
    for one in told:
        said = one.said
        is_sure = said.label == label and said.probability is not None and said.probability >= threshold
        if is_sure and said.why != "unknown_topic":
            found += _contested(one, label, at)
    return found


def _told(
    first: PastAnswer,
    said: PastHead,
    past: Sequence[PastAnswer],
    reports: Sequence[RecordedReport],
    heard: Mapping[str, Vote],
    head: Head,
) -> Told:
    outcome = merged(one.report for one in reports)
    resolved, origin = label_of(outcome, head), outcome_origin(outcome, past, head)
    is_applied = any(one.heads[head].mode == "auto" for one in past if head in one.heads and _before(one, outcome))
    vote = next((heard[one.prediction_id] for one in reversed(past) if one.prediction_id in heard), None)
    label = vote.label if vote is not None else (resolved if origin != "untouched" else None)
    if resolved is not None:
        known = min((one.received_at for one in reports if _says(one.report, head)), default=None)
    else:
        known = None if vote is None else vote.verdict.at
    return Told(first, said, label, resolved is not None, is_applied, known)


def _contested(one: Told, label: str, at: datetime) -> list[Contested]:
    is_miss = one.label is not None and one.label != label
    name, settles = one.answer.prediction_id, one.answer.at + SETTLES
    if one.is_sample and one.known_at is not None:
        return [Contested(one.known_at, name, "miss" if is_miss else "hit", "sample")] if one.known_at <= at else []
    known = min(one.known_at, settles) if one.is_outcome and one.known_at is not None else settles
    if known > at:
        return []
    if not one.is_applied and one.label is not None:
        return [Contested(known, name, "miss" if is_miss else "hit", "word")]
    shown: Shown = "miss" if is_miss else "left"
    return [Contested(known, name, shown, "applied")]


def _before(answer: PastAnswer, outcome: Outcome) -> bool:
    return outcome.resolved_at is None or answer.at <= outcome.resolved_at


def _says(report: OutcomeReport, head: Head) -> bool:
    return report.said.get(head) is not None
