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
from journal.tables import DEFAULT_TENANT
from journal.traffic import escalation_scores
from serving.champion import ChampionWatch
from serving.doors import OpenDoors
from serving.holding import Standing
from serving.house import Desks, House
from serving.journaling import Journaling, read_standing
from serving.json_log import JsonLines, log_to
from serving.obtaining import obtain, stamp_of
from serving.past_versions import PastVersions
from serving.pruning import prune_unused
from serving.traffic import RecentScores
from serving.triage import Desk

__all__ = ["Composed", "compose"]

SECONDS_BETWEEN_LOOKS = 1.0
"""At the journal's last promotion: a rollback is live within five seconds, a second of them until it is seen."""

SECONDS_BETWEEN_SWITCHES = 0.001
"""How long a thread may keep the interpreter from the loop; Python's own 5 ms would be seen in the p99 of a request."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A house that answers, and what must be ended with it. `desk` is the default tenant's."""

    house: House
    desk: Desk
    drain: Drain
    engine: Engine
    lines: JsonLines

    def close(self) -> None:
        """End the threads, bring the log to the database if it is there, and write the last log lines."""
        for desk in self.house.desks.all():
            desk.watch.stop()
        self.desk.past.close()
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
    drain = Drain(engine, log)
    aside = ThreadPoolExecutor(1, thread_name_prefix="aside")
    migrated, past = _Migrated(engine), PastVersions()

    def make(tenant: str) -> Desk:
        watch = _watch(environment, engine, migrated, tenant)
        watch.start()
        return Desk(watch, Journaling(log, drain, engine, tenant), aside, _now, environment, past)

    log.start()
    desks = Desks(make)
    desk = desks(DEFAULT_TENANT)
    drain.start()
    sys.setswitchinterval(SECONDS_BETWEEN_SWITCHES)
    return Composed(House(OpenDoors(), desks), desk, drain, engine, lines)


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
        swapped=partial(prune_unused, environment.versions, engine),
    )


def _now() -> datetime:
    return datetime.now(UTC)
