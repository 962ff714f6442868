"""What was answered to which ticket: predictions, each with its ticket as scored.

Knows nothing of how a row gets here: `journal/drain.py` brings the rows of the local log.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, func, select

from desk.errors import JournalError
from journal.database import insert_new, reading
from journal.tables import DEFAULT_TENANT, predictions, tickets

__all__ = ["Counts", "RecordedPrediction", "answers", "count", "find", "find_all", "names", "prediction_of", "record"]

ASKED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class RecordedPrediction:
    """An answer and the ticket as it was scored, both as JSON objects.

    `ticket` has the form of the API: an `id`, perhaps a `customer` with an `id`. `version` is None before there is one.
    request_id: of the request that asked, as the log names it. asked: what was to be said beside the answer
    (`explain`, `similar`). basis: what the answer rests on besides ticket and version, so that it can be made again:
    the default queue and the revisions of settings. repeat: under which `Idempotency-Key` it may be asked for again:
    `name` and `request` are digests, `status` what was answered, `batch` whether as a batch, whose last row alone has
    it and lists all `predictions` of it.
    """

    prediction_id: str
    tenant: str
    at: datetime
    version: str | None
    ticket: dict[str, Any]
    answer: dict[str, Any]
    latency_ms: float
    request_id: str | None = None
    asked: dict[str, Any] | None = None
    basis: dict[str, Any] | None = None
    repeat: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows a tenant has."""

    tickets: int
    predictions: int


def record(connection: Connection, rows: Sequence[RecordedPrediction]) -> None:
    """Write predictions and their tickets; one that is there already stays as it is.

    Raises what `writing` raises around it, and `JournalError` for a naive time.
    """
    # Sorted: two writers who insert the same keys in another order would wait for each other for ever.
    named = [(_digest(row.ticket), row) for row in rows]
    ordered = sorted(named, key=lambda pair: (pair[1].tenant, pair[0], pair[1].prediction_id))
    insert_new(connection, tickets, [_ticket_row(digest, row) for digest, row in ordered])
    insert_new(connection, predictions, [_prediction_row(digest, row) for digest, row in ordered])


def find(engine: Engine, prediction_id: str, tenant: str = DEFAULT_TENANT) -> RecordedPrediction | None:
    """The prediction of this name, or None where this tenant has none in the database.

    One that was just answered may still be in the local log: `journal.pending.look_up` finds both.
    """
    with reading(engine) as connection:
        row = connection.execute(_with_tickets(tenant, [prediction_id])).one_or_none()
    return None if row is None else _recorded(row)


def find_all(
    engine: Engine, prediction_ids: Collection[str], tenant: str = DEFAULT_TENANT
) -> dict[str, RecordedPrediction]:
    """Those of these predictions that the tenant has in the database, by name."""
    found, names = dict[str, RecordedPrediction](), sorted(set(prediction_ids))
    with reading(engine) as connection:
        for start in range(0, len(names), ASKED_AT_ONCE):
            rows = connection.execute(_with_tickets(tenant, names[start : start + ASKED_AT_ONCE]))
            found |= {row.prediction_id: _recorded(row) for row in rows}
    return found


def names(engine: Engine, before: datetime, tenant: str = DEFAULT_TENANT) -> list[str]:
    """The names of the tenant's predictions that were made before this time, the oldest first."""
    mine = (predictions.c.tenant == tenant) & (predictions.c.at < before)
    query = select(predictions.c.prediction_id).where(mine)
    with reading(engine) as connection:
        return list(connection.scalars(query.order_by(predictions.c.at, predictions.c.prediction_id)))


def _with_tickets(tenant: str, names: Sequence[str]) -> Any:
    same_ticket = (tickets.c.tenant == predictions.c.tenant) & (tickets.c.digest == predictions.c.ticket_digest)
    query = select(predictions, tickets.c.content).join(tickets, same_ticket)
    return query.where(predictions.c.tenant == tenant, predictions.c.prediction_id.in_(names))


def _recorded(row: Any) -> RecordedPrediction:
    return RecordedPrediction(
        prediction_id=row.prediction_id,
        tenant=row.tenant,
        at=row.at,
        version=row.version,
        ticket=row.content,
        answer=row.answer,
        latency_ms=row.latency_ms,
        request_id=row.request_id,
        asked=row.asked,
        basis=row.basis,
    )


def answers(engine: Engine, prediction_ids: Sequence[str], tenant: str = DEFAULT_TENANT) -> list[dict[str, Any]] | None:
    """The answers of these predictions, in their order, or None where one is not in the database."""
    found: dict[str, dict[str, Any]] = {}
    with reading(engine) as connection:
        for start in range(0, len(prediction_ids), ASKED_AT_ONCE):
            some = prediction_ids[start : start + ASKED_AT_ONCE]
            query = select(predictions.c.prediction_id, predictions.c.answer).where(
                predictions.c.tenant == tenant, predictions.c.prediction_id.in_(some)
            )
            found |= {row.prediction_id: row.answer for row in connection.execute(query)}
    return [found[one] for one in prediction_ids] if found.keys() >= set(prediction_ids) else None


def count(engine: Engine, tenant: str = DEFAULT_TENANT) -> Counts:
    """How many tickets and predictions the database holds."""
    with reading(engine) as connection:
        return Counts(
            tickets=connection.scalar(select(func.count()).where(tickets.c.tenant == tenant)) or 0,
            predictions=connection.scalar(select(func.count()).where(predictions.c.tenant == tenant)) or 0,
        )


def prediction_of(payload: bytes) -> RecordedPrediction:
    """The prediction that the local log holds as JSON.

    Raises `JournalError` where it is none, without a word of its content.
    """
    try:
        fields = orjson.loads(payload)
        made = RecordedPrediction(**{**fields, "at": datetime.fromisoformat(fields["at"])})
    except (ValueError, TypeError, KeyError):
        made = None
    if made is None or not _is_sound(made):
        raise JournalError(f"A record of {len(payload)} bytes in the local log is no prediction.")
    return made


def _is_sound(row: RecordedPrediction) -> bool:
    return (
        isinstance(row.prediction_id, str)
        and isinstance(row.tenant, str)
        and isinstance(row.version, str | None)
        and isinstance(row.ticket, dict)
        and isinstance(row.ticket.get("id"), str | int)
        and isinstance(row.ticket.get("customer"), dict | None)
        and isinstance(row.answer, dict)
        and isinstance(row.latency_ms, float | int)
        and isinstance(row.request_id, str | None)
        and all(isinstance(one, dict | None) for one in (row.asked, row.basis))
        and (row.repeat is None or _is_repeat(row.repeat))
        and row.at.utcoffset() is not None
    )


def _is_repeat(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    named = value.get("predictions", [""])
    return (
        all(isinstance(value.get(name), str) for name in ("name", "request"))
        and isinstance(value.get("status"), int)
        and isinstance(value.get("batch"), bool)
        and isinstance(named, list)
        and len(named) > 0
        and all(isinstance(one, str) for one in named)
    )


def _digest(ticket: dict[str, Any]) -> str:
    return blake2b(orjson.dumps(ticket, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def _ticket_row(digest: str, row: RecordedPrediction) -> dict[str, Any]:
    customer = (row.ticket.get("customer") or {}).get("id")
    return {
        "tenant": row.tenant,
        "digest": digest,
        "ticket_id": str(row.ticket["id"]),
        "customer_id": None if customer is None else str(customer),
        "content": row.ticket,
        "first_scored_at": row.at,
    }


def _prediction_row(digest: str, row: RecordedPrediction) -> dict[str, Any]:
    return {
        "tenant": row.tenant,
        "prediction_id": row.prediction_id,
        "ticket_digest": digest,
        "version": row.version,
        "answer": row.answer,
        "latency_ms": row.latency_ms,
        "at": row.at,
        "request_id": row.request_id,
        "asked": row.asked,
        "basis": row.basis,
    }
