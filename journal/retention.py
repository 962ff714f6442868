"""Deletes what a desk does not want to keep longer: old predictions, the tickets that only they refer to, old repeats.

In small batches with pauses, so that nobody waits for the write lock. Knows no clock: the time is an argument.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, delete, exists, func, select

from desk.errors import SettingError
from journal.database import reading, writing
from journal.settings import get_setting
from journal.tables import predictions, repeats, tickets
from journal.tenants import tenant_names
from journal.turns import delete_alone

__all__ = ["REPEATS_KEPT", "RETENTION_SETTING", "Expired", "expire", "expire_all", "retention_days"]

RETENTION_SETTING: Final = "retention_days"
REPEATS_KEPT: Final = timedelta(hours=24)
AT_ONCE: Final = 500
SECONDS_BETWEEN: Final = 0.02
LONGEST: Final = 36_500
"""Days: a hundred years, so that no date is left."""

Tick = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Expired:
    """How many rows went, or would go."""

    predictions: int = 0
    tickets: int = 0
    repeats: int = 0

    def __add__(self, other: "Expired") -> "Expired":
        return Expired(self.predictions + other.predictions, self.tickets + other.tickets, self.repeats + other.repeats)


def retention_days(value: Any) -> int | None:
    """How many days the setting's value keeps predictions; None, as it comes, for all of them.

    Raises `SettingError` where the value is neither null nor a whole number of days.
    """
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= LONGEST:
        return value
    raise SettingError(
        f"{RETENTION_SETTING} is a whole number of days from 1 to {LONGEST}, or null to keep all, not {value!r}."
    )


def expire_all(engine: Engine, now: datetime, *, dry_run: bool = False, tick: Tick = lambda: None) -> Expired:
    """Delete what each tenant's setting says is too old at `now`, and every repeat that is older than 24 hours.

    Raises `JournalUnavailableError`, and `SettingError` where a tenant's setting is no number of days, once the others
    are through.
    """
    gone = Expired(repeats=_expire_repeats(engine, now - REPEATS_KEPT, dry_run=dry_run))
    wrong: SettingError | None = None
    for tenant in tenant_names(engine):
        setting = get_setting(engine, RETENTION_SETTING, tenant)
        try:
            days = retention_days(None if setting is None else setting.value)
        except SettingError as error:
            wrong = error
            continue
        if days is not None:
            gone += expire(engine, tenant, now - timedelta(days=days), dry_run=dry_run, tick=tick)
    if wrong is not None:
        raise wrong
    return gone


def expire(
    engine: Engine, tenant: str, before: datetime, *, dry_run: bool = False, tick: Tick = lambda: None
) -> Expired:
    """Delete the tenant's predictions from before this moment, and the tickets that nothing refers to then.

    A dry run counts tickets whose every prediction is that old. `tick` is called after each batch.
    """
    if dry_run:
        return _would_expire(engine, tenant, before)
    gone = Expired()
    while True:
        with writing(engine) as connection:
            delete_alone(connection)
            some = _expire_some(connection, tenant, before)
        gone += some
        tick()
        if some.predictions < AT_ONCE:
            return gone
        time.sleep(SECONDS_BETWEEN)


def _expire_some(connection: Connection, tenant: str, before: datetime) -> Expired:
    old = (predictions.c.tenant == tenant) & (predictions.c.at < before)
    query = select(predictions.c.prediction_id, predictions.c.ticket_digest).where(old)
    rows = connection.execute(query.order_by(predictions.c.at).limit(AT_ONCE)).all()
    names, digests = [row.prediction_id for row in rows], {row.ticket_digest for row in rows}
    connection.execute(
        delete(predictions).where(predictions.c.tenant == tenant, predictions.c.prediction_id.in_(names))
    )
    still = exists().where(predictions.c.tenant == tickets.c.tenant, predictions.c.ticket_digest == tickets.c.digest)
    query_tickets = delete(tickets).where(tickets.c.tenant == tenant, tickets.c.digest.in_(digests), ~still)
    return Expired(len(names), connection.execute(query_tickets).rowcount)


def _would_expire(engine: Engine, tenant: str, before: datetime) -> Expired:
    old = (predictions.c.tenant == tenant) & (predictions.c.at < before)
    mine = predictions.c.tenant == tenant
    newest = select(predictions.c.ticket_digest).where(mine).group_by(predictions.c.ticket_digest)
    through = newest.having(func.max(predictions.c.at) < before).subquery()
    with reading(engine) as connection:
        return Expired(
            connection.scalar(select(func.count()).select_from(predictions).where(old)) or 0,
            connection.scalar(select(func.count()).select_from(through)) or 0,
        )


def _expire_repeats(engine: Engine, before: datetime, *, dry_run: bool) -> int:
    old = repeats.c.at < before
    if dry_run:
        with reading(engine) as connection:
            return connection.scalar(select(func.count()).select_from(repeats).where(old)) or 0
    with writing(engine) as connection:
        return connection.execute(delete(repeats).where(old)).rowcount
