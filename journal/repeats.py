"""What was answered under an `Idempotency-Key`, for 24 hours: the same request gets the same answer again.

Answers to tickets are not kept twice: a row names the predictions that it was made of, so that whoever is erased from
them is erased from here. Other answers are kept whole. Knows neither the keys themselves nor HTTP.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from journal.database import insert_new, reading, writing
from journal.predictions import RecordedPrediction, answers
from journal.tables import repeats as table

__all__ = ["KEPT", "Repeat", "body_of", "claim", "expire", "find_repeat", "record_repeats", "release", "settle"]

KEPT: Final = timedelta(hours=24)

# Made once: it is asked for every request that carries a key.
FIND: Final = select(table).where(
    table.c.tenant == bindparam("of"), table.c.name == bindparam("named"), table.c.at >= bindparam("since")
)


@dataclass(frozen=True, slots=True)
class Repeat:
    """The first request under a name.

    request: digest of what was asked. status: None while it is under way. answer: `{"body": …}`, any JSON value; None
    where it is not kept: it held a secret, or what it was made of was erased.
    """

    request: str
    status: int | None
    answer: dict[str, Any] | None
    at: datetime


def find_repeat(engine: Engine, tenant: str, name: str, *, now: datetime) -> Repeat | None:
    """The first request of this name in the last 24 hours, or None.

    Raises `JournalUnavailableError`.
    """
    with reading(engine) as connection:
        found = _find(connection, tenant, name, now)
    if found is None or found.answer is None or "body" in found.answer:
        return found
    said = answers(engine, found.answer["predictions"], tenant)
    answer = None if said is None else {"body": body_of(said, is_batch=found.answer["batch"])}
    return Repeat(found.request, found.status, answer, found.at)


def body_of(said: Sequence[dict[str, Any]], *, is_batch: bool) -> dict[str, Any]:
    """The body that these answers to tickets were sent as."""
    return {"answers": list(said)} if is_batch else said[0]


def claim(engine: Engine, tenant: str, name: str, *, request: str, at: datetime) -> Repeat | None:
    """Say that this request is under way; None where nobody else did in the last 24 hours, else who did.

    Raises `JournalUnavailableError`.
    """
    while not _is_claimed(engine, tenant, name, request, at):
        found = find_repeat(engine, tenant, name, now=at)
        # Where there is none any more, whoever had it took it back in between.
        if found is not None:
            return found
    return None


def _is_claimed(engine: Engine, tenant: str, name: str, request: str, at: datetime) -> bool:
    row = {"tenant": tenant, "name": name, "request": request, "status": None, "answer": None, "at": at}
    with writing(engine) as connection:
        connection.execute(delete(table).where(*_is(tenant, name), table.c.at < at - KEPT))
        insert: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        made = insert(table).values(row).on_conflict_do_nothing().returning(table.c.name)
        return connection.execute(made).one_or_none() is not None


def settle(engine: Engine, tenant: str, name: str, *, status: int, answer: dict[str, Any] | None) -> None:
    """Keep what a request that was claimed came to. Raises `JournalUnavailableError`."""
    with writing(engine) as connection:
        connection.execute(update(table).where(*_is(tenant, name)).values(status=status, answer=answer))


def release(engine: Engine, tenant: str, name: str) -> None:
    """Take a claim back: the request came to nothing. Raises `JournalUnavailableError`."""
    with writing(engine) as connection:
        connection.execute(delete(table).where(*_is(tenant, name), table.c.status.is_(None)))


def expire(engine: Engine, *, now: datetime) -> int:
    """Forget what is older than 24 hours, of every tenant; returns how many. Raises `JournalUnavailableError`."""
    with writing(engine) as connection:
        return connection.execute(delete(table).where(table.c.at < now - KEPT)).rowcount


def record_repeats(connection: Connection, rows: Sequence[RecordedPrediction]) -> None:
    """Write under which names these predictions may be asked for again; the first of a name stays."""
    # Sorted for the same reason as predictions are.
    made = sorted((_row(row, row.repeat) for row in rows if row.repeat), key=lambda row: (row["tenant"], row["name"]))
    if not made:
        return
    outdated = delete(table).where(
        table.c.tenant == bindparam("of"), table.c.name == bindparam("named"), table.c.at < bindparam("before")
    )
    old = [{"of": row["tenant"], "named": row["name"], "before": row["at"] - KEPT} for row in made]
    connection.execute(outdated, old)
    insert_new(connection, table, made)


def _row(row: RecordedPrediction, repeat: dict[str, Any]) -> dict[str, Any]:
    """One of a batch names all of it; a single one itself."""
    made_of = {"predictions": repeat.get("predictions", [row.prediction_id]), "batch": repeat["batch"]}
    return {
        "tenant": row.tenant,
        "name": repeat["name"],
        "request": repeat["request"],
        "status": repeat["status"],
        "answer": made_of,
        "at": row.at,
    }


def _find(connection: Connection, tenant: str, name: str, now: datetime) -> Repeat | None:
    row = connection.execute(FIND, {"of": tenant, "named": name, "since": now - KEPT}).one_or_none()
    return None if row is None else Repeat(row.request, row.status, row.answer, row.at)


def _is(tenant: str, name: str) -> tuple[Any, Any]:
    return table.c.tenant == tenant, table.c.name == name
