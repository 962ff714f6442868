"""What a challenger would have answered, beside the answer that left the house.

A row is written once its prediction is in the database, and goes with it: with the person, with retention. Knows
neither how it is scored nor what is made of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, func, select

from journal.database import insert_new, reading, snapshot
from journal.tables import DEFAULT_TENANT, predictions, shadow_predictions, tickets
from journal.turns import add_beside

__all__ = ["ShadowCount", "ShadowPair", "ShadowPrediction", "record", "shadow_counts", "shadow_pairs"]

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class ShadowPrediction:
    """What `version` would have answered in place of the prediction of this id, scored at `at`, aware.

    answer: in the form of the API; its own `version` is null where the challenger failed on the ticket.
    """

    prediction_id: str
    version: str
    answer: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class ShadowPair:
    """Both answers to one ticket. at: when the one that left the house was given. champion: who gave it, or None."""

    ticket_id: str
    at: datetime
    champion: str | None
    answer: dict[str, Any]
    shadow: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ShadowCount:
    """How many answers a version has in shadow, the first and the last of them."""

    version: str
    predictions: int
    first_at: datetime
    last_at: datetime


def record(connection: Connection, rows: Sequence[ShadowPrediction], tenant: str = DEFAULT_TENANT) -> frozenset[str]:
    """Write those whose prediction is in the database by now; the ids of these predictions.

    A row that is there already stays as it is. One whose prediction was erased, or has not come yet, is not written.
    Raises what `writing` raises around it.
    """
    add_beside(connection)
    known: set[str] = set()
    for start in range(0, len(rows), _AT_ONCE):
        some = sorted(rows[start : start + _AT_ONCE], key=lambda row: (row.prediction_id, row.version))
        names = [row.prediction_id for row in some]
        query = select(predictions.c.prediction_id)
        query = query.where(predictions.c.tenant == tenant, predictions.c.prediction_id.in_(names))
        known.update(connection.scalars(query))
        insert_new(connection, shadow_predictions, [_row(one, tenant) for one in some if one.prediction_id in known])
    return frozenset(known)


def shadow_counts(engine: Engine, tenant: str = DEFAULT_TENANT) -> list[ShadowCount]:
    """Every version that was ever in shadow and of which answers are kept, the newest first.

    Raises `JournalUnavailableError`.
    """
    said = shadow_predictions.c
    query = select(said.version, func.count(), func.min(said.at), func.max(said.at)).where(said.tenant == tenant)
    with reading(engine) as connection:
        found = [ShadowCount(*row) for row in connection.execute(query.group_by(said.version))]
    return sorted(found, key=lambda one: one.last_at, reverse=True)


def shadow_pairs(engine: Engine, version: str, tenant: str = DEFAULT_TENANT) -> Iterator[ShadowPair]:
    """All that `version` said in shadow beside what was answered, the oldest first.

    Raises `JournalUnavailableError`.
    """
    said, beside = predictions.c, shadow_predictions.c
    same = (beside.tenant == said.tenant) & (beside.prediction_id == said.prediction_id)
    same_ticket = (tickets.c.tenant == said.tenant) & (tickets.c.digest == said.ticket_digest)
    query = (
        select(tickets.c.ticket_id, said.at, said.version, said.answer, beside.answer.label("shadow"))
        .select_from(shadow_predictions)
        .join(predictions, same)
        .join(tickets, same_ticket)
        .where(beside.tenant == tenant, beside.version == version)
        .order_by(said.at, said.prediction_id)
    )
    with snapshot(engine) as connection:
        for row in connection.execute(query.execution_options(yield_per=_AT_ONCE)):
            yield ShadowPair(row.ticket_id, row.at, row.version, row.answer, row.shadow)


def _row(one: ShadowPrediction, tenant: str) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "prediction_id": one.prediction_id,
        "version": one.version,
        "answer": one.answer,
        "at": one.at,
    }
