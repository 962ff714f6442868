"""Puts the service's parts together for one process: log, drain, database, champions, and the thread beside the loop.

What cannot be reached at the start is reached later: neither the database nor the registry need be there for a process
to answer. Knows no HTTP.
"""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from threading import Lock

from sqlalchemy import Engine

from journal.database import connect, migrate
from journal.drain import Drain
from journal.environment import Environment
from journal.log import Log
from journal.secret import installation_secret
from journal.tables import DEFAULT_TENANT
from journal.traffic import escalation_scores
from serving.champion import ChampionWatch, Standing
from serving.doors import OpenDoors
from serving.house import Desks, House
from serving.housekeeping import Housekeeping
from serving.journaling import Journaling, read_standing
from serving.json_log import JsonLines, log_to
from serving.obtaining import made_of, obtain, stamp_of
from serving.traffic import RecentScores
from serving.triage import Desk

__all__ = ["Composed", "compose"]

SECONDS_BETWEEN_LOOKS = 2.0
"""At the journal's last promotion: a rollback is live within five seconds."""

SECONDS_BETWEEN_SWITCHES = 0.001
"""How long a thread may keep the interpreter from the loop; Python's own 5 ms would be seen in the p99 of a request."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A house that answers, and what must be ended with it. `desk` is the default tenant's."""

    house: House
    desk: Desk
    drain: Drain
    housekeeping: Housekeeping
    engine: Engine
    lines: JsonLines

    def close(self) -> None:
        """End the threads, bring the log to the database if it is there, and write the last log lines."""
        self.housekeeping.stop()
        for desk in self.house.desks.all():
            desk.watch.stop()
        self.desk.aside.shutdown(wait=True, cancel_futures=True)
        self.drain.close()
        self.engine.dispose()
        self.lines.close()


def compose(environment: Environment) -> Composed:
    """Start everything; `desk.watch.looked` is set once the champion has been looked for.

    Raises `SettingError` where the environment is wrong.
    """
    lines = log_to()
    engine = connect(environment.database_url)
    log = Log(environment.log)
    drain = Drain(engine, log, secret=partial(installation_secret, environment))
    aside = ThreadPoolExecutor(1, thread_name_prefix="aside")
    migrated = _Migrated(engine)

    def make(tenant: str) -> Desk:
        watch = _watch(environment, engine, migrated, tenant)
        watch.start()
        return Desk(watch, Journaling(log, drain, engine, tenant), aside, _now, environment)

    log.start()
    desks = Desks(make)
    desk = desks(DEFAULT_TENANT)
    drain.start()
    housekeeping = Housekeeping(environment, engine, migrated, _now)
    housekeeping.start()
    sys.setswitchinterval(SECONDS_BETWEEN_SWITCHES)
    return Composed(House(OpenDoors(), desks), desk, drain, housekeeping, engine, lines)


class _Migrated:
    """Brings the tables up to date when the database first answers; call it before they are read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._is_done = False

    def __call__(self) -> None:
        with self._lock:
            if not self._is_done:
                migrate(self._engine)
                self._is_done = True


def _watch(environment: Environment, engine: Engine, migrated: Callable[[], None], tenant: str) -> ChampionWatch:
    def standing() -> Standing:
        migrated()
        return read_standing(engine, tenant)

    name = "champion.json" if tenant == DEFAULT_TENANT else f"champion.{tenant}.json"
    return ChampionWatch(
        standing,
        partial(obtain, environment),
        stamp=lambda version: stamp_of(environment.versions / version),
        traffic=RecentScores(partial(escalation_scores, engine, tenant=tenant), _now),
        remembered=environment.home / name,
        now=_now,
        seconds=SECONDS_BETWEEN_LOOKS,
        made=lambda version: made_of(environment.versions / version),
    )


def _now() -> datetime:
    return datetime.now(UTC)
