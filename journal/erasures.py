"""The people who were erased: a tombstone each, under a keyed hash of the customer's id, against what comes back later.

A record that was scored before its customer's tombstone is never written again. Knows not what is erased, nor where.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, tuple_, update

from journal.database import reading, writing
from journal.predictions import RecordedPrediction
from journal.tables import erasures as table
from journal.tenants import lock_tenant
from journal.turns import delete_alone

__all__ = [
    "Erasure",
    "Person",
    "buried_among",
    "bury",
    "customer_of",
    "erased_among",
    "erasures",
    "find_erasure",
    "is_anybody_erased",
]
__all__ += ["last_erasure", "note_report", "unless_erased"]


@dataclass(frozen=True, slots=True)
class Person:
    """A customer of a tenant, known by the keyed hash of the id alone.

    Whoever has the installation's secret can tell whether an id is theirs; nobody can tell the id.
    """

    tenant: str
    name: str
    secret: bytes

    @classmethod
    def of(cls, customer: str, tenant: str, secret: bytes) -> "Person":
        """The person of this customer id."""
        return cls(tenant, _name(customer, tenant, secret), secret)

    def has(self, customer: object) -> bool:
        """Whether this is their customer id."""
        return customer is not None and _name(str(customer), self.tenant, self.secret) == self.name


@dataclass(frozen=True, slots=True)
class Erasure:
    """A tombstone: `customer` is the keyed hash, `at` when it was set, `report` what became of the erasing."""

    tenant: str
    customer: str
    at: datetime
    who: str
    report: Mapping[str, Any]


def bury(engine: Engine, person: Person, *, who: str, at: datetime) -> Erasure:
    """Set the tombstone, or renew it: from now on nothing of theirs from before `at` gets into the database.

    Raises `JournalUnavailableError`, and `JournalError` where there is no such tenant.
    """
    mine = (table.c.tenant == person.tenant) & (table.c.customer == person.name)
    with writing(engine) as connection:
        delete_alone(connection)
        lock_tenant(connection, person.tenant)
        before = connection.execute(select(table).where(mine)).one_or_none()
        if before is None:
            row = {"tenant": person.tenant, "customer": person.name, "at": at, "who": who, "report": {}}
            connection.execute(insert(table).values(row))
            return Erasure(person.tenant, person.name, at, who, {})
        report = {**before.report, "complete": False}
        renewed = max(at, before.at)
        connection.execute(update(table).where(mine).values(at=renewed, who=who, report=report))
        return Erasure(person.tenant, person.name, renewed, who, report)


def note_report(engine: Engine, erasure: Erasure, report: Mapping[str, Any]) -> None:
    """Keep what became of the erasing beside its tombstone."""
    mine = (table.c.tenant == erasure.tenant) & (table.c.customer == erasure.customer)
    with writing(engine) as connection:
        connection.execute(update(table).where(mine).values(report=dict(report)))


def find_erasure(engine: Engine, person: Person) -> Erasure | None:
    """Their tombstone, or None."""
    with reading(engine) as connection:
        query = select(table).where(table.c.tenant == person.tenant, table.c.customer == person.name)
        row = connection.execute(query).one_or_none()
    return None if row is None else _erasure(row)


def erasures(engine: Engine) -> list[Erasure]:
    """All tombstones, of every tenant, the oldest first."""
    with reading(engine) as connection:
        return [_erasure(row) for row in connection.execute(select(table).order_by(table.c.at))]


def erased_among(
    engine: Engine, tenant: str, customers: Collection[str], secret: Callable[[], bytes]
) -> dict[str, datetime]:
    """Those of the customers' ids who were erased, and when. secret: asked for where there are tombstones at all."""
    with reading(engine) as connection:
        return buried_among(connection, tenant, customers, secret)


def buried_among(
    connection: Connection, tenant: str, customers: Collection[str], secret: Callable[[], bytes]
) -> dict[str, datetime]:
    """The same within a transaction: in one that writes, after `journal.turns.add_beside`."""
    query = select(table.c.customer, table.c.at).where(table.c.tenant == tenant)
    buried: dict[str, datetime] = {row.customer: row.at for row in connection.execute(query)}
    if not buried:
        return {}
    key = secret()
    names = {customer: _name(customer, tenant, key) for customer in customers}
    return {customer: buried[name] for customer, name in names.items() if name in buried}


def last_erasure(engine: Engine, tenant: str) -> datetime | None:
    """When a tombstone of the tenant's was set last; None where there is none."""
    with reading(engine) as connection:
        found: datetime | None = connection.scalar(select(func.max(table.c.at)).where(table.c.tenant == tenant))
    return found


def unless_erased(
    connection: Connection, rows: Sequence[RecordedPrediction], secret: bytes
) -> list[RecordedPrediction]:
    """The rows without those whose customer was erased after they were scored.

    Call it in the transaction that writes them, after `journal.turns.add_beside`.
    """
    customers = {(row.tenant, customer_of(row.ticket)) for row in rows}
    names = {one: _name(one[1], one[0], secret) for one in customers if one[1] is not None}
    wanted = [(tenant, name) for (tenant, _), name in names.items()]
    query = select(table.c.tenant, table.c.customer, table.c.at)
    found = connection.execute(query.where(tuple_(table.c.tenant, table.c.customer).in_(wanted))) if wanted else ()
    buried = {(tenant, name): at for tenant, name, at in found}
    if not buried:
        return list(rows)

    def is_erased(row: RecordedPrediction) -> bool:
        name = names.get((row.tenant, customer_of(row.ticket)))
        at = None if name is None else buried.get((row.tenant, name))
        return at is not None and row.at <= at

    return [row for row in rows if not is_erased(row)]


def is_anybody_erased(connection: Connection) -> bool:
    """Whether there is any tombstone at all: mostly there is none, and nothing need be hashed."""
    return connection.execute(select(table.c.tenant).limit(1)).first() is not None


def customer_of(ticket: Mapping[str, Any]) -> str | None:
    """The customer's id in a ticket as scored."""
    customer = ticket.get("customer")
    found = customer.get("id") if isinstance(customer, dict) else None
    return None if found is None else str(found)


def _name(customer: str, tenant: str, secret: bytes) -> str:
    key = blake2b(secret, digest_size=32, person=b"erasures").digest()
    said = f"{tenant}\0{customer}".encode("utf-8", "surrogatepass")
    return blake2b(said, key=key, digest_size=16).hexdigest()


def _erasure(row: Any) -> Erasure:
    return Erasure(row.tenant, row.customer, row.at, row.who, row.report)
