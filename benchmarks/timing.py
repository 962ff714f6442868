"""How long things take: calls side by side, and commands, with the memory that they took. Knows not what is timed."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

__all__ = ["Spent", "medians", "run"]

_WARM: Final = 10  # calls of each that do not count
_BLOCK: Final = 100  # calls that a system makes before it is another's turn


@dataclass(frozen=True, slots=True)
class Spent:
    """seconds: by the clock. said: what it wrote to stdout.

    gigabytes: the most that its largest process held, or this one when it began it: a child is a copy of it at first.
    """

    seconds: float
    gigabytes: float
    said: str


def medians(
    systems: Mapping[str, Callable[[int], object]], count: int, tick: Callable[[], object] = lambda: None
) -> dict[str, float]:
    """The median seconds of one call of each system, called with 0 to `count` - 1.

    They take turns, so that a machine that is busy for a while is so for all of them; in blocks of 100 calls, since a
    desk's service scores ticket after ticket, and a call that follows on another system's starts with caches that this
    one has emptied. `tick` is called once for each number.
    """
    taken: dict[str, list[float]] = {name: [] for name in systems}
    for call in systems.values():
        for number in range(_WARM):
            call(number % count)
    for first in range(0, count, _BLOCK):
        numbers = range(first, min(first + _BLOCK, count))
        for name, call in systems.items():
            taken[name] += [_seconds(call, number) for number in numbers]
        for _ in numbers:
            tick()
    return {name: median(seconds) for name, seconds in taken.items()}


def _seconds(call: Callable[[int], object], number: int) -> float:
    began = time.perf_counter()
    call(number)
    return time.perf_counter() - began


def run(command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> Spent:
    """Run `command` in `folder` with `variables` beside those of this process.

    Raises `RuntimeError` with what it wrote last where it fails.
    """
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        began = time.perf_counter()
        child = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **variables},
            stdout=said,
            stderr=complained,
            stdin=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        for file in (said, complained):
            file.seek(0)
        if child.returncode:
            last = complained.read().decode(errors="replace").splitlines()[-5:]
            raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}. It wrote last:\n" + "\n".join(last))
        return Spent(seconds, usage.ru_maxrss / 1e6, said.read().decode())
