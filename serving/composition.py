"""Puts the service's parts together for one process: log, drain, database, champions, and the thread beside the loop.

What cannot be reached at the start is reached later: neither the database nor the registry need be there for a process
to answer. Knows no HTTP.
"""

import os
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
from serving.champion import ChampionWatch
from serving.doors import Doors, KeyedDoors, OpenDoors
from serving.holding import Standing
from serving.house import Desks, House
from serving.housekeeping import Housekeeping
from serving.journaling import Journaling, read_known, read_standing
from serving.json_log import JsonLines, log_to
from serving.key_ring import KeyRing, Known
from serving.metrics import Metrics
from serving.obtaining import made_of, obtain_for, stamp_of
from serving.overload import Backlog
from serving.past_versions import PastVersions
from serving.pruning import prune_unused
from serving.shadow import Shadow
from serving.traffic import RecentScores
from serving.triage import Desk

__all__ = ["Composed", "compose"]

SECONDS_BETWEEN_LOOKS = 1.0
"""At the journal's last promotion: a rollback is live within five seconds, a second of them until it is seen."""

SECONDS_BETWEEN_SWITCHES = 0.001
"""How long a thread may keep the interpreter from the loop; Python's own 5 ms would be seen in the p99 of a request."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A house that answers, and what must be ended with it. `desk` is that of the environment's tenant."""

    house: House
    desk: Desk
    ring: KeyRing | None
    drain: Drain
    housekeeping: Housekeeping
    engine: Engine
    lines: JsonLines

    def close(self) -> None:
        """End the threads, bring the log to the database if it is there, and write the last log lines."""
        self.housekeeping.stop()
        if self.ring is not None:
            self.ring.stop()
        for desk in self.house.desks.all():
            if desk.shadow is not None:
                desk.shadow.stop()
            desk.watch.stop()
        self.desk.past.close()
        self.desk.aside.shutdown(wait=True, cancel_futures=True)
        if self.desk.beside is not None:
            self.desk.beside.shutdown(wait=True)
        self.drain.close()
        self.engine.dispose()
        self.house.metrics.close()
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
    beside = ThreadPoolExecutor(1, thread_name_prefix="beside") if _has_a_core_to_spare(environment) else None
    migrated, past = _Migrated(engine), PastVersions()
    metrics, backlog = Metrics(environment.metrics), Backlog()

    def make(tenant: str) -> Desk:
        watch = _watch(environment, engine, migrated, tenant)
        watch.start()
        journaling = Journaling(log, drain, engine, tenant)
        shadow = Shadow(environment, tenant, watch, SECONDS_BETWEEN_LOOKS)
        shadow.start()
        return Desk(watch, journaling, aside, _now, environment, metrics, backlog, past, beside, shadow)

    log.start()
    desks = Desks(make)
    desk = desks(environment.tenant)
    drain.start()
    housekeeping = Housekeeping(environment, engine, migrated, _now)
    housekeeping.start()
    sys.setswitchinterval(SECONDS_BETWEEN_SWITCHES)
    ring = _ring(environment, engine, migrated, desks) if environment.are_keys_required else None
    doors = OpenDoors(environment.tenant) if ring is None else _doors(environment, ring)
    return Composed(House(doors, desks, metrics), desk, ring, drain, housekeeping, engine, lines)


def _ring(environment: Environment, engine: Engine, migrated: Callable[[], None], desks: Desks) -> KeyRing:
    """The keys, looked at in the background; each tenant that has one gets a desk, whose version is then at hand."""

    def read() -> Known:
        migrated()
        return read_known(engine)

    def met(tenants: set[str]) -> None:
        for tenant in tenants:
            desks(tenant)

    ring = KeyRing(read, remembered=environment.home / "keys.json", met=met, seconds=SECONDS_BETWEEN_LOOKS)
    ring.start()
    return ring


def _doors(environment: Environment, ring: KeyRing) -> Doors:
    return KeyedDoors(ring, installation_secret(environment), _now, environment.workers, environment.tenant)


def _has_a_core_to_spare(environment: Environment) -> bool:
    return len(os.sched_getaffinity(0)) > environment.workers


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
        partial(obtain_for, environment, tenant),
        stamp=lambda version: stamp_of(environment.versions / version),
        traffic=RecentScores(partial(escalation_scores, engine, tenant=tenant), _now),
        remembered=environment.home / name,
        now=_now,
        seconds=SECONDS_BETWEEN_LOOKS,
        swapped=partial(prune_unused, environment.versions, engine),
        made=lambda version: made_of(environment.versions / version),
    )


def _now() -> datetime:
    return datetime.now(UTC)
