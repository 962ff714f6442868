"""Holds up who tries to sign in too often: failures count by address, and together. Knows neither keys nor pages."""

from collections import OrderedDict
from time import monotonic
from typing import Final

__all__ = ["Throttle"]

MOST_FAILURES: Final = 5
"""Of one address within `SECONDS`; a typing error or two are forgiven."""

MOST_OF_ALL: Final = 100
"""Of all addresses together: many may try for one."""

SECONDS: Final = 60.0
_MOST_ADDRESSES: Final = 10_000


class Throttle:
    """Counts failures of one process."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, list[float]] = OrderedDict()
        self._of_all: list[float] = []

    def seconds_to_wait(self, address: str) -> float:
        """0 for who may try now."""
        now = monotonic()
        mine = [at for at in self._failures.get(address, ()) if now - at < SECONDS]
        self._of_all = [at for at in self._of_all if now - at < SECONDS]
        for found, most in ((mine, MOST_FAILURES), (self._of_all, MOST_OF_ALL)):
            if len(found) >= most:
                return SECONDS - (now - found[0])
        return 0.0

    def failed(self, address: str) -> None:
        """Remember one."""
        now = monotonic()
        kept = [at for at in self._failures.pop(address, ()) if now - at < SECONDS]
        self._failures[address] = [*kept, now][-MOST_FAILURES:]
        self._of_all = [*self._of_all, now][-MOST_OF_ALL:]
        while len(self._failures) > _MOST_ADDRESSES:
            self._failures.popitem(last=False)
