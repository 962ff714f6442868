"""A file of verdicts to what people said of which answer. Knows neither the journal nor whether the answer is known."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from desk.feedback import Verdict
from desk.feedback_bounds import check_verdict
from journal.statements import check_age
from training.reports.rows import FileRows, Row, read_rows

__all__ = ["ReadVerdict", "read_verdicts"]

KINDS: Final = {
    "prediction_id": "id",
    "who": "category",
    "at": "time",
    "queue": "label",
    "priority": "label",
    "escalation": "yes/no",
    "comment": "text",
    "saw_suggestion": "yes/no",
    "is_final": "yes/no",
}


@dataclass(frozen=True, slots=True)
class ReadVerdict:
    """A verdict, and whether the file says when it was said."""

    verdict: Verdict
    has_time: bool


def read_verdicts(path: Path, now: datetime) -> FileRows[ReadVerdict]:
    """The verdicts of a file, said `now` where it does not say when.

    Raises `HistoryError` where the file itself cannot be read.
    """
    return read_rows(path, KINDS, {}, lambda row: _verdict(row, now))


def _verdict(row: Row, now: datetime) -> ReadVerdict:
    at = row.time("at")
    verdict = Verdict(
        prediction_id=row.needed("prediction_id"),
        who=row.needed("who"),
        at=at or now,
        queue=row.text("queue"),
        priority=row.text("priority"),
        escalation=row.yes_no("escalation"),
        comment=row.text("comment"),
        saw_suggestion=row.yes_no("saw_suggestion") is not False,
        is_final=row.yes_no("is_final") is True,
    )
    check_verdict(verdict, now)
    check_age(verdict.at)
    return ReadVerdict(verdict, at is not None)
