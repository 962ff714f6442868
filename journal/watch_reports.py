"""What the watch found each time it looked. Knows nothing of what a report says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, insert, select

from journal.database import reading, writing
from journal.tables import DEFAULT_TENANT
from journal.tables import watch_reports as table

__all__ = ["WatchFigures", "WatchReport", "last_figures", "last_report", "put_report"]


@dataclass(frozen=True, slots=True)
class WatchReport:
    """One look. figures: numbers by name, for whoever counts; report: all that was found, as JSON."""

    at: datetime
    version: str
    figures: Mapping[str, float]
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WatchFigures:
    """When a look was made, and its numbers by name."""

    at: datetime
    figures: Mapping[str, float]


def put_report(engine: Engine, report: WatchReport, tenant: str = DEFAULT_TENANT) -> None:
    """Keep a report; one of the same moment is replaced. Raises `JournalUnavailableError`."""
    row = {
        "at": report.at,
        "version": report.version,
        "figures": dict(report.figures),
        "report": dict(report.report),
    }
    with writing(engine) as connection:
        connection.execute(delete(table).where(table.c.tenant == tenant, table.c.at == report.at))
        connection.execute(insert(table).values(tenant=tenant, **row))


def last_report(engine: Engine, tenant: str = DEFAULT_TENANT) -> WatchReport | None:
    """The newest report, or None before the first look. Raises `JournalUnavailableError`."""
    query = select(table).where(table.c.tenant == tenant).order_by(table.c.at.desc()).limit(1)
    with reading(engine) as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None else WatchReport(row.at, row.version, row.figures, row.report)


def last_figures(engine: Engine, tenant: str = DEFAULT_TENANT) -> WatchFigures | None:
    """The numbers of the newest report, without the rest of it; None before the first look.

    Raises `JournalUnavailableError`.
    """
    query = select(table.c.at, table.c.figures).where(table.c.tenant == tenant).order_by(table.c.at.desc()).limit(1)
    with reading(engine) as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None else WatchFigures(row.at, row.figures)
