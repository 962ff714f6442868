"""Makes a backup while the service runs: log, database in one snapshot, files, MLflow; whole or not at all.

The log is copied before the database is looked at: every row that was acknowledged before is in the one or the other,
and its name tells when it is in both. Knows nothing of versions but that they are folders.
"""

import hashlib
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

import orjson
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.engine import make_url

from desk.errors import JournalUnavailableError
from journal.backup.form import FORMAT, MANIFEST, MLFLOW_ARTIFACTS, MLFLOW_DATABASE, TABLES
from journal.database import revision, snapshot
from journal.environment import Environment
from journal.secret import SECRET_FILE, fingerprint

__all__ = ["Made", "Watching", "embedded_mlflow", "make_backup"]

CHUNK_BYTES: Final = 8 * 1024 * 1024
"""Of rows that are gathered in memory before they become a file of the tar."""

ROWS_AT_ONCE: Final = 500
TRIES: Final = 3
FOLDERS: Final = ("versions", "histories")
FILES: Final = ("champion*.json", SECRET_FILE)


class Watching(Protocol):
    """Who watches how far it is."""

    def stage(self, name: str, steps: int) -> None:
        """A stage of `steps` steps begins."""

    def step(self, steps: int = 1) -> None:
        """One step is done, or more."""


class Made:
    """A tar that grows, and the SHA-256 of each file in it."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.hashes: dict[str, str] = {}
        self.rows: dict[str, int] = {}

    def add(self, name: str, content: bytes) -> None:
        """Add a file of this content."""
        self.add_file(name, BytesIO(content), len(content))

    def add_file(self, name: str, file: BinaryIO, size: int) -> None:
        """Add the first `size` bytes of an open file: one that grows is taken as long as it was."""
        about = tarfile.TarInfo(name)
        about.size, about.mode = size, 0o600
        hashed = _Hashed(file)
        self._tar.addfile(about, hashed)
        self.hashes[name] = hashed.sha256.hexdigest()


class _Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        read = self._file.read(size)
        self.sha256.update(read)
        return read


def make_backup(
    environment: Environment, engine: Engine, to: Path, *, at: datetime, watching: Watching, with_mlflow: bool = True
) -> Made:
    """Write a backup to `to`, which appears whole, for its owner's eyes alone; a file that is there is replaced.

    Gzipped unless the name ends in `.tar`. `with_mlflow` takes an embedded MLflow along. Raises
    `JournalUnavailableError` where the database cannot be read or the file not be written.
    """
    told = fingerprint(environment)  # first: it makes the secret's file where there is none
    try:
        with _whole(to) as partial, _new_tar(partial, is_plain=to.suffix == ".tar") as tar:
            made = Made(tar)
            _add_log(made, environment.log, watching)
            _add_database(made, engine, watching)
            _add_home(made, environment.home, watching)
            mlflow = embedded_mlflow(environment) if with_mlflow else None
            if mlflow is not None:
                _add_mlflow(made, mlflow, environment.mlflow_artifacts, watching)
            made.add(MANIFEST, orjson.dumps(_manifest(made, environment, engine, at) | {"secret": told}))
    except OSError as error:
        raise JournalUnavailableError(f"The backup cannot be written: {error.strerror}.") from None
    return made


def embedded_mlflow(environment: Environment) -> Path | None:
    """MLflow's SQLite file; None where MLflow is a server or another database, which has backups of its own."""
    url = make_url(environment.mlflow_uri)
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    return Path(url.database)


def _manifest(made: Made, environment: Environment, engine: Engine, at: datetime) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "made_at": at,
        "revision": revision(engine),
        "database": engine.dialect.name,
        "rows": made.rows,
        "mlflow_artifacts": environment.mlflow_artifacts.as_uri() if MLFLOW_DATABASE in made.hashes else None,
        "files": made.hashes,
    }


def _add_log(made: Made, folder: Path, watching: Watching) -> None:
    """A segment that goes meanwhile is in the database; one that grows is taken as long as it is now."""
    paths = [one for one in sorted(folder.glob("*")) if one.suffix in (".segment", ".damaged", ".jsonl")]
    watching.stage("The local log", len(paths))
    for path in paths:
        try:
            file = path.open("rb")
        except FileNotFoundError:
            continue
        with file:
            made.add_file(f"log/{path.name}", file, os.fstat(file.fileno()).st_size)
        watching.step()


def _add_database(made: Made, engine: Engine, watching: Watching) -> None:
    with snapshot(engine) as connection:
        for name, table in TABLES.items():
            rows = connection.scalar(select(func.count()).select_from(table)) or 0
            watching.stage(f"Rows of {name}", rows)
            made.rows[name] = rows
            for number, chunk in enumerate(_chunks(connection, name, watching)):
                made.add(f"database/{name}.{number:06}.jsonl", chunk)


def _chunks(connection: Connection, name: str, watching: Watching) -> Iterator[bytes]:
    """The table's rows as JSON lines, in runs of about `CHUNK_BYTES`."""
    chunk = bytearray()
    names = [str(one.name) for one in TABLES[name].columns]
    found = connection.execute(select(TABLES[name]).execution_options(yield_per=ROWS_AT_ONCE))
    for rows in found.partitions():
        for row in rows:
            chunk += orjson.dumps(dict(zip(names, row, strict=True)), option=orjson.OPT_APPEND_NEWLINE)
        watching.step(len(rows))
        if len(chunk) >= CHUNK_BYTES:
            yield bytes(chunk)
            chunk.clear()
    if chunk:
        yield bytes(chunk)


def _add_home(made: Made, home: Path, watching: Watching) -> None:
    folders = [one for name in FOLDERS for one in [home / name, *sorted((home / name).glob("[!.]*"))] if one.is_dir()]
    watching.stage("Versions and histories", len(folders))
    for folder in folders:
        _add_folder(made, folder, f"home/{folder.relative_to(home).as_posix()}")
        watching.step()
    for pattern in FILES:
        for path in sorted(home.glob(pattern)):
            made.add(f"home/{path.name}", path.read_bytes())


def _add_folder(made: Made, folder: Path, name: str) -> None:
    """The plain files of one folder, all opened before the first is read: it may be replaced meanwhile."""
    with ExitStack() as opened:
        for path, file in _opened(folder, opened):
            made.add_file(f"{name}/{path.name}", file, os.fstat(file.fileno()).st_size)


def _opened(folder: Path, opened: ExitStack) -> list[tuple[Path, BinaryIO]]:
    for _ in range(TRIES - 1):
        try:
            return [(one, opened.enter_context(one.open("rb"))) for one in _plain(folder)]
        except FileNotFoundError:
            opened.close()
    return [(one, opened.enter_context(one.open("rb"))) for one in _plain(folder)]


def _plain(folder: Path) -> list[Path]:
    return [one for one in sorted(folder.glob("[!.]*")) if one.is_file() and not one.is_symlink()]


def _add_mlflow(made: Made, database: Path, artifacts: Path, watching: Watching) -> None:
    """The database before the artifacts: all that it names is written by then."""
    if not database.is_file():
        return
    paths = [one for one in sorted(artifacts.rglob("*")) if one.is_file() and not one.is_symlink()]
    watching.stage("MLflow", len(paths) + 1)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "mlflow.db"
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        with copy.open("rb") as file:
            made.add_file(MLFLOW_DATABASE, file, copy.stat().st_size)
    watching.step()
    for path in sorted(one for one in artifacts.rglob("*") if one.is_file() and not one.is_symlink()):
        with path.open("rb") as file:
            name = f"{MLFLOW_ARTIFACTS}{path.relative_to(artifacts).as_posix()}"
            made.add_file(name, file, os.fstat(file.fileno()).st_size)
        watching.step()


def _new_tar(path: Path, *, is_plain: bool) -> tarfile.TarFile:
    return tarfile.open(path, "w") if is_plain else tarfile.open(path, "w:gz", compresslevel=1)


@contextmanager
def _whole(to: Path) -> Iterator[Path]:
    handle, name = tempfile.mkstemp(dir=to.absolute().parent, prefix=f".{to.name}-", suffix=".part")
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(to)
    finally:
        partial.unlink(missing_ok=True)
