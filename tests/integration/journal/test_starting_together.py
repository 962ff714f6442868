"""Several processes start on an empty database at the same time."""

import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from journal.database import connect, reading
from journal.tables import metadata
from journal.tenants import tenant_names

MIGRATE = "import sys; from journal.database import connect, migrate; migrate(connect(sys.argv[1]))"


def test_processes_that_migrate_together_all_find_the_same_tables(database_url: str) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", MIGRATE, database_url], stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    errors = [process.communicate(timeout=30)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 3, errors
    engine = connect(database_url)
    with reading(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert tenant_names(engine) == ["default"]
    engine.dispose()


def test_importing_the_journal_brings_in_no_alembic_and_touches_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, journal.drain, journal.histories, journal.identifiers, journal.pending, journal.settings; "
        "assert not {'alembic', 'pandas', 'psycopg'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, timeout=20)
    assert list(tmp_path.iterdir()) == []
