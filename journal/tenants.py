"""The tenants: whose rows are whose. `default` is there from the start.

Knows no keys: which tenant a request speaks for is decided elsewhere.
"""

import re
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, select

from desk.errors import JournalError, SettingError
from journal.database import insert_new, reading, writing
from journal.tables import tenants

__all__ = ["add_tenant", "check_tenant_name", "lock_tenant", "tenant_names"]

NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}", re.ASCII)
"""Of a tenant: part of file names too."""


def add_tenant(engine: Engine, name: str, *, at: datetime) -> None:
    """Add a tenant; one that is there already stays as it is.

    Raises `SettingError` for a name that is none.
    """
    check_tenant_name(name)
    with writing(engine) as connection:
        insert_new(connection, tenants, [{"name": name, "created_at": at}])


def check_tenant_name(name: str) -> None:
    """Raises `SettingError` for a name that no tenant can have."""
    if not NAME.fullmatch(name):
        raise SettingError(
            f"A tenant's name is 1 to 63 small letters, digits, - and _, a letter or digit first, not {name!r}."
        )


def tenant_names(engine: Engine) -> list[str]:
    """The names of all tenants, sorted."""
    with reading(engine) as connection:
        return list(connection.scalars(select(tenants.c.name).order_by(tenants.c.name)))


def lock_tenant(connection: Connection, name: str) -> None:
    """Hold the tenant until the transaction ends: what is numbered within a tenant is written by one at a time.

    On SQLite the write lock does it. Rows that only refer to the tenant are not held up.
    Raises `JournalError` where there is no such tenant.
    """
    query = select(tenants.c.name).where(tenants.c.name == name).with_for_update(key_share=True)
    if connection.scalar(query) is None:
        raise JournalError(f"There is no tenant {name!r}; add it first.")
