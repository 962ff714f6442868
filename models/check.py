"""`python -m models.check FOLDER`: tries a version in a process of its own, which it may kill or hang.

Checks every hash, loads the version and answers its golden rows. Prints one JSON line, `{"ok": true, "version": "3"}`
or `{"ok": false, "error": "…"}`, and exits with 0 or 1.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from desk.errors import DamagedVersionError, VersionError
from models.golden import try_golden_rows
from models.manifest import read_manifest
from models.meaning import try_meaning
from models.shelf import Shelf
from models.similar import try_similar
from models.storage import load_version, read_golden

__all__ = ["check_version", "main"]


def check_version(folder: Path) -> str:
    """Load the version in `folder`, answer its golden rows, and return its name.

    Raises `DamagedVersionError` or `UnsupportedFormatError`. A damaged file may kill the process instead: call this
    only in one that may die.
    """
    version = load_version(folder)
    try:
        if version.encoder.meaning is not None:
            try_meaning(Shelf(folder, read_manifest(folder)["files"]), version.encoder.meaning)
        if version.similar is not None:
            try_similar(version.similar)
        tried = try_golden_rows(version, read_golden(folder))
    except VersionError:
        raise
    except Exception as error:  # rows that do not fit may fail anywhere, in LightGBM too
        raise DamagedVersionError(f"The golden rows of {folder.name!r} do not fit the version ({error!r}).") from error
    if not tried:
        raise DamagedVersionError(f"Version {folder.name!r} has no golden rows to try.")
    return version.name


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the folder's version, print the line, return the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 1:
        return _say({"ok": False, "error": "usage: python -m models.check FOLDER"})
    try:
        return _say({"ok": True, "version": check_version(Path(given[0]))})
    except VersionError as error:
        return _say({"ok": False, "error": str(error)})


def _say(answer: dict[str, object]) -> int:
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0 if answer["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
