"""A file of outcomes, or a history, to reports, and whose tickets they are of, where the file says that.

An empty cell says nothing: it takes nothing back. Knows neither the journal nor what reports amount to.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from desk.feedback import OUTCOME_FIELDS, OutcomeReport, Said
from desk.feedback_bounds import check_report
from journal.outcomes import GivenReport
from journal.statements import check_age
from training.histories.columns import CANONICAL
from training.reports.rows import FileRows, Row, read_rows

__all__ = ["ReadReport", "read_outcomes"]

KINDS: Final = {
    "ticket_id": "id",
    "at": "time",
    **{name: CANONICAL[name] for name in (*OUTCOME_FIELDS, "customer_id", "created_at")},
}


@dataclass(frozen=True, slots=True)
class ReadReport:
    """A report, and of its ticket the customer and when it was opened: None where the file does not say."""

    given: GivenReport
    customer: str | None
    opened: datetime | None


def read_outcomes(path: Path, now: datetime) -> FileRows[ReadReport]:
    """The reports of a file: each of the time in `at`, else of when the ticket was resolved, else of `now`.

    Raises `HistoryError` where the file itself cannot be read.
    """
    return read_rows(path, KINDS, {"id": "ticket_id"}, lambda row: _report(row, now))


def _report(row: Row, now: datetime) -> ReadReport:
    ticket = row.needed("ticket_id")
    said = {name: value for name in OUTCOME_FIELDS if (value := _said(row, name)) is not None}
    found = row.time("at") or row.time("resolved_at")
    report = OutcomeReport(ticket, found or now, said)
    check_report(report, now)
    check_age(report.at)
    given = GivenReport(report, has_time=found is not None)
    return ReadReport(given, row.text("customer_id"), row.time("created_at"))


def _said(row: Row, name: str) -> Said:
    match CANONICAL[name]:
        case "time":
            return row.time(name)
        case "yes/no":
            return row.yes_no(name)
        case "count":
            return row.count(name)
        case "number":
            return row.number(name)
    return row.text(name)
