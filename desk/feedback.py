"""What people say afterwards: a specialist's verdict on an answer, and a report of what became of a ticket.

Both come late, twice and in any order; `desk.votes` and `desk.outcome_reports` say what they amount to. Knows neither
where they come from nor where they are kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Final, Literal, TypeAlias

from desk.outcome import Outcome

__all__ = ["OUTCOME_FIELDS", "Origin", "OutcomeReport", "Said", "Verdict"]

Origin: TypeAlias = Literal["unaided", "saw_suggestion", "confirmed", "corrected", "untouched"]
"""Where a label came from: a person who saw no suggestion, or one who did and said nothing of it; a person who said
that the answer is right, or wrong; or nobody since the machine set it, which is no evidence."""

Said: TypeAlias = str | bool | int | float | datetime | None

OUTCOME_FIELDS: Final = tuple(one.name for one in fields(Outcome) if one.name != "events")
"""What an outcome may say, by the names of the history table."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one person says of one answer. None: nothing is said of that head.

    queue, priority: the right label. escalation: whether escalating the ticket is justified. at: when it was said,
    aware. saw_suggestion: whether the person had the answer before their eyes. is_final: a lead's word, which settles
    what others dispute. withdraws: takes back whatever its person said of this answer up to then.
    """

    prediction_id: str
    who: str
    at: datetime
    queue: str | None = None
    priority: str | None = None
    escalation: bool | None = None
    comment: str | None = None
    saw_suggestion: bool = True
    is_final: bool = False
    withdraws: bool = False


@dataclass(frozen=True, slots=True)
class OutcomeReport:
    """What the desk's system knew of a ticket's outcome at one moment.

    said: by name, of `OUTCOME_FIELDS`, and typed as `Outcome` has them; what is absent is not said, None says that it
    is not known (any more). at: that moment, aware.
    """

    ticket_id: str
    at: datetime
    said: Mapping[str, Said] = field(default_factory=dict)
