"""Sessions of the console that were signed out of, each until its cookie would open nothing any more by itself.

Knows neither cookies nor who signed in: a session is a name.
"""

from datetime import datetime

from sqlalchemy import Engine, delete, select

from journal.database import insert_new, reading, writing
from journal.tables import DEFAULT_TENANT
from journal.tables import ended_sessions as table

__all__ = ["drop_over", "end_session", "is_ended"]


def end_session(engine: Engine, name: str, *, until: datetime, tenant: str = DEFAULT_TENANT) -> None:
    """End the session of this name, for good. until: its own end. Raises `JournalUnavailableError`."""
    with writing(engine) as connection:
        insert_new(connection, table, [{"tenant": tenant, "name": name, "until": until}])


def is_ended(engine: Engine, name: str, tenant: str = DEFAULT_TENANT) -> bool:
    """Whether the session of this name was ended. Raises `JournalUnavailableError`."""
    query = select(table.c.name).where(table.c.tenant == tenant, table.c.name == name)
    with reading(engine) as connection:
        return connection.execute(query).first() is not None


def drop_over(engine: Engine, now: datetime) -> int:
    """Forget, for every tenant, those whose time is over by themselves; how many there were.

    Raises `JournalUnavailableError`.
    """
    with writing(engine) as connection:
        return connection.execute(delete(table).where(table.c.until <= now)).rowcount
