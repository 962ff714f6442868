"""Versions that answered earlier, made ready again for replays, one at a time and beside everything else.

One is kept for a few minutes, since who asks for one old prediction asks for the next. A thread of its own does the
work: however many replays are asked for, triage keeps its threads. Knows neither HTTP nor what a replay is.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock, Timer
from typing import Final, TypeVar

from journal.environment import Environment
from models.version import Version
from serving.obtaining import made_of, obtain

__all__ = ["PastVersions"]

SECONDS_KEPT: Final = 300.0
"""After its last use: an old version takes as much memory as the one that answers."""

MOST_WAITING: Final = 8

_Said = TypeVar("_Said")


class PastVersions:
    """Call it for a version by name; `beside` is where to do that."""

    def __init__(self, seconds_kept: float = SECONDS_KEPT) -> None:
        self._seconds_kept = seconds_kept
        self._kept: tuple[Version, float] | None = None
        self._made: object = None
        self._lock = Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="replay")
        self._waiting, self._counting = 0, Lock()
        self._timer: Timer | None = None
        self._stop = Event()

    def __call__(self, environment: Environment, name: str) -> Version:
        """The version of this name, from memory or as `serving.obtaining.obtain` has it, and raises what that does."""
        with self._lock:
            made = made_of(environment.versions / name)
            # One that was written anew, as when a person was erased from it, must not be kept as it was.
            if self._kept is None or self._kept[0].name != name or self._made != made:
                self._kept = None  # first let go of the other: two would need the memory of both
                self._kept = (obtain(environment, name, self._stop), 0.0)
                self._made = made_of(environment.versions / name)
            version = self._kept[0]
            self._kept = (version, time.monotonic() + self._seconds_kept)
            self._let_go_in(self._seconds_kept)
        return version

    def beside(self, work: Callable[[], _Said]) -> "Future[_Said] | None":
        """Have it done on the thread for replays; None where too many are waiting for it already."""
        with self._counting:
            if self._waiting >= MOST_WAITING:
                return None
            self._waiting += 1
        future = self._thread.submit(work)
        future.add_done_callback(self._one_less)
        return future

    def close(self) -> None:
        """End what is under way: a child process at once."""
        self._stop.set()
        if self._timer is not None:
            self._timer.cancel()
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._kept = None

    def _one_less(self, _: object) -> None:
        with self._counting:
            self._waiting -= 1

    def _let_go_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = Timer(seconds, self._let_go)
        self._timer.daemon = True
        self._timer.start()

    def _let_go(self) -> None:
        with self._lock:
            if self._kept is not None and time.monotonic() >= self._kept[1]:
                self._kept = None
