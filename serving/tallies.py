"""Numbers that the processes of one service count side by side, in a file each: any of them can tell the sum.

To count is one addition in memory that is mapped from the file; the file's room is taken when it is made, so that a
full disk cannot hurt. A file whose process has ended is taken over by the next, which counts on: there are never more
files than processes at one time. Knows not what is counted (`docs/decisions/0019-metrics-of-our-own.md`).
"""

import fcntl
import logging
import mmap
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

import orjson

__all__ = ["MOST_SERIES", "Series", "Tallies", "read_tallies"]

MOST_SERIES: Final = 4_096
"""What one process counts at most; whatever is first met after that is not counted."""

NAME_BYTES: Final = 1 << 19
VALUE_BYTES: Final = 8 * MOST_SERIES

log = logging.getLogger("pointsman.metrics")

Name = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One number as one process has it. name: as it was given. is_live: whether that process is still there."""

    name: Name
    value: float
    is_live: bool


class _Places(dict[Name, int]):
    """A dictionary that asks where a new name is to stand: the fastest there is where it is known."""

    def __init__(self, add: Callable[[Name], int]) -> None:
        super().__init__()
        self._add = add

    def __missing__(self, name: Name) -> int:
        return self._add(name)


class Tallies:
    """The numbers of this process: `values[places["asked", "here"]] += 1`. One thread counts.

    places: where the number of a name stands, from its first use on; where there is no room, a place that nobody reads.

    folder: where the processes of one service meet; without one, or where it cannot be written, this process alone
    knows the numbers.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._descriptor, self._map = _shared(folder)
        view = memoryview(self._map)
        # The first value says how many bytes of names there are, so that a name is read once it is whole.
        self.values: memoryview[float] = view[:VALUE_BYTES].cast("d")
        self._names = view[VALUE_BYTES:]
        self._places = _Places(self._added)
        self._places.update((name, place) for place, name in enumerate(_names_in(bytes(view)), start=1))
        self.places: Mapping[Name, int] = self._places

    def read(self) -> Iterator[Series]:
        """The numbers of all processes, this one's too."""
        if self._folder is None or self._descriptor is None:
            names = list(self._places)
            return (Series(name, self.values[place], True) for place, name in enumerate(names, start=1))
        return read_tallies(self._folder)

    def close(self) -> None:
        """Leave the file to the next process; the numbers stay readable."""
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)  # closing alone would not: the map has a descriptor too
            os.close(self._descriptor)
            self._descriptor = None

    def _added(self, name: Name) -> int:
        line = orjson.dumps(name) + b"\n"
        used = int(self.values[0])
        place = len(self._places) + 1
        if place >= MOST_SERIES - 1 or used + len(line) > NAME_BYTES:
            return MOST_SERIES - 1
        self.values[place] = 0.0
        self._names[used : used + len(line)] = line
        self.values[0] = used + len(line)
        self._places[name] = place
        return place


def read_tallies(folder: Path) -> Iterator[Series]:
    """The numbers that the processes keep in `folder`."""
    for path in sorted(folder.glob("*.tallies")):
        try:
            with path.open("rb") as file:
                is_live = not _takes(file.fileno(), fcntl.LOCK_SH)
                content = file.read()
        except OSError:
            continue
        if len(content) == VALUE_BYTES + NAME_BYTES:
            values = memoryview(content)[:VALUE_BYTES].cast("d")
            for place, name in enumerate(_names_in(content), start=1):
                yield Series(name, values[place], is_live)


def _shared(folder: Path | None) -> tuple[int | None, mmap.mmap]:
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = _own_file(folder)
            return descriptor, mmap.mmap(descriptor, VALUE_BYTES + NAME_BYTES)
        except OSError as error:
            log.warning("metrics_are_not_shared", extra={"fields": {"error": error.strerror}})
    return None, mmap.mmap(-1, VALUE_BYTES + NAME_BYTES)


def _own_file(folder: Path) -> int:
    """The first file of the folder that no living process has, its room taken."""
    for number in count():
        descriptor = os.open(folder / f"{number}.tallies", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if _takes(descriptor, fcntl.LOCK_EX):
            break
        os.close(descriptor)
    try:
        os.posix_fallocate(descriptor, 0, VALUE_BYTES + NAME_BYTES)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _takes(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _names_in(content: bytes) -> list[Name]:
    used = int(memoryview(content)[:8].cast("d")[0])
    return [tuple(orjson.loads(line)) for line in content[VALUE_BYTES : VALUE_BYTES + used].splitlines()]
