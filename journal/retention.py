"""Deletes what a desk does not want to keep longer: old predictions and all that only they refer to, old repeats.

Verdicts and shadows go with their prediction, tickets with their last one, outcomes when no ticket of their id is kept,
suspect labels, with the texts of their tickets, when they were found that long ago.
In small batches with pauses, so that nobody waits for the write lock. Knows no clock: the time is an argument.
"""

import time
from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, Connection, Engine, Table, delete, exists, func, select

from desk.errors import SettingError
from journal.database import reading, writing
from journal.settings import get_setting
from journal.tables import outcomes, predictions, repeats, shadow_predictions, suspects, tickets, verdicts
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
    verdicts: int = 0
    outcomes: int = 0
    shadows: int = 0
    suspects: int = 0

    def __add__(self, other: "Expired") -> "Expired":
        return Expired(*(one + another for one, another in zip(astuple(self), astuple(other), strict=True)))


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
    """Delete the tenant's predictions from before this moment, the verdicts on them, and what nothing refers to then.

    That is tickets, and outcomes received before this moment whose ticket is not kept; with them go suspect labels that
    were found before it. A dry run counts tickets whose
    every prediction is that old. `tick` is called after each batch.
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
            break
        time.sleep(SECONDS_BETWEEN)
    with writing(engine) as connection:
        gone += Expired(suspects=connection.execute(delete(suspects).where(_were_found(tenant, before))).rowcount)
    return gone + _expire_reports(engine, tenant, before, tick)


def _expire_some(connection: Connection, tenant: str, before: datetime) -> Expired:
    old = (predictions.c.tenant == tenant) & (predictions.c.at < before)
    query = select(predictions.c.prediction_id, predictions.c.ticket_digest).where(old)
    rows = connection.execute(query.order_by(predictions.c.at).limit(AT_ONCE)).all()
    names, digests = [row.prediction_id for row in rows], {row.ticket_digest for row in rows}
    said = delete(verdicts).where(verdicts.c.tenant == tenant, verdicts.c.prediction_id.in_(names))
    heard = connection.execute(said).rowcount
    beside = delete(shadow_predictions).where(
        shadow_predictions.c.tenant == tenant, shadow_predictions.c.prediction_id.in_(names)
    )
    shadows = connection.execute(beside).rowcount
    connection.execute(
        delete(predictions).where(predictions.c.tenant == tenant, predictions.c.prediction_id.in_(names))
    )
    still = exists().where(predictions.c.tenant == tickets.c.tenant, predictions.c.ticket_digest == tickets.c.digest)
    query_tickets = delete(tickets).where(tickets.c.tenant == tenant, tickets.c.digest.in_(digests), ~still)
    return Expired(len(names), connection.execute(query_tickets).rowcount, verdicts=heard, shadows=shadows)


def _expire_reports(engine: Engine, tenant: str, before: datetime, tick: Tick) -> Expired:
    """Verdicts whose prediction, and outcomes whose ticket, is not kept, once they are that old themselves."""
    gone = Expired()
    while True:
        with writing(engine) as connection:
            delete_alone(connection)
            some = Expired(
                verdicts=_delete_some(connection, tenant, verdicts.c.verdict_id, _are_left(tenant, before)),
                outcomes=_delete_some(connection, tenant, outcomes.c.digest, _have_no_ticket(tenant, before)),
            )
        gone += some
        if max(some.verdicts, some.outcomes) < AT_ONCE:
            return gone
        tick()
        time.sleep(SECONDS_BETWEEN)


def _delete_some(connection: Connection, tenant: str, key: Column[str], are_old: Any) -> int:
    names = connection.scalars(select(key).where(are_old).limit(AT_ONCE)).all()
    return connection.execute(delete(key.table).where(key.table.c.tenant == tenant, key.in_(names))).rowcount


def _are_left(tenant: str, before: datetime) -> Any:
    on = exists().where(
        predictions.c.tenant == verdicts.c.tenant, predictions.c.prediction_id == verdicts.c.prediction_id
    )
    return (verdicts.c.tenant == tenant) & (verdicts.c.received_at < before) & ~on


def _were_found(tenant: str, before: datetime) -> Any:
    return (suspects.c.tenant == tenant) & (suspects.c.found_at < before)


def _have_no_ticket(tenant: str, before: datetime, *, through: Any = None) -> Any:
    of = exists().where(tickets.c.tenant == outcomes.c.tenant, tickets.c.ticket_id == outcomes.c.ticket_id)
    of = of if through is None else of.where(tickets.c.digest.not_in(through))
    return (outcomes.c.tenant == tenant) & (outcomes.c.received_at < before) & ~of


def _would_expire(engine: Engine, tenant: str, before: datetime) -> Expired:
    old = (predictions.c.tenant == tenant) & (predictions.c.at < before)
    mine = predictions.c.tenant == tenant
    newest = select(predictions.c.ticket_digest).where(mine).group_by(predictions.c.ticket_digest)
    through = newest.having(func.max(predictions.c.at) < before).subquery()
    heard = (verdicts.c.tenant == tenant) & verdicts.c.prediction_id.in_(select(predictions.c.prediction_id).where(old))
    beside = (shadow_predictions.c.tenant == tenant) & shadow_predictions.c.prediction_id.in_(
        select(predictions.c.prediction_id).where(old)
    )
    became = _have_no_ticket(tenant, before, through=select(through.c.ticket_digest))
    with reading(engine) as connection:
        return Expired(
            _count(connection, predictions, old),
            connection.scalar(select(func.count()).select_from(through)) or 0,
            verdicts=_count(connection, verdicts, heard | _are_left(tenant, before)),
            outcomes=_count(connection, outcomes, became),
            shadows=_count(connection, shadow_predictions, beside),
            suspects=_count(connection, suspects, _were_found(tenant, before)),
        )


def _count(connection: Connection, table: Table, where: Any) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(where)) or 0


def _expire_repeats(engine: Engine, before: datetime, *, dry_run: bool) -> int:
    old = repeats.c.at < before
    if dry_run:
        with reading(engine) as connection:
            return _count(connection, repeats, old)
    with writing(engine) as connection:
        return connection.execute(delete(repeats).where(old)).rowcount
