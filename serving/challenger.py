"""`python -m serving.challenger VERSION DESCRIPTOR`: scores tickets in shadow, in a child process of its own.

Follows the desk's settings as a champion does, so that its answers are those that it would have given; they go into the
journal, once the prediction is there that left the house. What scores has the lowest priority, what writes has not: a
writer without a turn would keep the database locked. Ends with its parent, at the other end of the line, and at the
first ticket that the version fails on.
"""

import logging
import os
import queue
import select
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Thread, get_native_id
from typing import Any, Final

import orjson
from sqlalchemy import Engine

from desk.errors import JournalError, RowRefusedError
from desk.ticket_json import ticket_in
from journal.database import connect, writing
from journal.environment import Environment, read_environment
from journal.shadow import ShadowPrediction, record
from journal.traffic import escalation_scores
from models.scoring import NO_EXTRAS
from serving.champion import ChampionWatch
from serving.ending import end_with_parent
from serving.holding import Standing
from serving.journaling import read_standing
from serving.json_log import log_to
from serving.obtaining import made_of, obtain_for, stamp_of
from serving.traffic import RecentScores
from serving.triage import answer_by

__all__ = ["Challenger", "main"]

SECONDS_BETWEEN_LOOKS: Final = 1.0
SECONDS_BETWEEN_WRITES: Final = 0.5
SECONDS_BETWEEN_TAKING: Final = 0.05
SECONDS_TO_WAIT: Final = 60.0
"""For the prediction to come to the database: one that is not there by then is not coming, or the database is away."""
SECONDS_AT_THE_END: Final = 1.5
MOST_BYTES: Final = 16_000_000
"""Of tickets that wait to be scored, and of answers that wait to be written, each counted as its ticket."""
LARGEST: Final = 2_000_000
RECEIVED_AT_ONCE: Final = 64
NICENESS: Final = 19

log = logging.getLogger("pointsman.shadow")


class Challenger:
    """Takes tickets from `line` and journals what the version of `watch` would have answered, until the line ends."""

    def __init__(
        self, watch: ChampionWatch, engine: Engine, tenant: str, line: socket.socket, now: Callable[[], datetime]
    ) -> None:
        self._watch, self._engine, self._tenant, self._line, self._now = watch, engine, tenant, line, now
        self._waiting: deque[bytes] = deque()
        self._pending: dict[str, tuple[ShadowPrediction, int, float]] = {}
        self._bytes = 0
        self._counts = {"scored": 0, "dropped": 0, "failed": 0}
        self._is_broken = False
        self._next_write = 0.0
        self._buffer = bytearray(LARGEST)
        self._to_write: queue.SimpleQueue[list[ShadowPrediction] | None] = queue.SimpleQueue()
        self._written: queue.SimpleQueue[frozenset[str] | None] = queue.SimpleQueue()

    def run(self) -> int:
        """Work until the line ends; the process's exit code: 1 where the version failed on a ticket.

        This thread writes; what scores is one of its own, which waits meanwhile.
        """
        Thread(target=self._work, name="challenger", daemon=True).start()
        while (rows := self._to_write.get()) is not None:
            self._written.put(self._write(rows))
        return 1 if self._is_broken else 0

    def _work(self) -> None:
        _stand_back()
        try:
            self._watch.start()
            self._line.setblocking(False)
            while not self._is_broken and self._receive():
                if self._waiting:
                    self._score(self._waiting.popleft())
                if time.monotonic() >= self._next_write:
                    self._settle()
            self._settle_at_last()
        except Exception as error:
            self._is_broken = True
            log.error("challenger_failed", exc_info=True, extra={"fields": {"error": type(error).__name__}})
            self._report()
        finally:
            self._to_write.put(None)

    def _receive(self) -> bool:
        """Take in what has come, and wait for it where there is nothing else to do; false once the line has ended."""
        if not self._waiting:
            select.select([self._line], [], [], SECONDS_BETWEEN_WRITES)
        return self._take_in()

    def _take_in(self) -> bool:
        """Without waiting."""
        for _ in range(RECEIVED_AT_ONCE):
            try:
                size = self._line.recv_into(self._buffer)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if size == 0:
                return False
            if self._bytes + size > MOST_BYTES:
                self._counts["dropped"] += 1
            else:
                self._bytes += size
                self._waiting.append(bytes(self._buffer[:size]))
        return True

    def _score(self, raw: bytes) -> None:
        asked = orjson.loads(raw)
        champion = self._watch.current
        version = champion.version
        if version is None:
            self._counts["dropped"] += 1
            self._bytes -= len(raw)
            return
        name = asked["prediction_id"]
        answer = answer_by(champion, ticket_in(asked["ticket"]), NO_EXTRAS, name)
        if answer["version"] is None:
            # It said so in the log. What it cannot answer once it would fail on again, as the champion.
            self._counts["failed"] += 1
            self._is_broken = True
        row = ShadowPrediction(name, version.name, answer, self._now())
        self._pending[name] = (row, len(raw), time.monotonic())

    def _settle(self) -> None:
        """Write what can be written, let go of what waited too long, and report."""
        if self._pending:
            written = self._written_of([row for row, _, _ in self._pending.values()])
            if written is None:
                self._let_go(list(self._pending), "dropped")
            else:
                self._let_go(written, "scored")
            before = time.monotonic() - SECONDS_TO_WAIT
            self._let_go([name for name, (_, _, since) in self._pending.items() if since < before], "dropped")
        self._next_write = time.monotonic() + SECONDS_BETWEEN_WRITES
        self._report()

    def _written_of(self, rows: list[ShadowPrediction]) -> frozenset[str] | None:
        """What `_write` returns, on the thread that writes; the line is emptied meanwhile."""
        self._to_write.put(rows)
        while True:
            try:
                return self._written.get(timeout=SECONDS_BETWEEN_TAKING)
            except queue.Empty:
                self._take_in()

    def _settle_at_last(self) -> None:
        give_up = time.monotonic() + SECONDS_AT_THE_END
        self._settle()
        while self._pending and time.monotonic() < give_up:
            time.sleep(0.1)
            self._settle()
        self._let_go(list(self._pending), "dropped")
        self._counts["dropped"] += len(self._waiting)
        self._report()

    def _let_go(self, names: Sequence[str] | frozenset[str], outcome: str) -> None:
        for name in names:
            row, size, _ = self._pending.pop(name)
            self._bytes -= size
            if row.answer["version"] is not None:  # one that failed is counted as that
                self._counts[outcome] += 1

    def _write(self, rows: list[ShadowPrediction]) -> frozenset[str] | None:
        """The predictions that are through; None where a row is none that the database takes."""
        try:
            with writing(self._engine) as connection:
                return record(connection, rows, self._tenant)
        except RowRefusedError as error:
            log.error("shadow_not_journaled", extra={"fields": {"rows": len(rows), "error": str(error)}})
            return None
        except JournalError:
            return frozenset()  # the watch reports it; tried again until they have waited too long

    def _report(self) -> None:
        version, trouble = self._watch.current.version, self._watch.trouble
        said: dict[str, Any] = {
            **self._counts,
            "version": None if version is None else version.name,
            "trouble": None if trouble is None else trouble.error,
            "is_broken": self._is_broken,
        }
        if self._is_broken:
            said["trouble"] = "It failed on a ticket; the log says where."
        with suppress(OSError):  # nobody listens at the moment: the next one says it all again
            self._line.send(orjson.dumps(said))


def main(arguments: Sequence[str] | None = None) -> int:
    """Score in shadow until the line ends."""
    name, descriptor = sys.argv[1:] if arguments is None else arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which then hangs up
    end_with_parent()
    environment = read_environment()
    lines = log_to()
    engine = connect(environment.database_url)
    try:
        with socket.socket(fileno=int(descriptor)) as line:
            return Challenger(_watch(environment, engine, name), engine, environment.tenant, line, _now).run()
    finally:
        lines.close()


def _watch(environment: Environment, engine: Engine, name: str) -> ChampionWatch:
    """What follows the settings, and holds the version of this name as if it had been promoted."""
    tenant = environment.tenant

    def standing() -> Standing:
        return replace(read_standing(engine, tenant), version=name, promoted_at=None)

    def made(version: str) -> Any:
        return made_of(_folder(environment, version))

    return ChampionWatch(
        standing,
        partial(obtain_for, environment, tenant),
        stamp=lambda version: stamp_of(_folder(environment, version)),
        traffic=RecentScores(partial(escalation_scores, engine, tenant=tenant), _now),
        remembered=None,
        now=_now,
        seconds=SECONDS_BETWEEN_LOOKS,
        made=made,
        role="challenger",
    )


def _folder(environment: Environment, version: str) -> Path:
    return environment.versions / version


def _stand_back() -> None:
    """Let this thread, and those that it starts, have a core only where nobody else wants it much."""
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))  # never takes a core from who has it
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, get_native_id(), NICENESS)


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    sys.exit(main())
