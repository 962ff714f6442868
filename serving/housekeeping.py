"""What a service sees to by itself, once an hour: rows that are too old, sessions that are over, unfinished erasings.

Knows no HTTP. Several processes may do it side by side: what one has done the other finds done.
"""

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from desk.errors import PointsmanError
from journal.environment import Environment
from journal.retention import Expired, expire_all
from journal.sessions import drop_over
from serving.forgetting import erase_unfinished
from serving.rounds import Rounds

__all__ = ["Housekeeping"]

SECONDS_BEFORE_THE_FIRST: Final = 60.0
SECONDS_BETWEEN: Final = 3600.0
UNFINISHED_AFTER: Final = timedelta(minutes=15)
"""A tombstone that is younger may have a child process that is at work for it."""

log = logging.getLogger("pointsman.housekeeping")


class Housekeeping:
    """A thread of its own, between `start` and `stop`. `ready` brings the journal's tables up to date."""

    def __init__(
        self,
        environment: Environment,
        engine: Engine,
        ready: Callable[[], None],
        now: Callable[[], datetime],
        *,
        first: float = SECONDS_BEFORE_THE_FIRST,
        between: float = SECONDS_BETWEEN,
    ) -> None:
        self._environment, self._engine = environment, engine
        self._ready, self._now = ready, now
        self._rounds = Rounds("housekeeping", self.keep_house, between, first=first)

    def start(self) -> None:
        """Begin, the first time after a minute."""
        self._rounds.start()

    def stop(self) -> None:
        """End; a child process that is at work is ended too, and started again by whoever comes next."""
        self._rounds.stop()

    def keep_house(self) -> None:
        """See to everything once; what is in the way is logged."""
        try:
            self._ready()
            drop_over(self._engine, self._now())
            gone = expire_all(self._engine, self._now(), tick=self._check)
            if gone != Expired():
                log.info("expired", extra={"fields": asdict(gone)})
        except PointsmanError as error:
            log.error("retention_failed", extra={"fields": {"error": str(error)}})
        try:
            before = self._now() - UNFINISHED_AFTER
            if erased := erase_unfinished(self._environment, self._engine, before, self._rounds.stopping):
                log.info("erased_again", extra={"fields": {"people": erased}})
        except PointsmanError as error:
            log.error("erasing_failed", extra={"fields": {"error": str(error)}})

    def _check(self) -> None:
        """Between two batches: whether the service is ending."""
        if self._rounds.stopping.is_set():
            raise PointsmanError("The service is stopping.")
