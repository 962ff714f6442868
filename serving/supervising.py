"""`python -P …/serving/supervising.py serve …`: BentoML's command line, with a supervisor that looks more closely.

As it comes, a process that died is missed every ten seconds, and where the machine's clock is set back by an hour not
for an hour. Here it is missed within a second by a clock that nobody sets. Knows nothing of what the processes do.
"""

import os
import sys
from collections.abc import Callable
from typing import Any, Final

__all__ = ["main", "someone_died"]

SECONDS_BETWEEN_LOOKS: Final = 1.0
LOOKS_BETWEEN_ROUNDS: Final = 10
"""A whole round takes long enough for a SIGTERM to fall into it and be refused, so it is made where there is cause."""


def main() -> int:
    """Become `bentoml`, with the arguments of this process."""
    from bentoml_cli.cli import cli
    from circus import controller

    from serving.ending import PARENT

    os.environ[PARENT] = str(os.getpid())
    controller.AsyncPeriodicCallback = _steady(controller.AsyncPeriodicCallback)
    sys.argv[0] = "bentoml"
    return int(cli() or 0)


def someone_died() -> bool:
    """Whether a child of this process has ended and nobody has taken notice yet."""
    try:
        return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return False


def _steady(periodic: Any) -> Any:
    class Steady(periodic):  # type: ignore[misc]  # circus has no types
        """Calls back in time whatever the wall clock does: tornado would wait until it is past where it was."""

        def __init__(self, callback: Callable[[], Any], _milliseconds: float) -> None:
            super().__init__(self._look, SECONDS_BETWEEN_LOOKS * 1000)
            self._round = callback
            self._left = 0

        def _look(self) -> Any:
            self._left -= 1
            if self._left > 0 and not someone_died():
                return None
            self._left = LOOKS_BETWEEN_ROUNDS
            return self._round()

        def _update_next(self, current_time: float) -> None:
            self._next_timeout = current_time + self.callback_time / 1000

    return Steady


if __name__ == "__main__":
    sys.exit(main())
