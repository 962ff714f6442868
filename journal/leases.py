"""Work that one holder at a time may do, across processes and machines: a lease runs out unless it is renewed.

A holder that was away too long finds out when it renews or checks. Machines whose clocks differ by less than half of
what a lease lasts do not take it from each other. Knows not what is done under a lease.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, insert, select, update

from desk.errors import LeaseHeldError, LeaseLostError
from journal.database import reading, writing
from journal.tables import DEFAULT_TENANT
from journal.tables import leases as table
from journal.tenants import lock_tenant

__all__ = ["Lease", "check_lease", "find_lease", "give_back_lease", "renew_lease", "take_lease"]


@dataclass(frozen=True, slots=True)
class Lease:
    """`holder` may do the work called `name` until `until`. number: counts who held it, from 1."""

    name: str
    holder: str
    number: int
    until: datetime
    tenant: str = DEFAULT_TENANT


def take_lease(
    engine: Engine, name: str, *, holder: str, at: datetime, lasting: timedelta, tenant: str = DEFAULT_TENANT
) -> Lease:
    """Take the lease, if nobody holds it at `at`.

    Raises `LeaseHeldError` where somebody does, `JournalUnavailableError`.
    """
    with writing(engine) as connection:
        lock_tenant(connection, tenant)
        held = _held(connection, name, tenant)
        if held is not None and held.until > at:
            raise LeaseHeldError(
                f"{held.holder} is at it already, until {held.until.isoformat(timespec='seconds')} at least; "
                "only one may be. Wait for the end of it, or end that process: then it is free within minutes."
            )
        number = 1 if held is None else held.number + 1
        lease = Lease(name, holder, number, at + lasting, tenant)
        said = {"holder": holder, "number": number, "until": lease.until}
        if held is None:
            connection.execute(insert(table).values(tenant=tenant, name=name, **said))
        else:
            connection.execute(update(table).where(_mine(lease)).values(**said))
    return lease


def renew_lease(engine: Engine, lease: Lease, *, at: datetime, lasting: timedelta) -> Lease:
    """Hold it until `at + lasting`. Raises `LeaseLostError` where another has taken it since."""
    with writing(engine) as connection:
        renewed = update(table).where(_mine(lease), table.c.number == lease.number).values(until=at + lasting)
        if not connection.execute(renewed).rowcount:
            raise _lost(lease)
    return Lease(lease.name, lease.holder, lease.number, at + lasting, lease.tenant)


def check_lease(connection: Connection, lease: Lease) -> None:
    """Within a transaction that must not happen under a lost lease. Raises `LeaseLostError`."""
    query = select(table.c.number).where(_mine(lease)).with_for_update(read=True)
    if connection.scalar(query) != lease.number:
        raise _lost(lease)


def give_back_lease(engine: Engine, lease: Lease, *, at: datetime) -> None:
    """Let others have it; one that was lost stays theirs."""
    with writing(engine) as connection:
        connection.execute(update(table).where(_mine(lease), table.c.number == lease.number).values(until=at))


def find_lease(engine: Engine, name: str, tenant: str = DEFAULT_TENANT) -> Lease | None:
    """Who held it last, perhaps holds it still; None where nobody ever did."""
    with reading(engine) as connection:
        return _held(connection, name, tenant)


def _held(connection: Connection, name: str, tenant: str) -> Lease | None:
    row = connection.execute(select(table).where(table.c.tenant == tenant, table.c.name == name)).one_or_none()
    return None if row is None else Lease(row.name, row.holder, row.number, row.until, tenant)


def _mine(lease: Lease) -> ColumnElement[bool]:
    return (table.c.tenant == lease.tenant) & (table.c.name == lease.name)


def _lost(lease: Lease) -> LeaseLostError:
    return LeaseLostError(
        f"{lease.holder} no longer holds {lease.name!r}: it was away for too long, and another has taken over."
    )
