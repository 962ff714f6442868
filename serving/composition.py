"""Puts the service's parts together for one process: log, drain, database, champion, and the thread beside the loop.

What cannot be reached at the start is reached later: neither the database nor the registry need be there for a process
to answer. Knows no HTTP.
"""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Engine

from journal.database import connect, migrate
from journal.drain import Drain
from journal.environment import Environment
from journal.log import Log
from journal.traffic import escalation_scores
from serving.champion import ChampionWatch, Standing
from serving.journaling import Journaling, read_standing
from serving.json_log import JsonLines, log_to
from serving.obtaining import obtain, stamp_of
from serving.traffic import RecentScores
from serving.triage import Desk

__all__ = ["Composed", "compose"]

SECONDS_BETWEEN_LOOKS = 2.0
"""At the journal's last promotion: a rollback is live within five seconds."""

SECONDS_BETWEEN_SWITCHES = 0.001
"""How long a thread may keep the interpreter from the loop; Python's own 5 ms would be seen in the p99 of a request."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A desk that answers, and what must be ended with it."""

    desk: Desk
    engine: Engine
    lines: JsonLines

    def close(self) -> None:
        """End the threads, bring the log to the database if it is there, and write the last log lines."""
        self.desk.watch.stop()
        self.desk.aside.shutdown(wait=True, cancel_futures=True)
        self.desk.journaling.drain.close()
        self.engine.dispose()
        self.lines.close()


def compose(environment: Environment) -> Composed:
    """Start everything; `desk.watch.looked` is set once the champion has been looked for.

    Raises `SettingError` where the environment is wrong.
    """
    lines = log_to()
    engine = connect(environment.database_url)
    log = Log(environment.log)
    drain = Drain(engine, log)
    watch = ChampionWatch(
        _standing_after_migration(engine),
        partial(obtain, environment),
        stamp=lambda name: stamp_of(environment.versions / name),
        traffic=RecentScores(partial(escalation_scores, engine), _now),
        remembered=environment.home / "champion.json",
        now=_now,
        seconds=SECONDS_BETWEEN_LOOKS,
    )
    log.start()
    watch.start()
    drain.start()
    sys.setswitchinterval(SECONDS_BETWEEN_SWITCHES)
    aside = ThreadPoolExecutor(1, thread_name_prefix="aside")
    return Composed(Desk(watch, Journaling(log, drain, engine), aside, _now), engine, lines)


def _standing_after_migration(engine: Engine) -> Callable[[], Standing]:
    """Reads the standing; the first time that the database answers, its tables are brought up to date before."""
    migrated = False

    def read() -> Standing:
        nonlocal migrated
        if not migrated:
            migrate(engine)
            migrated = True
        return read_standing(engine)

    return read


def _now() -> datetime:
    return datetime.now(UTC)
