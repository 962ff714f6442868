"""A history without the tickets of people who were erased: an export that is given again brings nobody back.

Knows tombstones as the journal reads them, and no files.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine

from journal.environment import Environment
from journal.erasures import erased_among
from journal.secret import installation_secret
from training.histories.history import History, digest_of

__all__ = ["is_gone", "without_erased"]


def without_erased(history: History, environment: Environment, engine: Engine) -> History:
    """The history without tickets that were opened before their customer was erased, or at a time that nobody knows.

    It is named by the rows that are left, and a note says how many are not. Raises `JournalUnavailableError`, and
    `SettingError` where people were erased and the installation's secret cannot be read.
    """
    customers = {row.ticket.customer.id for row in history.rows} - {None}
    known: Collection[str] = {customer for customer in customers if customer is not None}
    erased = erased_among(engine, environment.tenant, known, lambda: installation_secret(environment))
    if not erased:
        return history
    rows = tuple(row for row in history.rows if not is_gone(erased, row.ticket.customer.id, row.ticket.created_at))
    gone = len(history.rows) - len(rows)
    if not gone:
        return history
    tickets = "1 ticket of a person who was" if gone == 1 else f"{gone:,} tickets of people who were"
    return replace(history, rows=rows, digest=digest_of(rows), notes=(*history.notes, f"{tickets} erased: left out"))


def is_gone(erased: Mapping[str, datetime], customer: str | None, opened: datetime | None) -> bool:
    """Whether a ticket was opened before its customer was erased, or at a time that nobody knows."""
    at = None if customer is None else erased.get(customer)
    return at is not None and (opened is None or opened <= at)
