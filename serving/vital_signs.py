"""Looks, once a second, at what of the service is a level and not an event, and puts it beside what is counted.

On the loop's thread, and of microseconds: whatever it reads is in memory. Knows neither HTTP nor Prometheus.
"""

import asyncio
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from desk.heads import CLASS_HEADS
from journal.drain import Drain
from models.version import Version
from serving.connections import Connections
from serving.house import House

__all__ = ["VitalSigns"]

SECONDS_BETWEEN_LOOKS: Final = 1.0

_WATCHED: Final = {
    "watch_drifted_features": "drift/features",
    "watch_drifted_queues": "drift/queues",
    "watch_contracts_in_breach": "contracts/in_breach",
}
_WATCHED_HEADS: Final = {
    "watch_expected_accuracy": "expected",
    "watch_measured_accuracy": "measured",
    "watch_calibration_error": "calibration_error",
}
"""Metrics, and under which name the watch's figures have them."""


class VitalSigns:
    """What one process knows of itself."""

    def __init__(self, house: House, drain: Drain, connections: Connections, now: Callable[[], datetime]) -> None:
        self._house, self._drain, self._connections, self._now = house, drain, connections, now
        self._metrics = house.metrics
        self._answering: dict[int, Version] = {}
        self._counted: dict[tuple[str, ...], int] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)

    def look(self) -> None:
        """Look once."""
        self._look_at_versions()
        self._look_at_watch()
        self._look_at_journal()
        self._look_at_connections()
        self._look_at_shadows()
        self._metrics.level("processes", 1)
        self._metrics.level("resident_bytes", _resident_bytes())

    def _look_at_versions(self) -> None:
        desks = self._house.desks.all()
        for desk in desks:
            version = desk.watch.current.version
            if version is not None and self._answering.get(id(desk)) is not version:
                self._answering[id(desk)] = version
                self._metrics.count("swaps_total")
        self._metrics.level("version_trouble", any(desk.watch.trouble is not None for desk in desks))
        champion = self._house.desks(self._house.doors.tenant).watch.current
        self._metrics.version = None if champion.version is None else champion.version.name
        age = 0.0
        if champion.version is not None and champion.promoted_at is not None:
            age = max((self._now() - champion.promoted_at).total_seconds(), 0.0)
        self._metrics.level("version_age_seconds", age)

    def _look_at_watch(self) -> None:
        """What the watch wrote last; it looks itself once a day, in another process."""
        watched = self._house.desks(self._house.doors.tenant).watch.watched
        if watched is None:
            return
        self._metrics.level("watch_age_seconds", max((self._now() - watched.at).total_seconds(), 0.0))
        for name, said in _WATCHED.items():
            self._metrics.level(name, watched.figures.get(said, 0.0))
        for name, said in _WATCHED_HEADS.items():
            for head in CLASS_HEADS:
                self._metrics.level(name, watched.figures.get(f"{head}/{said}", 0.0), head)

    def _look_at_journal(self) -> None:
        lag = self._drain.lag()
        self._metrics.level("pending_records", lag.pending)
        self._metrics.level("pending_seconds", lag.age.total_seconds())
        self._count_up(lag.set_aside, "set_aside_total")
        self._count_up(lag.damaged, "damaged_total")
        self._count_up(lag.erased, "erased_total")

    def _look_at_connections(self) -> None:
        gate = self._connections.gate
        self._metrics.level("connections", self._connections.opened)
        self._metrics.level("in_work", sum(gate.working.values()) + gate.waiting)
        self._count_up(self._connections.cut_off, "cut_off_total")
        for why, count in gate.refused.items():
            self._count_up(count, "rejected_total", why)
        refused = {id(desk.backlog): desk.backlog.refused for desk in self._house.desks.all()}
        self._count_up(sum(refused.values()), "rejected_total", "backlog")

    def _look_at_shadows(self) -> None:
        for desk in self._house.desks.all():
            if desk.shadow is not None:
                self._metrics.count_shadow(desk.shadow.newly_counted())

    def _count_up(self, now: int, *name: str) -> None:
        """Count what was added since the last look to what others count from nought."""
        added = now - self._counted.get(name, 0)
        if added > 0:
            self._metrics.count(*name, by=added)
        self._counted[name] = now


def _resident_bytes() -> float:
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0.0
    return float(pages) * os.sysconf("SC_PAGE_SIZE")
