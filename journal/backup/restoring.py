"""An installation made of a backup: everything checked first, then rows in one transaction, then files by renaming.

The database may be another than the backup was made of. Knows not how a person is erased from the files that come
back: it says whose tombstones are newer than the backup.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from desk.errors import BackupError
from journal import segments
from journal.backup.form import MLFLOW_ARTIFACTS, MLFLOW_DATABASE
from journal.backup.loading import Row, is_empty, load_rows, tombstones_here
from journal.backup.making import Watching, embedded_mlflow
from journal.backup.opening import OpenedBackup, check_backup
from journal.database import revision
from journal.drain import Drain
from journal.environment import Environment
from journal.log import Log
from journal.secret import SECRET_FILE, fingerprint, installation_secret

__all__ = ["Restored", "restore_backup"]

LOCATIONS: Final = {
    "experiments": ("artifact_location",),
    "runs": ("artifact_uri",),
    "model_versions": ("source", "storage_location"),
    "logged_models": ("artifact_location",),
}
"""Where MLflow's database says where artifacts lie, as whole addresses."""


@dataclass(frozen=True, slots=True)
class Restored:
    """rows: by table, as the backup has them. kept_out: predictions of people who were erased since.

    buried: tenant and keyed hash of those whose tombstone is newer than the backup: the files hold them again.
    notes: what else is to be known, in words.
    """

    made_at: datetime
    rows: dict[str, int]
    kept_out: int
    buried: frozenset[tuple[str, str]]
    notes: tuple[str, ...]


def restore_backup(
    environment: Environment, engine: Engine, path: Path, *, replace: bool, watching: Watching
) -> Restored:
    """Make the installation what the backup was, in an empty journal, or with `replace` in the place of what is there.

    engine: of the migrated journal. Raises `BackupError` where the file is damaged or does not fit, or where something
    would be lost; `JournalUnavailableError`, with everything as it was, where the database is in the way.
    """
    watching.stage("Checking", 1)
    backup = check_backup(path)
    watching.step()
    _check_place(environment, engine, backup, replace=replace)
    here = tombstones_here(engine)
    made_at = datetime.fromisoformat(backup.manifest["made_at"])
    with _staged(environment, backup, watching) as (staging, secret):
        notes = _check_secret(environment, backup, secret, here)
        watching.stage("Rows", sum(backup.manifest["rows"].values()))
        kept_out = load_rows(engine, backup, secret, here, watching.step)
        _put_in_place(environment, staging, backup, notes)
    _drain(environment, engine, secret)
    newer = frozenset((row["tenant"], row["customer"]) for row in here if row["at"] > made_at)
    return Restored(made_at, dict(backup.manifest["rows"]), kept_out, newer, tuple(notes))


def _check_place(environment: Environment, engine: Engine, backup: OpenedBackup, *, replace: bool) -> None:
    made, ours = backup.manifest["revision"], revision(engine)
    if made != ours:
        raise BackupError(
            f"The backup's tables are at revision {made!r}, this build's at {ours!r}: restore it with the build that "
            "made it, then start this one."
        )
    for one in segments.segment_paths(environment.log):
        held = segments.adopt(one)
        if held is None and one.exists():
            raise BackupError("A service of this home is running: stop it, then restore.")
        if held is not None:
            segments.release(held)
    if not replace and not (is_empty(engine) and not segments.segment_paths(environment.log)):
        raise BackupError("The journal here is not empty: `--replace` puts the backup in its place, for good.")
    for place in (environment.versions, environment.histories):
        if not replace and any(place.glob("[!.]*")):
            raise BackupError(f"There are {place.name} here already: `--replace` puts the backup's in their place.")


def _check_secret(environment: Environment, backup: OpenedBackup, secret: bytes, here: list[Row]) -> list[str]:
    """Tombstones that were made with another secret could tell nobody any more."""
    is_other = fingerprint(environment, secret) != backup.manifest["secret"]
    if environment.secret is not None and is_other:
        return ["POINTSMAN_SECRET is another than the backup's: its API keys and tombstones hold no more."]
    if here and fingerprint(environment, secret) != fingerprint(environment):
        raise BackupError(
            "People were erased here under another secret than the backup's, and restoring would bring them back. "
            "Set POINTSMAN_SECRET to what `$POINTSMAN_HOME/secret` holds, then restore."
        )
    return []


@contextmanager
def _staged(environment: Environment, backup: OpenedBackup, watching: Watching) -> Iterator[tuple[Path, bytes]]:
    """The backup's files in a folder beside where they will lie, and the secret that will hold."""
    environment.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=environment.home, prefix=".restoring-") as scratch:
        staging = Path(scratch)
        watching.stage("Files", backup.files)
        for prefix in ("log/", "home/", "mlflow/"):
            for name, file in backup.members(prefix):
                place = staging / name
                place.parent.mkdir(parents=True, exist_ok=True)
                with place.open("xb") as out:
                    shutil.copyfileobj(file, out)
                watching.step()
        kept = staging / "home" / SECRET_FILE
        if environment.secret is None and kept.exists():
            kept.chmod(0o600)
            yield staging, kept.read_text(encoding="utf-8").strip().encode()
        else:
            yield staging, installation_secret(environment)


def _put_in_place(environment: Environment, staging: Path, backup: OpenedBackup, notes: list[str]) -> None:
    home = environment.home
    for old in (environment.versions, environment.histories, environment.log, *home.glob("champion*.json")):
        _move(old, staging / "replaced" / old.name)
    for new in sorted((staging / "home").glob("*")) if (staging / "home").exists() else ():
        if new.name != SECRET_FILE or environment.secret is None:
            _move(home / new.name, staging / "replaced" / new.name)
            _move(new, home / new.name)
    _move(staging / "log", environment.log)
    database = embedded_mlflow(environment)
    if not (staging / MLFLOW_DATABASE).exists():
        return
    if database is None:
        notes.append("The backup's MLflow was left out: POINTSMAN_MLFLOW_URI names a server, which has its own.")
        return
    _point(staging / MLFLOW_DATABASE, backup.manifest["mlflow_artifacts"], environment.mlflow_artifacts.as_uri())
    for old in (database, *database.parent.glob(f"{database.name}-*"), environment.mlflow_artifacts):
        _move(old, staging / "replaced" / f"mlflow-{old.name}")
    database.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(staging / MLFLOW_DATABASE, database)
    _move(staging / MLFLOW_ARTIFACTS, environment.mlflow_artifacts)


def _move(source: Path, target: Path) -> None:
    if source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)


def _point(database: Path, before: str, now: str) -> None:
    """Artifacts lie under this home now: MLflow keeps whole addresses."""
    with closing(sqlite3.connect(database)) as connection, connection:
        for table, columns in LOCATIONS.items():
            known = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            for column in known.intersection(columns):
                connection.execute(
                    f"UPDATE {table} SET {column} = ? || substr({column}, ?) "  # noqa: S608 - names from above
                    f"WHERE {column} = ? OR substr({column}, 1, ?) = ?",
                    (now, len(before) + 1, before, len(before) + 1, f"{before}/"),
                )


def _drain(environment: Environment, engine: Engine, secret: bytes) -> None:
    """What was in the backup's log goes to the database; what cannot now will with the next start."""
    drain = Drain(engine, Log(environment.log), secret=lambda: secret)
    drain.move()
    drain.close()
