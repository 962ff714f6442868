"""Reaches the one database, SQLite or PostgreSQL, and brings its tables up to date.

Everything that reads or writes goes through `reading` and `writing`, which turn the driver's errors into ours. Knows
nothing of what the tables hold.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from desk.errors import JournalError, JournalUnavailableError, RowRefusedError, SettingError

__all__ = ["connect", "insert_new", "insert_told", "migrate", "reading", "revision", "snapshot", "unbound", "writing"]

SECONDS_FOR_A_LOCK = 5
MIGRATIONS = Path(__file__).parent / "migrations"
ROWS_OF_A_STATEMENT = 64
"""Of ten columns: SQLite takes 999 values at least."""
MIGRATION_LOCK = 0x706F696E7473
"""Key of PostgreSQL's advisory lock during migrations: "points" in ASCII."""


def connect(url: str) -> Engine:
    """An engine for `sqlite:///FILE` or `postgresql://…` (any spelling of the driver); nothing is connected yet.

    SQLite: makes the parent folder; each connection has synchronous=FULL, foreign keys, and waits five seconds for a
    lock unless the URL says `?timeout=`. `migrate` puts the file in WAL mode, which stays with the file. Neither errors
    nor logs of the engine hold parameters.

    Raises `SettingError` for another kind of URL and `JournalUnavailableError` where the folder cannot be made.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_pre_ping=True,
        pool_timeout=SECONDS_FOR_A_LOCK,
        connect_args={"connect_timeout": 5, "tcp_user_timeout": 10_000, "application_name": "pointsman"},
    )


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction of its own.

    Raises `JournalUnavailableError` where the database does not answer.
    """
    with _translating(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that is committed at the end; on SQLite it holds the one write lock from its start.

    Raises `JournalUnavailableError` where the database does not answer, `RowRefusedError` where it refuses a row.
    """
    with (
        _translating(engine),
        engine.connect().execution_options(pointsman_writes=True) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the database as it is at its first question, however long it asks; it must not write.

    On SQLite the write-ahead log grows meanwhile. Raises `JournalUnavailableError`.
    """
    options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with (
        _translating(engine),
        engine.connect().execution_options(**options) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def unbound(engine: Engine) -> Iterator[Connection]:
    """A connection outside of any transaction, for what the database does to itself: `VACUUM`, a checkpoint."""
    options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
    with _translating(engine), engine.connect().execution_options(**options) as connection:
        yield connection


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose key is not there yet; the others stay as they are."""
    if connection.dialect.name != "sqlite":
        if rows:
            connection.execute(postgresql.insert(table).on_conflict_do_nothing(), rows)
        return
    # Many rows in one statement: of a list the driver lets go of the interpreter for each row and wants it back, and
    # whoever answers tickets meanwhile waits each time. SQLAlchemy has no such statement where keys may conflict.
    start = 0
    while start < len(rows):
        # Of few sizes: the driver keeps what it has parsed, a tenth of a megabyte for 64 rows.
        size = min(ROWS_OF_A_STATEMENT, 1 << (len(rows) - start).bit_length() - 1)
        some = rows[start : start + size]
        start += size
        statement = _sqlite_insert(table, tuple(some[0]), len(some))
        values = tuple(given(row[name]) for row in some for name, given in statement.columns)
        connection.exec_driver_sql(statement.text, values)


@dataclass(frozen=True, slots=True)
class _Insert:
    """A statement for some rows, and what makes each column's values ready for the driver, in the statement's order."""

    text: str
    columns: tuple[tuple[str, Callable[[Any], Any]], ...]


@lru_cache(maxsize=256)
def _sqlite_insert(table: Table, names: tuple[str, ...], count: int) -> _Insert:
    dialect = sqlite.dialect()
    compiled = sqlite.insert(table).on_conflict_do_nothing().compile(dialect=dialect, column_keys=list(names))
    ordered: list[str] = compiled.positiontup or []
    row = f"({', '.join('?' * len(ordered))})"
    said = str(compiled).replace(f"VALUES {row}", f"VALUES {', '.join([row] * count)}")
    makers = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in ordered]
    return _Insert(said, tuple((name, make or _as_it_is) for name, make in zip(ordered, makers, strict=True)))


def _as_it_is(value: Any) -> Any:
    return value


def insert_told(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: str) -> set[str]:
    """The same for rows of one tenant whose names are different, and returns the names that were new, of column `key`.

    Sort them: two writers who insert the same names in another order would wait for each other for ever.
    """
    if not rows:
        return set()
    made: Any = sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
    return set(connection.scalars(made.on_conflict_do_nothing().returning(table.c[key]), rows))


def migrate(engine: Engine) -> None:
    """Bring the tables up to date; does nothing where they are. Several processes may start together: one works.

    Raises `JournalError` where a newer build made the tables, `JournalUnavailableError` where the database does not
    answer.
    """
    # Alembic costs a tenth of a second and is needed nowhere else.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    if revision(engine) == script.get_current_head():
        return
    _switch_to_wal(engine)
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        _check_known(connection, [one.revision for one in script.walk_revisions()])
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _parsed(url: str) -> URL:
    # A URL may hold a password: no message repeats it as it came.
    spelled = "postgresql" + url.removeprefix("postgres") if url.startswith("postgres://") else url
    try:
        parsed = make_url(spelled)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        backend = ""
    if backend not in ("sqlite", "postgresql"):
        scheme = url.partition("://")[0] if "://" in url else ""
        raise SettingError(
            "The journal's database URL must be `sqlite:///FILE` or `postgresql://USER@HOST/NAME`, "
            f"not one with the scheme {scheme!r}; set POINTSMAN_DATABASE_URL."
        )
    return parsed


def _sqlite(url: URL) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise SettingError("The journal's SQLite URL names no file; write `sqlite:///var/journal.db`.")
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JournalUnavailableError(
            f"The journal's folder {str(folder)!r} cannot be made: {error.strerror}."
        ) from None
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        hide_parameters=True,
        pool_timeout=SECONDS_FOR_A_LOCK,
        connect_args={} if "timeout" in url.query else {"timeout": SECONDS_FOR_A_LOCK},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(dbapi_connection: Any, _record: Any) -> None:
    # The driver would begin transactions by itself, and too late; `_begin_sqlite` does it.
    dbapi_connection.isolation_level = None
    dbapi_connection.execute("PRAGMA foreign_keys=ON")
    dbapi_connection.execute("PRAGMA synchronous=FULL")
    # What is erased is overwritten, not only unlinked.
    dbapi_connection.execute("PRAGMA secure_delete=ON")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later could not wait for the lock: SQLite would refuse it at once.
    writes = connection.get_execution_options().get("pointsman_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _switch_to_wal(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return
    give_up = time.monotonic() + SECONDS_FOR_A_LOCK
    with _translating(engine), engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        while driver.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                driver.execute("PRAGMA journal_mode=WAL")
            except driver.OperationalError as error:
                # SQLite does not wait for other connections here, whatever the timeout.
                if time.monotonic() > give_up:
                    raise JournalUnavailableError(f"SQLite cannot switch the journal to WAL: {error}.") from None
                time.sleep(0.05)


def revision(engine: Engine) -> str | None:
    """Which migration the tables are at; None where there are no tables."""
    from alembic.runtime.migration import MigrationContext

    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _check_known(connection: Connection, known: Sequence[str]) -> None:
    from alembic.runtime.migration import MigrationContext

    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known:
        raise JournalError(
            f"The journal's tables are at revision {current!r}; this build knows {known[0]!r} and older. "
            "Start the newer build, or restore a backup from before it."
        )


@contextmanager
def _translating(engine: Engine) -> Iterator[None]:
    # `from None`: PostgreSQL's own messages may quote the row that it refused.
    try:
        yield
    except (IntegrityError, DataError) as error:
        raise RowRefusedError(f"The journal's database refuses a row as it stands ({_kind(error)}).") from None
    except OperationalError as error:
        raise JournalUnavailableError(
            f"The journal's database {engine.url.render_as_string(hide_password=True)} does not answer "
            f"({_kind(error)}: {str(error.orig).strip().splitlines()[0]}). "
            "See that it is up and that POINTSMAN_DATABASE_URL is right."
        ) from None
    except PoolTimeoutError:
        raise JournalUnavailableError("All connections to the journal's database are busy; try again.") from None
    except DBAPIError as error:
        raise JournalUnavailableError(f"The journal's database cannot do what was asked ({_kind(error)}).") from None
    except StatementError as error:
        if isinstance(error.orig, JournalError):
            raise error.orig from None
        raise


def _kind(error: DBAPIError) -> str:
    return type(error.orig).__name__
