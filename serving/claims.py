"""Says to the other processes of this machine which requests are under way here.

One byte of a file stands for each name; whoever locks it has it, and the system lets go when the process ends, however
it ends. Nothing waits and nothing is left behind. Knows nothing of requests.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

__all__ = ["Claims"]

FILE: Final = "repeats.lock"
DIGITS: Final = 15
"""Of a name's hexadecimal digits: 60 bits are within what a file's offset can be."""


class Claims:
    """The claims of one process, in a file of each folder. One process needs one of these."""

    def __init__(self) -> None:
        self._files: dict[Path, int] = {}

    @contextmanager
    def held(self, folder: Path, name: str) -> Iterator[bool]:
        """Hold the name, 32 hexadecimal digits; false where another process does.

        Where the folder cannot be written everybody holds everything: nothing is held up for it.
        """
        place = int(name[:DIGITS], 16)
        try:
            descriptor = self._opened(folder)
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except (BlockingIOError, PermissionError):
            yield False
            return
        except OSError:
            yield True
            return
        try:
            yield True
        finally:
            with suppress(OSError):
                fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, place)

    def _opened(self, folder: Path) -> int:
        # Kept open until the process ends: closing any descriptor of the file would let go of every claim on it.
        found = self._files.get(folder)
        if found is None:
            with suppress(PermissionError):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = self._files[folder] = _open(folder / FILE)
        return found


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError as error:
        # Not what `lockf` says of a byte that another process holds.
        raise OSError(error.errno, "no file for claims") from None
