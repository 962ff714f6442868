"""What the journal knows of tickets' labels: answers, reports of outcomes, verdicts, what leads put right.

Reads, and folds what was said into outcomes and votes by the desk's rules. Knows no history and no versions.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Engine

from desk.asked_votes import Asked
from desk.feedback import OutcomeReport, Verdict
from desk.feedback_policy import FEEDBACK_SETTING, FeedbackPolicy, read_feedback_policy
from desk.heads import Head, label_of
from desk.outcome_reports import merged
from desk.past_answers import PastAnswer, past_answer
from desk.read_through import answer_today, report_today, verdict_today
from desk.taxonomy import NO_CHANGES, Taxonomy
from desk.ticket import Message, Ticket
from desk.ticket_json import ticket_in
from desk.votes import Vote, person_of, votes_of
from journal.answered import AnsweredTicket, answered, spoken_of
from journal.outcomes import outcomes
from journal.questions import answered_questions
from journal.settings import get_setting
from journal.verdicts import verdicts
from training.put_right import PutRight, put_right_in

__all__ = ["Said", "SaidOfTicket", "said_of"]


@dataclass(frozen=True, slots=True)
class SaidOfTicket:
    """ticket: as it was scored first, None where it never was. thread: every message that is known of it.

    answers: all that were given, the oldest first. reports: of its outcome, in any order.
    """

    ticket: Ticket | None
    thread: tuple[Message, ...]
    answers: tuple[PastAnswer, ...]
    reports: tuple[OutcomeReport, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """tickets: by id, those of which the journal knows an answer or a report. policy: whose word counts.

    verdicts: of everybody who is heard. put_right: labels that leads put right. asked: who was asked by lot, without a
    suggestion.
    """

    tickets: Mapping[str, SaidOfTicket]
    verdicts: Sequence[Verdict]
    policy: FeedbackPolicy
    put_right: PutRight = field(default_factory=dict)
    asked: Asked = field(default_factory=dict)

    def votes(self, labels: Mapping[Head, Collection[str]]) -> Mapping[str, Sequence[Vote]]:
        """By ticket, every vote. labels: what is known of a head, as in `desk.votes.votes_of`."""
        answers = {one.prediction_id: one for ticket in self.tickets.values() for one in ticket.answers}
        found: dict[str, list[Vote]] = {}
        for vote in votes_of(self.verdicts, answers, self.policy, labels):
            found.setdefault(answers[vote.verdict.prediction_id].ticket_id, []).append(vote)
        return found

    def labels(self, head: Head) -> set[str]:
        """The labels that outcomes and answers have, of queue or priority."""
        outcomes = (merged(one.reports) for one in self.tickets.values() if one.reports)
        found = {label_of(outcome, head) for outcome in outcomes}
        said = (one.heads[head] for ticket in self.tickets.values() for one in ticket.answers if head in one.heads)
        found |= {one.label for one in said if one.probability is not None}
        return {label for label in found if label is not None}


def said_of(
    engine: Engine,
    tenant: str,
    given: Iterable[str],
    taxonomy: Taxonomy = NO_CHANGES,
    *,
    only: Collection[str] | None = None,
) -> Said:
    """What the journal knows of the tickets that anybody spoke of, and of those that were `given` by their ids.

    taxonomy: records that have come about: whoever named a queue named it as it was called then, and is read so. only:
    ids of tickets, where no others are asked about.

    Raises `JournalUnavailableError`, `SettingError` where the policy cannot be read.
    """
    setting = get_setting(engine, FEEDBACK_SETTING, tenant)
    policy = read_feedback_policy(None if setting is None else setting.value)
    reports: dict[str, list[OutcomeReport]] = {}
    for report in outcomes(engine, tenant):
        if only is None or report.ticket_id in only:
            reports.setdefault(report.ticket_id, []).append(report_today(report, taxonomy))
    names = {*spoken_of(engine, tenant), *given}
    names = names if only is None else names & set(only)
    tickets = {
        one.ticket_id: _said(one, tuple(reports.pop(one.ticket_id, ())), taxonomy)
        for one in answered(engine, names, tenant)
    }
    tickets |= {name: SaidOfTicket(None, (), (), tuple(found)) for name, found in reports.items()}
    unheard = {person_of(who) for who in policy.unheard}
    heard = [verdict_today(one, taxonomy) for one in verdicts(engine, tenant) if person_of(one.who) not in unheard]
    return Said(tickets, heard, policy, put_right_in(engine, tenant, taxonomy), _asked(engine, tenant))


def _asked(engine: Engine, tenant: str) -> Asked:
    found = answered_questions(engine, tenant=tenant)
    return {name: one.who for name, one in found.items() if one.question.is_unaided}


def _said(ticket: AnsweredTicket, reports: tuple[OutcomeReport, ...], taxonomy: Taxonomy) -> SaidOfTicket:
    first, last = ticket.scored[0], ticket.scored[-1]
    opened = ticket_in(first.ticket)
    thread = {message: None for one in (opened, ticket_in(last.ticket)) for message in one.messages}
    ordered = tuple(sorted(thread, key=lambda message: message.at))
    answers = tuple(answer_today(past_answer(one.answer, one.at), taxonomy) for one in ticket.scored)
    if opened.created_at is None:
        # Who asks at once need not say when. Without a time no row could be told from a later one.
        opened = replace(opened, created_at=first.at)
    return SaidOfTicket(opened, ordered, answers, reports)
