"""What an operator changes without a deploy: named values in numbered revisions, with who and when.

Keeps what it is given. Knows neither which settings there are nor what their values mean.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from desk.errors import JournalError, SettingConflictError, SettingError
from journal.database import reading, writing
from journal.tables import DEFAULT_TENANT
from journal.tables import settings as table
from journal.tenants import lock_tenant

__all__ = [
    "Setting",
    "get_revision",
    "get_setting",
    "last_settings",
    "put_setting",
    "put_settings",
    "setting_revisions",
]

NAME = re.compile(r"[a-z][a-z0-9_.]{0,63}")


@dataclass(frozen=True, slots=True)
class Setting:
    """One revision of a setting. `value` is any JSON value; `revision` counts from 1."""

    name: str
    revision: int
    value: Any
    who: str
    at: datetime


def get_setting(engine: Engine, name: str, tenant: str = DEFAULT_TENANT) -> Setting | None:
    """The revision that holds now, or None where the setting was never set."""
    with reading(engine) as connection:
        return _last(connection, name, tenant)


def last_settings(engine: Engine, tenant: str = DEFAULT_TENANT) -> dict[str, Setting]:
    """The revision that holds now of every setting that was ever set, by name."""
    query = select(table).where(table.c.tenant == tenant).order_by(table.c.name, table.c.revision)
    with reading(engine) as connection:
        # The last of each name stays; settings are few and change rarely.
        return {row.name: _setting(row) for row in connection.execute(query)}


def get_revision(engine: Engine, name: str, revision: int, tenant: str = DEFAULT_TENANT) -> Setting | None:
    """One revision, or None where there is none of this number."""
    mine = (table.c.tenant == tenant) & (table.c.name == name) & (table.c.revision == revision)
    with reading(engine) as connection:
        row = connection.execute(select(table).where(mine)).one_or_none()
    return None if row is None else _setting(row)


def setting_revisions(engine: Engine, name: str, tenant: str = DEFAULT_TENANT) -> list[Setting]:
    """All revisions, oldest first."""
    query = select(table).where(table.c.tenant == tenant, table.c.name == name).order_by(table.c.revision)
    with reading(engine) as connection:
        return [_setting(row) for row in connection.execute(query)]


def put_setting(
    engine: Engine,
    name: str,
    value: Any,
    *,
    who: str,
    at: datetime,
    expected: int | None = None,
    tenant: str = DEFAULT_TENANT,
) -> Setting:
    """Write the next revision; with `expected` only if that revision (0: none yet) is still the last.

    Raises `SettingError` for a name that is none, `SettingConflictError` where another revision is the last,
    `JournalError` where `who` is blank, `value` is no JSON value or there is no such tenant.
    """
    _check_names([name], who)
    with writing(engine) as connection:
        lock_tenant(connection, tenant)
        last = _last(connection, name, tenant)
        _check_expected(name, last, expected)
        return _append(connection, tenant, last, name, value, who=who, at=at)


def put_settings(
    engine: Engine, values: Mapping[str, Any], *, who: str, at: datetime, tenant: str = DEFAULT_TENANT
) -> list[Setting]:
    """Write the next revision of each setting whose value is another than the last, all of them or none.

    Returns what was written. Raises as `put_setting` does.
    """
    _check_names(values, who)
    written: list[Setting] = []
    with writing(engine) as connection:
        lock_tenant(connection, tenant)
        for name, value in values.items():
            last = _last(connection, name, tenant)
            if last is None or last.value != value:
                written.append(_append(connection, tenant, last, name, value, who=who, at=at))
    return written


def _check_names(names: Iterable[str], who: str) -> None:
    for name in names:
        if not NAME.fullmatch(name):
            raise SettingError(f"A setting's name is a word like `default_queue`, not {name!r}.")
    if not who.strip():
        raise JournalError(f"A setting needs who set it, not {who!r}.")


def _append(
    connection: Connection, tenant: str, last: Setting | None, name: str, value: Any, *, who: str, at: datetime
) -> Setting:
    revision = 1 if last is None else last.revision + 1
    connection.execute(insert(table).values(tenant=tenant, name=name, revision=revision, value=value, who=who, at=at))
    return Setting(name, revision, value, who, at)


def _check_expected(name: str, last: Setting | None, expected: int | None) -> None:
    held = 0 if last is None else last.revision
    if expected is None or held == expected:
        return
    by = "" if last is None else f", set by {last.who!r} at {last.at.isoformat()}"
    raise SettingConflictError(
        f"Expected revision {expected} of {name!r}, but the last is {held}{by}. Look at it, then set it again."
    )


def _last(connection: Connection, name: str, tenant: str) -> Setting | None:
    query = select(table).where(table.c.tenant == tenant, table.c.name == name)
    row = connection.execute(query.order_by(table.c.revision.desc()).limit(1)).one_or_none()
    return None if row is None else _setting(row)


def _setting(row: Any) -> Setting:
    return Setting(name=row.name, revision=row.revision, value=row.value, who=row.who, at=row.at)
