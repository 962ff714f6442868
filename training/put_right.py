"""Labels that leads put right: their word takes the place of what a history says, whose file stays as it is.

A word is about a ticket with this id and this text, and about the label that it had: where another export has another
ticket of the same id, or another label, it says nothing. Knows neither how labels come to be suspect nor who learns.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine

from desk.heads import HEADS, Head, label_of, with_label
from desk.outcome import ResolvedTicket
from desk.taxonomy import Taxonomy
from journal.label_decisions import decisions
from training.lots import words_digest

__all__ = ["PutRight", "RightLabel", "put_right_in", "right_labels", "with_right_labels"]


@dataclass(frozen=True, slots=True)
class RightLabel:
    """given, label: what it was, and what it should be, in the names of today. words: of the ticket, as a digest.

    prediction_id: of the answer on which the same is a final word, None where there was none.
    """

    head: Head
    given: str
    label: str
    words: str
    prediction_id: str | None


PutRight = Mapping[str, tuple[RightLabel, ...]]
"""By ticket."""


def put_right_in(engine: Engine, tenant: str, taxonomy: Taxonomy, *, until: datetime | None = None) -> PutRight:
    """What leads put right up to `until`, in the names of today; what is none any more is left out.

    Raises `JournalUnavailableError`.
    """
    found: dict[str, tuple[RightLabel, ...]] = {}
    for one in decisions(engine, tenant):
        head = next((known for known in HEADS if known == one.head), None)
        if head is None or one.is_kept or one.words is None or (until is not None and one.decided_at > until):
            continue
        given, label = (
            taxonomy.today(name, one.decided_at) if head == "queue" else name for name in (one.given, one.label)
        )
        if given is not None and label is not None:
            right = RightLabel(head, given, label, one.words, one.prediction_id)
            found[one.ticket_id] = (*found.get(one.ticket_id, ()), right)
    return found


def right_labels(row: ResolvedTicket, put_right: PutRight, answers: Collection[str] = ()) -> dict[Head, str]:
    """What the row's labels should be, of those that were put right.

    answers: ids of the answers to the ticket that are known: a final word on one of these speaks for itself, and can be
    taken back.
    """
    told = [
        one
        for one in put_right.get(row.ticket.id, ())
        if one.prediction_id not in answers and one.given == label_of(row.outcome, one.head)
    ]
    words = words_digest(row.ticket) if told else ""
    return {one.head: one.label for one in told if one.words == words}


def with_right_labels(rows: Iterable[ResolvedTicket], put_right: PutRight) -> list[ResolvedTicket]:
    """The rows with the labels that were put right, other than by a final word on an answer."""
    return [_with(row, _unanswered(row, put_right)) if row.ticket.id in put_right else row for row in rows]


def _unanswered(row: ResolvedTicket, put_right: PutRight) -> dict[Head, str]:
    names = {one.prediction_id for one in put_right[row.ticket.id] if one.prediction_id is not None}
    return right_labels(row, put_right, names)


def _with(row: ResolvedTicket, labels: Mapping[Head, str]) -> ResolvedTicket:
    outcome = row.outcome
    for head, label in labels.items():
        outcome = with_label(outcome, head, label)
    return replace(row, outcome=outcome)
