"""The rows that the next version learns from: the given history, outcomes that were reported, votes that count.

Every row is a ticket as it was opened and what became of it; labels that only the machine set are none. Knows neither
how rows are learned from nor who may promote.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeAlias

from desk.feedback import OUTCOME_FIELDS
from desk.heads import CLASS_HEADS, HEADS, Head, label_of, with_label
from desk.outcome import ResolvedTicket
from desk.outcome_reports import merged
from desk.past_answers import PastAnswer
from desk.priority_order import known_order
from desk.settled import Settled, settled
from desk.ticket import Ticket
from desk.votes import Vote
from training.gathering.said import Said, SaidOfTicket
from training.golden_set import GoldenRule, is_golden, parted
from training.histories.desk_config import DeskConfig
from training.histories.history import History, digest_of
from training.histories.label_rule import DEFAULT_RULE, escalations, rule_variables
from training.put_right import right_labels

__all__ = ["FairLabels", "Gathered", "gathered", "known_labels", "nothing_given"]

_VOTED: Final[tuple[Head, ...]] = ("queue", "priority", "escalation")
OF_AGE: Final = 0.95
"""Of tickets are resolved by the age from which on risks are learned."""

FEWEST_SPANS: Final = 100
"""Resolved tickets, below which nobody knows how long one takes."""

MOST_STANDING: Final = 50.0
"""Rows that one row may stand for, so that a few tickets that were held back by chance do not say everything."""

_REPORTED: Final = "reported outcomes"

FairLabels: TypeAlias = Mapping[Head, Mapping[str, str | None]]
"""Head -> ticket -> the label by which versions are compared, None for none. Of others it is the row's own."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """history: the rows that teach. golden: rows that judge and never teach, as they were given.

    given: the rows that came in a file and are not golden, as they were given: their columns may know the future, while
    a ticket from the journal is as it was scored.
    hearsay: head -> ids of rows whose label may teach the head, and must not judge it (`desk.settled.Settled`).
    fair: head -> id of a row -> the label by which versions are compared, None where there is none, as where people
    saw what the champion of then suggested; of a row that is not there it is its own. standing: head -> id of a
    ticket that was held back from automation -> for how many it stands: itself, and those to which the same label
    was applied, whose labels are not known. origins: head -> origin -> rows of which the journal knows where the
    label came from, `untouched` ones left out. contested: ids of tickets, with the head, of which a person's vote
    stands against what others did, and waits for a second.
    """

    history: History
    given: tuple[ResolvedTicket, ...]
    golden: tuple[ResolvedTicket, ...]
    hearsay: Mapping[Head, frozenset[str]]
    fair: FairLabels
    standing: Mapping[Head, Mapping[str, float]]
    origins: Mapping[Head, Mapping[str, int]]
    contested: tuple[tuple[str, Head], ...]


def nothing_given() -> History:
    """The history of a desk that never gave one: what the journal knows is all there is."""
    return History((), digest_of(()), {}, (), "", ())


def gathered(
    given: History,
    config: DeskConfig,
    said: Said,
    rule: GoldenRule,
    *,
    given_at: datetime | None = None,
    at: datetime | None = None,
    adds_tickets: bool = True,
) -> Gathered:
    """Put together what the desk gave and what the journal knows.

    given: the history, as it was read, at `given_at`: what was answered later had no part in its labels. said: what the
    journal knows of its tickets, and of others. rule: which of its tickets are golden. adds_tickets: whether tickets
    that are not in `given` are rows as well; at: when it is gathered, by which some are too young to tell their risks.
    Tickets of the golden set, and copies of their texts, never teach. Raises `HistoryError` where the desk's rule for
    escalated fails.
    """
    teaching, golden = parted(given.rows, rule)
    votes = said.votes(known_labels(given, config, said))
    rows = [_with_reports(row, said.tickets.get(row.ticket.id)) for row in teaching]
    mine = {row.ticket.id for row in given.rows}
    added = [] if not adds_tickets else _added(said, votes, mine, config, rule)
    rows = _escalated([*rows, *added], {one for one in said.tickets if said.tickets[one].reports}, config)
    rows, young = _of_age(rows, {row.ticket.id for row in added}, at)
    settling = _Settling(said, votes, dict.fromkeys(mine, given_at))
    settled_rows = [settling.put_right(row, settling.of(row)) for row in rows]
    kept = tuple(row for row in settled_rows if any(label_of(row.outcome, head) is not None for head in HEADS))
    priorities = {row.outcome.priority for row in kept if row.outcome.priority is not None}
    history = replace(
        given,
        rows=kept,
        digest=digest_of(kept),
        columns=_columns(given, added),
        notes=(*given.notes, *_notes(len(golden), len(added), settling), *young),
        label_rule=given.label_rule or config.escalated or DEFAULT_RULE,
        known_priority_order=config.priority_order or known_order(priorities),
    )
    hearsay = {head: frozenset(names) for head, names in settling.hearsay.items() if names}
    origins = {head: dict(sorted(found.items())) for head, found in settling.origins.items() if found}
    return Gathered(
        history=history,
        given=tuple(teaching),
        golden=tuple(golden),
        hearsay=hearsay,
        fair={head: labels for head, labels in settling.fair.items() if labels},
        standing=settling.standing(),
        origins=origins,
        contested=tuple(sorted(settling.contested)),
    )


def known_labels(given: History, config: DeskConfig, said: Said) -> dict[Head, set[str]]:
    """The labels of queue and priority that anybody has used or described: a vote for another one waits."""
    known: dict[Head, set[str]] = {
        head: {label for row in given.rows if (label := label_of(row.outcome, head)) is not None} | said.labels(head)
        for head in CLASS_HEADS
    }
    known["queue"] |= {*config.queues, *given.read_through.described()}
    return known


def _with_reports(row: ResolvedTicket, said: SaidOfTicket | None) -> ResolvedTicket:
    """The row with what was reported since: what a report speaks of is newer than what was given."""
    if said is None or not said.reports:
        return row
    newer = merged(said.reports)
    names = {name for report in said.reports for name in report.said} & set(OUTCOME_FIELDS)
    return replace(row, outcome=replace(row.outcome, **{name: getattr(newer, name) for name in names}))


def _added(
    said: Said,
    votes: Mapping[str, Sequence[Vote]],
    given: set[str],
    config: DeskConfig,
    rule: GoldenRule,
) -> list[ResolvedTicket]:
    """Tickets that were scored, and of which somebody said something, the one opened first first."""
    found = []
    for name, one in said.tickets.items():
        if name in given or one.ticket is None or not (one.reports or votes.get(name)):
            continue
        if not is_golden(one.ticket, rule):
            found.append(ResolvedTicket(_without_ignored(one.ticket, config), merged(one.reports), one.thread))
    return sorted(found, key=_opened)


def _opened(row: ResolvedTicket) -> tuple[float, str]:
    at = row.ticket.created_at
    return (0.0 if at is None else at.timestamp()), row.ticket.id


def _without_ignored(ticket: Ticket, config: DeskConfig) -> Ticket:
    left = {name: value for name, value in ticket.attributes.items() if name not in config.ignored}
    return ticket if len(left) == len(ticket.attributes) else replace(ticket, attributes=left)


def _escalated(rows: Sequence[ResolvedTicket], reported: set[str], config: DeskConfig) -> list[ResolvedTicket]:
    """Whether a ticket escalated by the desk's rule, where reports brought its outcome and did not say it."""
    open_places = [
        place for place, row in enumerate(rows) if row.ticket.id in reported and row.outcome.escalated is None
    ]
    rule = config.escalated or DEFAULT_RULE
    if not open_places or not set(rule_variables(rule)) <= set(OUTCOME_FIELDS):
        return list(rows)
    outcomes = [rows[place].outcome for place in open_places]
    columns: dict[str, list[Any]] = {name: [getattr(one, name) for one in outcomes] for name in rule_variables(rule)}
    found = escalations(None, rule, columns, len(outcomes), _REPORTED).values
    settled_rows = list(rows)
    for place, value in zip(open_places, found, strict=True):
        row = rows[place]
        settled_rows[place] = replace(row, outcome=replace(row.outcome, escalated=value))
    return settled_rows


def _of_age(
    rows: Sequence[ResolvedTicket], added: set[str], at: datetime | None
) -> tuple[list[ResolvedTicket], Sequence[str]]:
    """The rows without the risks of tickets from the journal that are younger than nearly all take to resolve.

    Of these only the quick ones are known: escalations and breaches would seem to die out.
    """
    spans = [
        (row.outcome.resolved_at - row.ticket.created_at).total_seconds()
        for row in rows
        if row.outcome.resolved_at is not None and row.ticket.created_at is not None
    ]
    if at is None or len(spans) < FEWEST_SPANS:
        return list(rows), ()
    since = at.timestamp() - sorted(spans)[int(OF_AGE * len(spans))]
    young = {row.ticket.id for row in rows if row.ticket.id in added and _opened(row)[0] > since}
    if not young:
        return list(rows), ()
    note = (
        f"of {len(young):,} tickets it is too early to say whether they escalate or breach: only the quick are resolved"
    )
    return [_without_risks(row) if row.ticket.id in young else row for row in rows], (note,)


def _without_risks(row: ResolvedTicket) -> ResolvedTicket:
    return replace(row, outcome=replace(row.outcome, escalated=None, sla_breached=None))


class _Settling:
    """Settles row by row what each label is, and remembers where the labels came from."""

    def __init__(self, said: Said, votes: Mapping[str, Sequence[Vote]], given: Mapping[str, datetime | None]) -> None:
        self._said, self._votes, self._given = said, votes, given
        self.hearsay: dict[Head, set[str]] = {head: set() for head in _VOTED}
        self.fair: dict[Head, dict[str, str | None]] = {head: {} for head in _VOTED}
        self.origins: dict[Head, Counter[str]] = {head: Counter() for head in _VOTED}
        self.contested: set[tuple[str, Head]] = set()
        self.righted = 0
        self._applied: dict[Head, Counter[str]] = {head: Counter() for head in _VOTED}
        self._held_back: dict[Head, dict[str, str]] = {head: {} for head in _VOTED}

    def standing(self) -> dict[Head, dict[str, float]]:
        """For how many tickets each stands that was held back."""
        found: dict[Head, dict[str, float]] = {}
        for head, held_back in self._held_back.items():
            applied, like = self._applied[head], Counter(held_back.values())
            orphans = sum(count for label, count in applied.items() if not like[label])
            for name, label in held_back.items():
                rows = 1 + applied[label] / like[label] + orphans / len(held_back)
                found.setdefault(head, {})[name] = min(rows, MOST_STANDING)
        return found

    def of(self, row: ResolvedTicket) -> ResolvedTicket:
        """The row with the labels that are evidence; one that the journal never heard of stays as it is."""
        name = row.ticket.id
        said, votes = self._said.tickets.get(name), self._votes.get(name, ())
        if said is None or not said.answers:
            return row
        outcome, at = row.outcome, None if said.reports else self._given.get(name)
        answers = said.answers if at is None else [one for one in said.answers if one.at <= at]
        for head in _VOTED:
            one = settled(head, outcome, answers, votes, self._said.policy, self._said.asked)
            self._note(head, name, one)
            self._note_mode(head, name, answers, one)
            outcome = with_label(outcome, head, one.label)
        return replace(row, outcome=outcome)

    def put_right(self, row: ResolvedTicket, settled_row: ResolvedTicket) -> ResolvedTicket:
        """The settled row with what leads put right of the labels that `row` came with.

        They saw what the version would say, so that by these labels no version is held against another.
        """
        name, said = row.ticket.id, self._said.tickets.get(row.ticket.id)
        if name not in self._said.put_right:
            return settled_row
        answers = {one.prediction_id for one in said.answers} if said is not None else set()
        outcome = settled_row.outcome
        for head, label in right_labels(row, self._said.put_right, answers).items():
            outcome = with_label(outcome, head, label)
            self.righted += 1
            if head in self.fair:
                self.fair[head][name] = None
        return replace(settled_row, outcome=outcome)

    def _note_mode(self, head: Head, name: str, answers: Sequence[PastAnswer], one: Settled) -> None:
        """Whether a label was applied by itself, or would have been, had the ticket not been held back."""
        said = [answer.heads[head] for answer in answers if head in answer.heads]
        applied = next((past.label for past in said if past.mode == "auto" and past.label is not None), None)
        if applied is not None:
            self._applied[head][applied] += 1
            return
        held_back = next((past.label for past in said if past.why == "held_back" and past.label is not None), None)
        if held_back is not None and one.label is not None and one.judges:
            self._held_back[head][name] = held_back

    def _note(self, head: Head, name: str, one: Settled) -> None:
        if one.origin is not None:
            self.origins[head][one.origin] += 1
        if one.label is not None and not one.judges:
            self.hearsay[head].add(name)
        if one.fair != one.label:
            self.fair[head][name] = one.fair
        if one.is_contested:
            self.contested.add((name, head))


def _columns(given: History, added: Iterable[ResolvedTicket]) -> dict[str, str]:
    """The given ones, and attributes that only scored tickets have."""
    named = {name for row in added for name in row.ticket.attributes}
    return {**given.columns, **dict.fromkeys(sorted(named - set(given.columns)), "attribute")}


def _notes(golden: int, added: int, settling: _Settling) -> Iterable[str]:
    if golden:
        yield f"{golden:,} tickets are the golden set: they judge versions and teach none"
    if added > 0:
        yield f"{added:,} tickets come from the journal, with outcomes that were reported or votes that count"
    for head, found in settling.origins.items():
        if untouched := found.get("untouched"):
            yield f"{untouched:,} {head} labels are the machine's own, untouched since: left out"
    if settling.righted:
        labels = "1 label is" if settling.righted == 1 else f"{settling.righted:,} labels are"
        yield f"{labels} as a lead put them right, and not as the history says"
    if settling.contested:
        count = len({name for name, _ in settling.contested})
        yield f"of {count:,} tickets one person's verdict stands against what others did: it waits for a second"
