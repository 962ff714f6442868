"""A backup that is read: every file's name, kind and hash checked before anything is done with any of them.

Knows nothing of what the files mean.
"""

import hashlib
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import orjson

from desk.errors import BackupError
from journal.backup.form import FORMAT, MANIFEST, is_known

__all__ = ["OpenedBackup", "check_backup"]

GZIP: Final = b"\x1f\x8b"
LARGEST_MANIFEST: Final = 256 * 1024 * 1024
PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class OpenedBackup:
    """A backup whose every file has been checked. manifest: what it says of itself."""

    path: Path
    manifest: Mapping[str, Any]

    @property
    def files(self) -> int:
        """How many files it holds, the manifest aside."""
        return len(self.manifest["files"])

    def members(self, prefix: str) -> Iterator[tuple[str, IO[bytes]]]:
        """The files whose names begin so, in order, each to be read before the next is asked for."""
        with _tar(self.path) as tar:
            for one, file in _members(tar):
                if one.name.startswith(prefix) and one.name != MANIFEST:
                    yield one.name, file


def check_backup(path: Path, tick: Callable[[], object] = lambda: None) -> OpenedBackup:
    """Read the whole file once and check it; nothing is written anywhere. `tick` is called once a file.

    Raises `BackupError` where it is none, of another format, damaged, cut short, or holds what no backup does.
    """
    hashes: dict[str, str] = {}
    manifest: bytes | None = None
    with _tar(path) as tar:
        for one, file in _members(tar):
            if one.name in hashes or manifest is not None:
                raise BackupError(f"{path.name!r} holds {one.name!r} where no backup does; nothing was restored.")
            if one.name == MANIFEST and one.size <= LARGEST_MANIFEST:
                manifest = file.read()
            else:
                hashes[one.name] = _hash_of(file)
            tick()
    return OpenedBackup(path, _checked(path, manifest, hashes))


def _checked(path: Path, manifest: bytes | None, hashes: dict[str, str]) -> dict[str, Any]:
    if manifest is None:
        raise BackupError(f"{path.name!r} has no {MANIFEST} at its end: it is cut short, or no backup.")
    try:
        told = orjson.loads(manifest)
    except orjson.JSONDecodeError:
        told = None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        found = told.get("format") if isinstance(told, dict) else None
        raise BackupError(f"{path.name!r} is a backup of format {found!r}; this build reads {FORMAT}.")
    if told.get("files") != hashes:
        files = told.get("files")
        wrong = sorted(name for name in {*hashes, *(files or {})} if (files or {}).get(name) != hashes.get(name))
        raise BackupError(f"{path.name!r} is damaged: {wrong[0]!r} is not what was written. Nothing was restored.")
    return told


@contextmanager
def _tar(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with path.open("rb") as file:
            mode = "r:gz" if file.read(len(GZIP)) == GZIP else "r:"
        with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]  # either of two words
            yield tar
    except OSError as error:
        # gzip's own complaints are of this kind and have no `strerror`.
        raise BackupError(f"{path.name!r} cannot be read: {error.strerror or 'it is damaged'}.") from None
    except (tarfile.TarError, EOFError, zlib.error):
        raise BackupError(f"{path.name!r} is no backup, or damaged. Nothing was restored.") from None


def _members(tar: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Plain files of a backup's own names; a link, a device or a name that leads elsewhere ends it."""
    for one in tar:
        file = tar.extractfile(one) if one.isreg() and not one.issparse() and is_known(one.name) else None
        if file is None:
            raise BackupError(f"{one.name[:200]!r} is nothing that a backup holds; nothing was restored.")
        yield one, file
        tar.members = []  # type: ignore[attr-defined]  # a list that would grow by each file


def _hash_of(file: IO[bytes]) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # it reads, no more is asked
