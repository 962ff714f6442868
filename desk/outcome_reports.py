"""What reports of a ticket amount to: its outcome, and where its final queue and priority came from.

Always a fold over all reports, in any order, as late and as often as they come. Knows neither the journal nor people's
verdicts; what a report may hold is in `desk.feedback_bounds`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from desk.feedback import OUTCOME_FIELDS, Origin, OutcomeReport
from desk.heads import Head, label_of
from desk.outcome import Outcome
from desk.past_answers import PastAnswer, PastHead

__all__ = ["merged", "outcome_origin"]

_WEAKEST_FIRST: Final[tuple[Origin, ...]] = ("untouched", "saw_suggestion", "corrected", "unaided")


def merged(reports: Iterable[OutcomeReport]) -> Outcome:
    """The outcome that the reports of one ticket tell: of each field what the newest says that speaks of it at all.

    None that is said takes back what was known. Of two of one moment what is known stands against what is not, and
    else the greater as it is spelled, so that no order of arrival matters.
    """
    latest: dict[str, tuple[tuple[Any, ...], Any]] = {}
    for report in reports:
        for name, value in report.said.items():
            rank = (report.at, value is not None, str(value))
            if name in OUTCOME_FIELDS and (name not in latest or rank > latest[name][0]):
                latest[name] = rank, value
    said: Mapping[str, Any] = {name: value for name, (_, value) in latest.items()}
    return Outcome(**said)


def outcome_origin(outcome: Outcome, answers: Iterable[PastAnswer], head: Head) -> Origin | None:
    """Where the final label of `head`, queue or priority, came from; None where the outcome has none.

    answers: all that were given to the ticket, in any order; those from after it was resolved told nobody anything.
    Where several were given the least independent origin holds: what any of them may have set is no evidence.
    """
    label, resolved_at = label_of(outcome, head), outcome.resolved_at
    if label is None:
        return None
    before = [one for one in answers if resolved_at is None or one.at <= resolved_at]
    is_moved = head == "queue" and bool(outcome.reassignment_count)
    origins = {_origin(one.heads.get(head), label, is_moved) for one in before}
    return min(origins, key=_WEAKEST_FIRST.index, default="unaided")


def _origin(answered: PastHead | None, label: str, is_moved: bool) -> Origin:
    """is_moved: whether the ticket is known to have been in other hands meanwhile, so that somebody chose the label."""
    if answered is None or answered.label is None or answered.mode == "abstain" or answered.why == "held_back":
        return "unaided"
    if answered.label != label:
        return "corrected"
    return "untouched" if answered.mode == "auto" and not is_moved else "saw_suggestion"
