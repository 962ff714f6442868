"""What a version said of late about escalation, asked of the journal once a day. Knows neither HTTP nor cuts."""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

from desk.errors import JournalError

__all__ = ["RecentScores"]

BEFORE_ASKING_AGAIN: Final = timedelta(minutes=5)
"""Where the journal did not answer."""

log = logging.getLogger("pointsman.traffic")


class RecentScores:
    """Call it with a version's name for the scores of its last weeks; `ask` reads the journal, which may take a second.

    It asks once a day and version. What cannot be read leaves the scores of the day before, or none.
    """

    def __init__(self, ask: Callable[[str, datetime], tuple[float, ...]], now: Callable[[], datetime]) -> None:
        self._ask, self._now = ask, now
        self._known: tuple[str, date] | None = None
        self._failed_at: datetime | None = None
        self._scores: tuple[float, ...] = ()

    def __call__(self, version: str) -> tuple[float, ...]:
        """The scores from low to high; empty where there are none or where nobody could say."""
        now = self._now()
        wanted = (version, now.date())
        if self._known is not None and self._known[0] != version:
            self._known, self._scores, self._failed_at = None, (), None
        if self._known == wanted or self._failed_just_before(now):
            return self._scores
        try:
            self._scores = self._ask(version, now)
        except JournalError as error:
            self._failed_at = now
            log.warning("traffic_cannot_be_read", extra={"fields": {"error": str(error)}})
        else:
            self._known, self._failed_at = wanted, None
        return self._scores

    def _failed_just_before(self, now: datetime) -> bool:
        """Also where the clock has been put back since: it must not be waited for."""
        return self._failed_at is not None and timedelta() <= now - self._failed_at < BEFORE_ASKING_AGAIN
