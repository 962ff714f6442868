"""What became of tickets, as reported: each report kept once however often it comes, and read back as `OutcomeReport`.

Knows neither how reports are merged (`desk.outcome_reports`) nor how they came in.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, delete, select

from desk.errors import JournalError
from desk.feedback import OUTCOME_FIELDS, OutcomeReport, Said
from journal.database import insert_told, reading, writing
from journal.predictions import RecordedPrediction
from journal.statements import AT_ONCE, as_json, digest_of
from journal.tables import DEFAULT_TENANT
from journal.tables import outcomes as table
from journal.turns import add_beside

__all__ = ["GivenReport", "RecordedReport", "forget_outcomes", "outcomes", "outcomes_of", "record", "recorded_outcomes"]

TIMES: Final = ("first_response_at", "resolved_at")


@dataclass(frozen=True, slots=True)
class GivenReport:
    """A report that comes in.

    has_time: whether it was told of when it is; else `report.at` is when it came in, and one that says of a ticket what
    the last one said is no second report.
    """

    report: OutcomeReport
    has_time: bool = True


@dataclass(frozen=True, slots=True)
class RecordedReport:
    """A report with what the journal knows of it. via: the key that brought it, or a file."""

    digest: str
    received_at: datetime
    via: str
    report: OutcomeReport


def record(
    engine: Engine,
    given: Sequence[GivenReport],
    *,
    via: str,
    received_at: datetime,
    tenant: str = DEFAULT_TENANT,
) -> int:
    """Write reports on the tenant's tickets in one transaction, and return how many of them were new.

    Raises `JournalUnavailableError`, and `JournalError` for a naive time or a field that no outcome has.
    """
    new = 0
    with writing(engine) as connection:
        add_beside(connection)
        for start in range(0, len(given), AT_ONCE):
            some = given[start : start + AT_ONCE]
            last = _said_last(connection, {one.report.ticket_id for one in some if not one.has_time}, tenant)
            rows = (_row(one.report, tenant, via, received_at) for one in some if not _is_said_again(one, last))
            ordered = {row["digest"]: row for row in sorted(rows, key=lambda row: row["digest"])}
            new += len(insert_told(connection, table, list(ordered.values()), "digest"))
    return new


def outcomes(
    engine: Engine,
    tenant: str = DEFAULT_TENANT,
    *,
    ticket_id: str | None = None,
    received_since: datetime | None = None,
) -> list[OutcomeReport]:
    """The tenant's reports, the one that is of the earliest moment first: all, those of one ticket, received since.

    Raises `JournalUnavailableError`.
    """
    found = recorded_outcomes(engine, tenant, ticket_id=ticket_id, received_since=received_since)
    return [one.report for one in found]


def recorded_outcomes(
    engine: Engine,
    tenant: str = DEFAULT_TENANT,
    *,
    ticket_id: str | None = None,
    received_since: datetime | None = None,
) -> list[RecordedReport]:
    """The same with what the journal knows of each."""
    query = select(table).where(table.c.tenant == tenant)
    if ticket_id is not None:
        query = query.where(table.c.ticket_id == ticket_id)
    if received_since is not None:
        query = query.where(table.c.received_at >= received_since)
    with reading(engine) as connection:
        found = connection.execute(query.order_by(table.c.at, table.c.received_at, table.c.digest))
        return [RecordedReport(row.digest, row.received_at, row.via, _report(row)) for row in found]


def outcomes_of(
    engine: Engine, ticket_ids: Collection[str], tenant: str = DEFAULT_TENANT
) -> dict[str, list[OutcomeReport]]:
    """The reports on these tickets, by ticket, of those of which there are any. Raises `JournalUnavailableError`."""
    names, found = sorted(set(ticket_ids)), dict[str, list[OutcomeReport]]()
    with reading(engine) as connection:
        for start in range(0, len(names), AT_ONCE):
            these = table.c.ticket_id.in_(names[start : start + AT_ONCE])
            for row in connection.execute(select(table).where(table.c.tenant == tenant, these)):
                found.setdefault(row.ticket_id, []).append(_report(row))
    return found


def forget_outcomes(connection: Connection, rows: Iterable[RecordedPrediction]) -> None:
    """Delete what was reported of the tickets of predictions that are dropped, for their customer was erased."""
    for tenant, ticket in sorted({(row.tenant, str(row.ticket["id"])) for row in rows}):
        connection.execute(delete(table).where(table.c.tenant == tenant, table.c.ticket_id == ticket))


def _said_last(connection: Connection, tickets: Collection[str], tenant: str) -> dict[str, Any]:
    """The content of the last report on each of these tickets."""
    if not tickets:
        return {}
    query = select(table.c.ticket_id, table.c.content).where(table.c.tenant == tenant, table.c.ticket_id.in_(tickets))
    rows = connection.execute(query.order_by(table.c.at, table.c.received_at, table.c.digest))
    return {row.ticket_id: row.content for row in rows}


def _is_said_again(given: GivenReport, last: Mapping[str, Any]) -> bool:
    return not given.has_time and last.get(given.report.ticket_id) == as_json(given.report.said)


def _row(report: OutcomeReport, tenant: str, via: str, received_at: datetime) -> dict[str, Any]:
    unknown = sorted(set(report.said) - set(OUTCOME_FIELDS))
    if unknown:
        raise JournalError(f"An outcome has the fields {', '.join(OUTCOME_FIELDS)}, not {unknown[0]!r}; leave it out.")
    content = as_json(report.said)
    return {
        "tenant": tenant,
        "digest": digest_of(report.at, report.ticket_id, content),
        "ticket_id": report.ticket_id,
        "at": report.at,
        "received_at": received_at,
        "content": content,
        "via": via,
    }


def _report(row: Any) -> OutcomeReport:
    return OutcomeReport(row.ticket_id, row.at, {name: _said(name, one) for name, one in row.content.items()})


def _said(name: str, value: Any) -> Said:
    moment: Said = datetime.fromisoformat(value) if name in TIMES and value is not None else value
    return moment
