"""Labels that are probably wrong, as the last training found them, with what a lead has to see of their tickets.

A label that was decided on is not listed again while it says the same, or what was decided (`journal.label_decisions`).
Knows not how they are found.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, delete, exists, func, insert, or_, select

from journal.database import reading, writing
from journal.erasures import buried_among
from journal.statements import AT_ONCE
from journal.tables import DEFAULT_TENANT, label_decisions
from journal.tables import suspects as table
from journal.tenants import lock_tenant
from journal.turns import add_beside

__all__ = ["SuspectLabel", "count_open", "find_suspect", "is_of", "open_suspects", "put_suspects", "suspect_in"]


@dataclass(frozen=True, slots=True)
class SuspectLabel:
    """One label. given: as history or feedback say it; likely: what the version would say, with both probabilities.

    quality: 0 to 1, the lower the more suspect. customer_id, opened_at: of the ticket. words: digest of its text, by
    which another ticket of the same id is told from it. shown: subject, body and so on, for whoever decides; None where
    an older build found it.
    """

    head: str
    ticket_id: str
    given: str
    likely: str
    given_probability: float
    likely_probability: float
    quality: float
    customer_id: str | None = None
    opened_at: datetime | None = None
    words: str | None = None
    shown: Mapping[str, Any] | None = None


_FIELDS: Final = tuple(SuspectLabel.__dataclass_fields__)


def put_suspects(
    engine: Engine,
    version: str,
    found: Sequence[SuspectLabel],
    tenant: str = DEFAULT_TENANT,
    *,
    at: datetime,
    secret: Callable[[], bytes],
) -> None:
    """Let these be the suspects, in place of those that were.

    Tickets whose customer was erased since they were opened stay out. secret: the installation's, asked for only where
    somebody was erased. Raises `JournalUnavailableError`.
    """
    with writing(engine) as connection:
        add_beside(connection)
        lock_tenant(connection, tenant)
        connection.execute(delete(table).where(table.c.tenant == tenant))
        customers = {one.customer_id for one in found if one.customer_id is not None}
        erased = buried_among(connection, tenant, customers, secret)
        kept = {(one.head, one.ticket_id): one for one in found if not _is_erased(one, erased)}
        rows = [_row(one, tenant, version, at) for one in kept.values()]
        for start in range(0, len(rows), AT_ONCE):
            connection.execute(insert(table), rows[start : start + AT_ONCE])


def open_suspects(engine: Engine, *, most: int, skip: int = 0, tenant: str = DEFAULT_TENANT) -> list[SuspectLabel]:
    """Those on which nobody decided, the worst first. Raises `JournalUnavailableError`."""
    query = select(table).where(table.c.tenant == tenant, ~_is_decided())
    ordered = query.order_by(table.c.quality, table.c.head, table.c.ticket_id)
    with reading(engine) as connection:
        return [_suspect(row) for row in connection.execute(ordered.offset(skip).limit(most))]


def count_open(engine: Engine, tenant: str = DEFAULT_TENANT) -> int:
    """How many wait for a decision. Raises `JournalUnavailableError`."""
    query = select(func.count()).select_from(table).where(table.c.tenant == tenant, ~_is_decided())
    with reading(engine) as connection:
        return connection.scalar(query) or 0


def find_suspect(engine: Engine, head: str, ticket_id: str, tenant: str = DEFAULT_TENANT) -> SuspectLabel | None:
    """The open one of this ticket's head. Raises `JournalUnavailableError`."""
    with reading(engine) as connection:
        return suspect_in(connection, head, ticket_id, tenant)


def suspect_in(connection: Connection, head: str, ticket_id: str, tenant: str) -> SuspectLabel | None:
    """The same within a transaction."""
    query = select(table).where(table.c.tenant == tenant, is_of(table, head, ticket_id), ~_is_decided())
    row = connection.execute(query).one_or_none()
    return None if row is None else _suspect(row)


def is_of(one: Any, head: str, ticket_id: str) -> Any:
    """The condition that a row is of this ticket's head."""
    return (one.c.head == head) & (one.c.ticket_id == ticket_id)


def _is_decided() -> Any:
    """Somebody decided on the ticket's head when the label said the same, or decided that what it says now is right."""
    one = label_decisions.c
    same = or_(one.given == table.c.given, one.label == table.c.given)
    return exists().where(
        one.tenant == table.c.tenant, one.head == table.c.head, one.ticket_id == table.c.ticket_id, same
    )


def _is_erased(one: SuspectLabel, erased: Mapping[str, datetime]) -> bool:
    at = None if one.customer_id is None else erased.get(one.customer_id)
    return at is not None and (one.opened_at is None or one.opened_at <= at)


def _row(one: SuspectLabel, tenant: str, version: str, at: datetime) -> dict[str, Any]:
    return {"tenant": tenant, "version": version, "found_at": at, **{name: getattr(one, name) for name in _FIELDS}}


def _suspect(row: Any) -> SuspectLabel:
    return SuspectLabel(**{name: getattr(row, name) for name in _FIELDS})
