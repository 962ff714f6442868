"""The tenants: whose rows are whose. `default` is there from the start.

Knows no keys: which tenant a request speaks for is decided elsewhere.
"""

from datetime import datetime

from sqlalchemy import Connection, Engine, select

from desk.errors import JournalError
from journal.database import insert_new, reading, writing
from journal.tables import tenants

__all__ = ["add_tenant", "lock_tenant", "tenant_names"]


def add_tenant(engine: Engine, name: str, *, at: datetime) -> None:
    """Add a tenant; one that is there already stays as it is.

    Raises `JournalError` for a blank name.
    """
    if not name.strip():
        raise JournalError(f"A tenant needs a name, not {name!r}.")
    with writing(engine) as connection:
        insert_new(connection, tenants, [{"name": name, "created_at": at}])


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
