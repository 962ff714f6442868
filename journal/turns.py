"""Who writes predictions takes turns with who deletes them: adding goes side by side, deleting alone.

So that whoever adds has either seen a tombstone or is through before rows are deleted, and never refers to a ticket
that goes. Knows not what is added or deleted.
"""

from typing import Final

from sqlalchemy import Connection, text

__all__ = ["add_beside", "delete_alone"]

_KEY: Final = 0x7475726E73
"""Of PostgreSQL's advisory lock: "turns" in ASCII."""


def add_beside(connection: Connection) -> None:
    """Hold off those who delete until the transaction ends. On SQLite the write lock does it."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": _KEY})


def delete_alone(connection: Connection) -> None:
    """Wait for those who add, and hold them off until the transaction ends. On SQLite the write lock does it."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _KEY})
