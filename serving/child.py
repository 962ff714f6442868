"""A module of ours run as a child process that says in one line of JSON how it went.

A damaged model file can kill or hang the process that parses it, and the registry's client would bring half of the
training environment along: both happen in a child. Knows nothing of what the child does.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Final

import models
from desk.errors import PointsmanError, RegistryError

__all__ = ["CODE", "Child", "Failure", "running"]

BETWEEN_LOOKS: Final = 0.1
CODE: Final = Path(models.__file__).parent.parent
"""Where the packages lie, for the child's `python -m`: a served bento starts elsewhere than a checkout."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the child failed, in words, and the kind of error, where it says one."""

    reason: str
    kind: str | None = None


class Child:
    """One child process under way."""

    def __init__(self, process: "subprocess.Popen[str]", seconds: float, stop: Event) -> None:
        self._process, self._seconds, self._stop = process, seconds, stop
        self._give_up = time.monotonic() + seconds

    def failure(self) -> Failure | None:
        """Wait for its end; None where all went well.

        Raises `PointsmanError` where the service stops meanwhile; `RegistryError`, which is tried again, where somebody
        else ended the child, and so it says nothing of what it looked at.
        """
        while True:
            try:
                said, _ = self._process.communicate(timeout=BETWEEN_LOOKS)
                return _verdict(said, self._process.returncode)
            except subprocess.TimeoutExpired:
                if self._stop.is_set():
                    raise PointsmanError("The service is stopping, or wants another version.") from None
                if time.monotonic() > self._give_up:
                    return Failure(f"it did not end within {self._seconds:g} s.")


@contextmanager
def running(arguments: Sequence[str], seconds: float, stop: Event) -> Iterator[Child]:
    """`python -m` these arguments; it has `seconds`, and is ended when the block is left."""
    process = subprocess.Popen(  # noqa: S603 - our own modules, no shell
        [sys.executable, "-m", *arguments],
        cwd=CODE,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",  # LightGBM prints bytes of what it cannot parse
    )
    try:
        yield Child(process, seconds, stop)
    finally:
        process.kill()
        process.communicate()


def _verdict(said: str, code: int) -> Failure | None:
    if code in (-signal.SIGTERM, -signal.SIGKILL):
        # At the end of the service, or where memory was short.
        raise RegistryError(f"The child process was ended from outside ({code}); it said nothing.")
    try:
        verdict = json.loads(said.strip().splitlines()[-1])
        if verdict["ok"] is True and code == 0:
            return None
        return Failure(str(verdict["error"]), verdict.get("kind"))
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError):
        return Failure(f"the child process ended with {code} and without a verdict.")
