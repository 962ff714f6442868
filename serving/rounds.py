"""Work that a process of the service does by itself every few seconds, on a thread of its own.

The thread outlives whatever goes wrong in a round. Knows not what the work is.
"""

import logging
from collections.abc import Callable
from threading import Event, Thread

__all__ = ["Rounds"]

log = logging.getLogger("pointsman.rounds")


class Rounds:
    """Calls `work` every `seconds`, the first time after `first` of them, between `start` and `stop`.

    name: of the thread, and of the log's line `<name>_failed` where a round fails. `stopping` is set when the rounds
    are to end, for work that takes long; `been_round` after the first.
    """

    def __init__(self, name: str, work: Callable[[], None], seconds: float, *, first: float = 0.0) -> None:
        self.stopping, self.been_round = Event(), Event()
        self._name, self._work, self._seconds, self._first = name, work, seconds, first
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; a round that is under way has five seconds."""
        self.stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        pause = self._first
        while not self.stopping.wait(pause):
            try:
                self._work()
            except Exception as error:
                # What follows the journal must outlive what nobody foresaw. The log shows no error's words.
                fields = {"error": type(error).__name__}
                log.error(f"{self._name}_failed", exc_info=True, extra={"fields": fields})
            self.been_round.set()
            pause = self._seconds
