"""What leads decided of suspect labels: that one is right, or what it should be. No history's file is changed by it.

A decision is of a ticket, by its id and a digest of its text, and of what the label said: so it holds for the next
export as well, and not for another ticket of the same id, nor once the desk itself says something else. Knows not what
is learned from it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, delete, func, insert, select, update

from journal.database import reading, writing
from journal.suspects import is_of, suspect_in
from journal.tables import DEFAULT_TENANT
from journal.tables import label_decisions as table
from journal.tenants import lock_tenant
from journal.turns import add_beside

__all__ = [
    "LabelDecision",
    "count_decided",
    "decide",
    "decisions",
    "last_decisions",
    "let_go_with",
    "stands_as",
    "take_back",
]


@dataclass(frozen=True, slots=True)
class LabelDecision:
    """given: what the label was; label: what is right. words: digest of the ticket's text; None: it puts nothing right.

    prediction_id: of the answer to the ticket on which the same was said as a final word, None where there was none.
    """

    head: str
    ticket_id: str
    given: str
    label: str
    words: str | None
    prediction_id: str | None
    decided_at: datetime
    decided_by: str

    @property
    def is_kept(self) -> bool:
        """Whether the label was right as it was."""
        return self.given == self.label


_FIELDS: Final = tuple(LabelDecision.__dataclass_fields__)


def decide(
    engine: Engine,
    head: str,
    ticket_id: str,
    label: str,
    *,
    who: str,
    at: datetime,
    tenant: str = DEFAULT_TENANT,
) -> bool:
    """Keep what a lead decided of an open suspect: `label` is right. False where it is open no more: of two the first.

    Raises `JournalUnavailableError`.
    """
    with writing(engine) as connection:
        add_beside(connection)
        lock_tenant(connection, tenant)
        suspect = suspect_in(connection, head, ticket_id, tenant)
        if suspect is None:
            return False
        connection.execute(delete(table).where(table.c.tenant == tenant, is_of(table, head, ticket_id)))
        decision = LabelDecision(head, ticket_id, suspect.given, label, suspect.words, None, at, who)
        row = {name: getattr(decision, name) for name in _FIELDS}
        connection.execute(insert(table), [{"tenant": tenant, "customer_id": suspect.customer_id, **row}])
        return True


def stands_as(
    engine: Engine, head: str, ticket_id: str, prediction_id: str, *, who: str, tenant: str = DEFAULT_TENANT
) -> None:
    """Note that `who`'s decision is a final word on an answer as well, which speaks for itself from now on.

    Raises `JournalUnavailableError`.
    """
    mine = (table.c.tenant == tenant) & is_of(table, head, ticket_id) & (table.c.decided_by == who)
    with writing(engine) as connection:
        connection.execute(update(table).where(mine).values(prediction_id=prediction_id))


def let_go_with(engine: Engine, prediction_id: str, *, who: str, tenant: str = DEFAULT_TENANT) -> int:
    """Undo what `who` decided by a final word on this answer, which is taken back; return how many decisions it was.

    Raises `JournalUnavailableError`.
    """
    mine = (table.c.tenant == tenant) & (table.c.prediction_id == prediction_id) & (table.c.decided_by == who)
    with writing(engine) as connection:
        return connection.execute(delete(table).where(mine)).rowcount


def take_back(engine: Engine, head: str, ticket_id: str, tenant: str = DEFAULT_TENANT) -> LabelDecision | None:
    """Undo a decision, and return it; None where there is none. Raises `JournalUnavailableError`."""
    mine = (table.c.tenant == tenant) & is_of(table, head, ticket_id)
    with writing(engine) as connection:
        row = connection.execute(select(table).where(mine)).one_or_none()
        connection.execute(delete(table).where(mine))
    return None if row is None else _decision(row)


def decisions(engine: Engine, tenant: str = DEFAULT_TENANT) -> list[LabelDecision]:
    """All of the tenant's, the oldest first. Raises `JournalUnavailableError`."""
    query = select(table).where(table.c.tenant == tenant)
    with reading(engine) as connection:
        ordered = query.order_by(table.c.decided_at, table.c.head, table.c.ticket_id)
        return [_decision(row) for row in connection.execute(ordered)]


def last_decisions(engine: Engine, most: int, tenant: str = DEFAULT_TENANT) -> list[LabelDecision]:
    """The newest, the last first. Raises `JournalUnavailableError`."""
    query = select(table).where(table.c.tenant == tenant)
    ordered = query.order_by(table.c.decided_at.desc(), table.c.head, table.c.ticket_id)
    with reading(engine) as connection:
        return [_decision(row) for row in connection.execute(ordered.limit(most))]


def count_decided(engine: Engine, tenant: str = DEFAULT_TENANT) -> tuple[int, int]:
    """How many labels were found wrong, and how many right. Raises `JournalUnavailableError`."""
    counted = select(func.count()).select_from(table).where(table.c.tenant == tenant)
    with reading(engine) as connection:
        wrong = connection.scalar(counted.where(table.c.given != table.c.label)) or 0
        return wrong, connection.scalar(counted.where(table.c.given == table.c.label)) or 0


def _decision(row: Any) -> LabelDecision:
    return LabelDecision(**{name: getattr(row, name) for name in _FIELDS})
