from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from desk.errors import JournalError, JournalUnavailableError, RowRefusedError, SettingError
from journal.database import connect, migrate, reading, writing
from journal.tables import metadata


def test_the_migrated_schema_is_what_the_tables_say(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT name FROM tenants")).scalars().all() == ["default"]


def test_tables_of_a_newer_build_are_refused(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(JournalError, match=r"'9999'.*newer build"):
        migrate(engine)


def test_sqlite_is_in_wal_mode_durable_and_minds_foreign_keys(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'made' / 'journal.db'}")
    migrate(engine)
    with reading(engine) as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_postgresql_is_reached_by_psycopg_whatever_the_spelling(scheme: str) -> None:
    assert connect(f"{scheme}://desk@localhost/journal").url.drivername == "postgresql+psycopg"


@pytest.mark.parametrize("url", ["", "mysql://root:secret@db/x", "sqlite://", "sqlite:///:memory:", "nonsense secret"])
def test_another_url_is_refused_without_repeating_its_password(url: str) -> None:
    with pytest.raises(SettingError, match=r"SQLite URL|database URL") as refused:
        connect(url)
    assert "secret" not in str(refused.value)


def test_a_database_that_is_not_there_is_unavailable_and_its_password_stays_out_of_the_message() -> None:
    engine = connect("postgresql://desk:secret@127.0.0.1:1/journal")
    with pytest.raises(JournalUnavailableError, match="does not answer") as failed, reading(engine):
        pass
    assert "secret" not in str(failed.value)


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(JournalUnavailableError, match="cannot be made"):
        connect(f"sqlite:///{tmp_path / 'file' / 'journal.db'}")


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"not a database at all, though long enough" * 100)
    with pytest.raises(JournalUnavailableError):
        migrate(connect(f"sqlite:///{tmp_path / 'journal.db'}"))


def test_a_refused_row_says_so_and_keeps_its_content_to_itself(engine: Engine) -> None:
    with pytest.raises(RowRefusedError) as refused, writing(engine) as connection:
        connection.execute(
            text("INSERT INTO tickets VALUES ('nobody', 'd', 't', NULL, :content, '2026-01-01')"),
            {"content": '"printer on fire"'},
        )
    assert "printer" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("change", ["UPDATE promotions SET version = '2'", "DELETE FROM promotions"])
def test_promotions_are_append_only_in_the_database_itself(engine: Engine, change: str) -> None:
    with writing(engine) as connection:
        connection.execute(
            text("INSERT INTO promotions VALUES ('default', 1, '1', '2026-01-01', 'ann', 'first', NULL)")
        )
    with pytest.raises(RowRefusedError), writing(engine) as connection:
        connection.execute(text(change))
