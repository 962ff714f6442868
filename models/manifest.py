"""A version's manifest: the format, what is told of the version, and what each file's bytes hash to.

Reads no other file as more than bytes. When what is written changes, or how `features` encodes a ticket, raise `FORMAT`
and say in `models.storage` what becomes of older folders.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any, Final

from desk.errors import DamagedVersionError, UnsupportedFormatError

__all__ = ["FORMAT", "MANIFEST", "check_hashes", "hash_of", "read_manifest"]

FORMAT: Final = 7
MANIFEST: Final = "manifest.json"
_READ: Final = (2, 3, 4, 5, 6, FORMAT)
"""Older ones give the same answers: 2 had no voices of resolved tickets, 2 and 3 no sureness, 2 to 4 no order of
priorities, and their n-grams stand in the order of their hashes, 2 to 5 no say of how familiar a ticket is,
2 to 6 nothing of tickets that grow."""
_LARGEST_MANIFEST: Final = 16_000_000  # bytes: a manifest is read before anything vouches for it
_FILE_NAME: Final = re.compile(r"[a-z]+(?:[._-][a-z]+)*\.(?:npy|json|txt|onnx|usearch)")


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, in the shape that this build reads; vouches for nothing else in the folder."""
    path = folder / MANIFEST
    try:
        if path.is_symlink() or not path.is_file():  # a link or a pipe could lead anywhere, or never end
            raise DamagedVersionError(f"{folder.name!r} holds no {MANIFEST}: fetch it again.")
        if path.stat().st_size > _LARGEST_MANIFEST:
            raise DamagedVersionError(f"The manifest of {folder.name!r} is larger than {_LARGEST_MANIFEST} bytes.")
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedVersionError(f"{folder.name!r} holds no readable {MANIFEST}.") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise DamagedVersionError(f"The manifest of {folder.name!r} lists no files.")
    if manifest.get("format") not in _READ:
        found = manifest.get("format")
        raise UnsupportedFormatError(f"{folder.name!r} has format {found!r}, this build reads {FORMAT}: train again.")
    if not isinstance(manifest.get("about"), dict):
        raise DamagedVersionError(f"The manifest of {folder.name!r} says nothing about the version.")
    return manifest


def check_hashes(folder: Path) -> dict[str, Any]:
    """Read the manifest and compare the SHA-256 of every file that it names; parses none of them."""
    manifest = read_manifest(folder)
    for name, expected in manifest["files"].items():
        if not _FILE_NAME.fullmatch(name):
            raise DamagedVersionError(f"The manifest of {folder.name!r} names {name!r}, which no version holds.")
        found = hash_of(folder / name)
        if found is None:
            raise DamagedVersionError(f"{name!r} is missing from version {folder.name!r}: fetch it again.")
        if found != expected:
            raise DamagedVersionError(f"{name!r} of version {folder.name!r} is not what was written: fetch it again.")
    return manifest


def hash_of(path: Path) -> str | None:
    """The SHA-256 of a file, in hex; None where there is no plain file: a link or a pipe could lead anywhere."""
    try:
        if path.is_symlink() or not path.is_file():
            return None
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
