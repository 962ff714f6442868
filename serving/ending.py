"""How a process of the service ends where it would not end by itself: with its parent, and in spite of what hangs.

Both are safe at any time: what was acknowledged lies in the local log. Knows nothing of what the process does.
"""

import logging
import os
import signal
from threading import Event, Thread
from typing import Final

__all__ = ["PARENT", "end_at_last", "end_with_parent"]

PARENT: Final = "POINTSMAN_PARENT"
"""Variable by which the parent tells its processes its id: one that is still starting may have lost it already."""

SECONDS_BETWEEN_LOOKS: Final = 0.5
SECONDS_TO_CLOSE: Final = 15.0
"""Longer than all that `Composed.close` waits for; what hangs then is a database that neither answers nor ends."""

log = logging.getLogger("pointsman.service")


def end_with_parent() -> None:
    """From now on, end this process in order, as at SIGTERM, within a second of its parent's death.

    Nobody would restart it any more, and it would keep the port from the service that is started next.
    """
    parent = int(os.environ.get(PARENT) or os.getppid())
    Thread(target=_watch_parent, args=(parent,), name="parent", daemon=True).start()


def end_at_last(seconds: float = SECONDS_TO_CLOSE) -> None:
    """End this process in `seconds` whatever its other threads wait for; Python itself would wait for them for ever."""
    Thread(target=_end_at_last, args=(seconds,), name="at-last", daemon=True).start()


def _watch_parent(parent: int) -> None:
    pause = Event()
    while os.getppid() == parent:
        pause.wait(SECONDS_BETWEEN_LOOKS)
    log.error("parent_is_gone", extra={"fields": {"parent": parent}})
    os.kill(os.getpid(), signal.SIGTERM)


def _end_at_last(seconds: float) -> None:
    Event().wait(seconds)
    os._exit(1)
