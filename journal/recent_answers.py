"""The tickets that were answered lately, each by its newest answer, and what a challenger said of them in shadow.

Knows nothing of what is made of them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, func, select

from journal.database import reading, snapshot
from journal.tables import DEFAULT_TENANT, predictions, shadow_predictions, tickets

__all__ = ["RecentAnswer", "count_answers", "recent_answers", "shadow_answers"]

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class RecentAnswer:
    """ticket: as it was scored; answer: as it left the house at `at`; both are JSON objects.

    customer_id: None where the ticket has none.
    """

    prediction_id: str
    ticket_id: str
    customer_id: str | None
    at: datetime
    ticket: dict[str, Any]
    answer: dict[str, Any]


def recent_answers(
    engine: Engine, since: datetime, until: datetime, most: int, tenant: str = DEFAULT_TENANT
) -> list[RecentAnswer]:
    """The newest answer to each of the `most` tickets that were answered last between two moments, the newest first.

    A ticket that grows and is scored again is one ticket. Raises `JournalUnavailableError`.
    """
    said, ticket = predictions.c, tickets.c
    same_ticket = (ticket.tenant == said.tenant) & (ticket.digest == said.ticket_digest)
    query = (
        select(said.prediction_id, ticket.ticket_id, ticket.customer_id, said.at, ticket.content, said.answer)
        .join(tickets, same_ticket)
        .where(said.tenant == tenant, said.at >= since, said.at <= until)
        .order_by(said.at.desc(), said.prediction_id)
    )
    found: dict[str, RecentAnswer] = {}
    with snapshot(engine) as connection, connection.execute(query.execution_options(yield_per=_AT_ONCE)) as rows:
        for row in rows:
            if row.ticket_id not in found:
                found[row.ticket_id] = RecentAnswer(*row)
                if len(found) == most:
                    break
    return list(found.values())


def count_answers(engine: Engine, since: datetime, tenant: str = DEFAULT_TENANT) -> int:
    """How many answers were given after `since`. Raises `JournalUnavailableError`."""
    query = select(func.count()).where(predictions.c.tenant == tenant, predictions.c.at > since)
    with reading(engine) as connection:
        return connection.scalar(query) or 0


def shadow_answers(
    engine: Engine, version: str, prediction_ids: Collection[str], tenant: str = DEFAULT_TENANT
) -> dict[str, dict[str, Any]]:
    """What `version` would have answered in place of these predictions, of those that it scored.

    Raises `JournalUnavailableError`.
    """
    names, said = sorted(set(prediction_ids)), shadow_predictions.c
    found: dict[str, dict[str, Any]] = {}
    with reading(engine) as connection:
        for start in range(0, len(names), _AT_ONCE):
            some = said.prediction_id.in_(names[start : start + _AT_ONCE])
            rows = connection.execute(
                select(said.prediction_id, said.answer).where(said.tenant == tenant, said.version == version, some)
            )
            found |= {row.prediction_id: row.answer for row in rows if row.answer.get("version") == version}
    return found
