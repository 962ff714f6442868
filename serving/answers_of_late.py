"""The answers that this process gave of late, within bounds of time and size. Knows neither journals nor HTTP."""

from collections import OrderedDict
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import Final

__all__ = ["AnswersOfLate", "GivenAnswer"]

SECONDS_KEPT: Final = 600.0
"""Long enough for those who try again."""
MOST_BYTES: Final = 16_000_000
MOST_ANSWERS: Final = 10_000


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What was answered to the request with this digest."""

    digest: str
    status: int
    body: bytes


class AnswersOfLate:
    """By tenant and name; the oldest go first. For one thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], tuple[float, GivenAnswer]] = OrderedDict()
        self._bytes = 0

    def keep(self, place: tuple[str, str], given: GivenAnswer) -> None:
        """Keep an answer, unless it alone is too large."""
        self._drop_old()
        if len(given.body) <= MOST_BYTES:
            self._drop(place)
            self._kept[place] = (monotonic(), given)
            self._bytes += len(given.body)
        while self._bytes > MOST_BYTES or len(self._kept) > MOST_ANSWERS:
            self._drop(next(iter(self._kept)))

    def find(self, place: tuple[str, str], since: float = -inf) -> GivenAnswer | None:
        """What was answered, if it is still kept and was given after `since`, in the seconds of `time.monotonic`."""
        self._drop_old()
        at, found = self._kept.get(place, (-inf, None))
        if at > since:
            return found
        self._drop(place)
        return None

    def _drop_old(self) -> None:
        oldest = monotonic() - SECONDS_KEPT
        while self._kept and next(iter(self._kept.values()))[0] < oldest:
            self._drop(next(iter(self._kept)))

    def _drop(self, place: tuple[str, str]) -> None:
        if place in self._kept:
            self._bytes -= len(self._kept.pop(place)[1].body)
