"""Labels that are probably wrong, as the last training found them, and what a lead decided of each.

A label that was decided on stays so while it says the same. Knows not how they are found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import Engine, delete, func, insert, select, update

from journal.database import reading, writing
from journal.statements import AT_ONCE
from journal.tables import DEFAULT_TENANT
from journal.tables import suspects as table
from journal.tenants import lock_tenant

__all__ = ["Decision", "SuspectLabel", "count_suspects", "decide", "find_suspect", "open_suspects", "put_suspects"]

Decision: TypeAlias = Literal["kept", "wrong"]
"""kept: the label is right as it is. wrong: it is not."""

_FIELDS: Final = ("head", "ticket_id", "given", "likely", "given_probability", "likely_probability", "quality")


@dataclass(frozen=True, slots=True)
class SuspectLabel:
    """One label. given: as history or feedback say it; likely: what the version would say, with both probabilities.

    quality: 0 to 1, the lower the more suspect.
    """

    head: str
    ticket_id: str
    given: str
    likely: str
    given_probability: float
    likely_probability: float
    quality: float


def put_suspects(engine: Engine, version: str, found: Sequence[SuspectLabel], tenant: str = DEFAULT_TENANT) -> None:
    """Let these be the suspects, in place of those that were open. Raises `JournalUnavailableError`."""
    with writing(engine) as connection:
        lock_tenant(connection, tenant)
        mine = table.c.tenant == tenant
        connection.execute(delete(table).where(mine, table.c.decision.is_(None)))
        decided = {(row.head, row.ticket_id): row for row in connection.execute(select(table).where(mine))}
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        for one in found:
            before = decided.get((one.head, one.ticket_id))
            if before is not None and (before.given, before.likely) == (one.given, one.likely):
                continue
            if before is not None:
                connection.execute(delete(table).where(mine, _is(one.head, one.ticket_id)))
            named = {name: getattr(one, name) for name in _FIELDS}
            rows[one.head, one.ticket_id] = {"tenant": tenant, "version": version, **named}
        listed = list(rows.values())
        for start in range(0, len(listed), AT_ONCE):
            connection.execute(insert(table), listed[start : start + AT_ONCE])


def open_suspects(engine: Engine, *, most: int, skip: int = 0, tenant: str = DEFAULT_TENANT) -> list[SuspectLabel]:
    """Those on which nobody decided, the worst first. Raises `JournalUnavailableError`."""
    query = select(table).where(table.c.tenant == tenant, table.c.decision.is_(None))
    ordered = query.order_by(table.c.quality, table.c.head, table.c.ticket_id)
    with reading(engine) as connection:
        return [_suspect(row) for row in connection.execute(ordered.offset(skip).limit(most))]


def count_suspects(engine: Engine, tenant: str = DEFAULT_TENANT) -> dict[Decision | None, int]:
    """How many are open (None), kept and wrong. Raises `JournalUnavailableError`."""
    query = select(table.c.decision, func.count()).where(table.c.tenant == tenant).group_by(table.c.decision)
    with reading(engine) as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def find_suspect(engine: Engine, head: str, ticket_id: str, tenant: str = DEFAULT_TENANT) -> SuspectLabel | None:
    """The open one of this ticket's head. Raises `JournalUnavailableError`."""
    query = select(table).where(table.c.tenant == tenant, _is(head, ticket_id), table.c.decision.is_(None))
    with reading(engine) as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None else _suspect(row)


def decide(
    engine: Engine,
    head: str,
    ticket_id: str,
    decision: Decision,
    *,
    who: str,
    at: datetime,
    tenant: str = DEFAULT_TENANT,
) -> None:
    """Keep what a lead decided of an open one. Raises `JournalUnavailableError`."""
    with writing(engine) as connection:
        this = update(table).where(table.c.tenant == tenant, _is(head, ticket_id), table.c.decision.is_(None))
        connection.execute(this.values(decision=decision, decided_by=who, decided_at=at))


def _is(head: str, ticket_id: str) -> Any:
    return (table.c.head == head) & (table.c.ticket_id == ticket_id)


def _suspect(row: Any) -> SuspectLabel:
    return SuspectLabel(**{name: getattr(row, name) for name in _FIELDS})
