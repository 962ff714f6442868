"""`python -m models.check FOLDER`: tries a version in a process of its own, which it may kill or hang.

Checks every hash, loads the version, answers its golden rows and a few tickets, each in time. Prints one JSON line,
`{"ok": true, "version": "3"}` or `{"ok": false, "error": "…"}`, and exits with 0 or 1.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Final

from desk.errors import DamagedVersionError, VersionError
from models.golden import try_golden_rows
from models.manifest import read_manifest
from models.meaning import try_meaning
from models.shelf import Shelf
from models.similar import try_similar
from models.storage import load_version, read_golden
from models.trial import prepare_version, try_tickets

__all__ = ["check_version", "main"]

SECONDS_TO_ANSWER: Final = 10.0
"""For all golden rows and tickets of a version that is loaded: they take a tenth of a second."""


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
        prepare_version(version)
        golden = read_golden(folder)
        with _an_end(folder.name):
            tried = try_golden_rows(version, golden)
            try_tickets(version)
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


@contextmanager
def _an_end(name: str) -> Iterator[None]:
    """End the process with a verdict where what is done within takes too long: it may never come back by itself."""

    def give_up() -> None:
        error = f"Version {name!r} did not answer its golden rows within {SECONDS_TO_ANSWER:g} s."
        _say({"ok": False, "error": error})
        sys.stdout.flush()
        os._exit(1)

    timer = Timer(SECONDS_TO_ANSWER, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _say(answer: dict[str, object]) -> int:
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0 if answer["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
