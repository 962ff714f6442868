"""The histories given to training: where each is kept, what it holds and how it was to be read.

Keeps the record of a file. Knows nothing of the file itself, which `training` writes and reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Literal

from sqlalchemy import Engine, delete, select, update

from desk.errors import JournalError
from journal.database import insert_new, reading, writing
from journal.tables import DEFAULT_TENANT
from journal.tables import histories as table

__all__ = [
    "History",
    "drop_history",
    "find_history",
    "histories",
    "register_history",
    "shrink_history",
    "tenants_with",
]


@dataclass(frozen=True, slots=True)
class History:
    """A history as it was given.

    digest: of the content and of whatever else changes what is learned from it; names the history.
    path: of the kept file, relative to POINTSMAN_HOME, with `/`.
    first_created_at, last_created_at: the window of its tickets; None where they have no times.
    label_rule: what counts as escalated, as the desk says it; None where a column says so.
    desk_config: what the desk's TOML file said.
    source: `given` to `train`, or `gathered` from such a one and what the journal knows beside it.
    golden: which of its tickets judge and never teach, as JSON; None where all teach.
    allowed_leakage: columns that were refused, had the user not insisted on them.
    """

    digest: str
    path: str
    row_count: int
    given_at: datetime
    first_created_at: datetime | None = None
    last_created_at: datetime | None = None
    label_rule: str | None = None
    desk_config: Mapping[str, Any] | None = None
    source: Literal["given", "gathered"] = "given"
    golden: Mapping[str, Any] | None = None
    allowed_leakage: tuple[str, ...] = ()


def register_history(engine: Engine, history: History, tenant: str = DEFAULT_TENANT) -> History:
    """Record a history, and return the record: the first one where its digest was registered before.

    Raises `JournalError` where the path is absolute, leads outside or is empty.
    """
    path = PurePosixPath(history.path)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise JournalError(f"A history's path is relative to POINTSMAN_HOME, not {history.path!r}.")
    fields = {name: getattr(history, name) for name in FIELDS} | {"allowed_leakage": list(history.allowed_leakage)}
    with writing(engine) as connection:
        insert_new(connection, table, [{"tenant": tenant, **fields}])
    return find_history(engine, history.digest, tenant) or history


def find_history(engine: Engine, digest: str, tenant: str = DEFAULT_TENANT) -> History | None:
    """The history with this digest, or None."""
    query = select(table).where(table.c.tenant == tenant, table.c.digest == digest)
    with reading(engine) as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None else _history(row)


def histories(engine: Engine, tenant: str = DEFAULT_TENANT) -> list[History]:
    """All histories, the one given first first."""
    query = select(table).where(table.c.tenant == tenant).order_by(table.c.given_at, table.c.digest)
    with reading(engine) as connection:
        return [_history(row) for row in connection.execute(query)]


def shrink_history(engine: Engine, digest: str, gone: int, tenant: str = DEFAULT_TENANT) -> None:
    """Write down that so many rows of the history were erased; it keeps its name, for versions say it."""
    mine = (table.c.tenant == tenant) & (table.c.digest == digest)
    with writing(engine) as connection:
        connection.execute(update(table).where(mine).values(row_count=table.c.row_count - gone))


def drop_history(engine: Engine, digest: str, tenant: str = DEFAULT_TENANT) -> None:
    """Forget the record of a history whose file is kept no more."""
    with writing(engine) as connection:
        connection.execute(delete(table).where(table.c.tenant == tenant, table.c.digest == digest))


def tenants_with(engine: Engine, path: str) -> set[str]:
    """The tenants that have a history in this file: what two of them gave alike is one."""
    with reading(engine) as connection:
        return set(connection.scalars(select(table.c.tenant).where(table.c.path == path)))


FIELDS = tuple(History.__dataclass_fields__)


def _history(row: Any) -> History:
    fields = {name: getattr(row, name) for name in FIELDS}
    return History(**{**fields, "allowed_leakage": tuple(row.allowed_leakage or ())})
