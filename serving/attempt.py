"""A version being made ready on a thread of its own, so that whoever waits for it can look at other things meanwhile.

Knows neither versions' files nor promotions.
"""

from collections.abc import Callable
from threading import Event, Thread

from models.version import Version

__all__ = ["Attempt"]


class Attempt:
    """`obtain` at work on one version, from the start of this on; `give_up` asks it to end early."""

    def __init__(self, obtain: Callable[[str, Event], Version], name: str) -> None:
        self._obtain, self._name = obtain, name
        self._stop, self._done = Event(), Event()
        self._version: Version | None = None
        self._error: Exception | None = None
        Thread(target=self._run, name=f"version-{name}", daemon=True).start()

    def is_done(self, seconds: float) -> bool:
        """Whether it has ended, waited for at most so long."""
        return self._done.wait(seconds)

    def give_up(self) -> None:
        """Ask it to end: a child process is ended at once, a version that is being parsed is parsed first."""
        self._stop.set()

    def result(self) -> Version:
        """The version, once it is done. Raises what `obtain` raised."""
        if self._error is not None:
            raise self._error
        if self._version is None:
            raise ValueError(f"Version {self._name!r} is not ready yet; wait until `is_done`.")
        return self._version

    def _run(self) -> None:
        try:
            self._version = self._obtain(self._name, self._stop)
        except Exception as error:
            self._error = error
        finally:
            self._done.set()
