"""Moves the records of the local log into the database, in the background.

A segment goes when all of it is in the database. One that its process left behind is adopted. While the database is
down the log grows and the drain tries again; a record that the database refuses is set aside in a file, so that it
holds up nothing. Knows nothing of requests.
"""

import fcntl
import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Engine

from desk.errors import JournalError, JournalUnavailableError, RowRefusedError
from journal import segments
from journal.database import writing
from journal.erasures import is_anybody_erased, unless_erased
from journal.log import Log
from journal.outcomes import forget_outcomes
from journal.predictions import RecordedPrediction, prediction_of, record
from journal.repeats import record_repeats
from journal.segments import Segment
from journal.turns import add_beside

__all__ = ["SET_ASIDE", "Drain", "Lag", "held_set_aside"]

SET_ASIDE = "set-aside.jsonl"
"""File of the log's folder with the records that the database refused, one JSON object a line: `why` and `record`."""

LONGEST_PAUSE = 5.0
ADOPT_EVERY = 5.0
RETIRE_AFTER = 10.0
ROWS_AT_ONCE = 64

_Refused = tuple[bytes, JournalError]

logger = logging.getLogger("pointsman.journal")


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the database is behind the log, as this process knows it.

    pending: acknowledged records that are not in the database yet. age: the oldest of them is at most this old.
    set_aside, damaged: records refused by the database, and records that could not be read, since the start.
    erased: records dropped because their customer had been erased after they were scored, since the start.
    failure: why the last attempt failed, or None.
    """

    pending: int
    age: timedelta
    set_aside: int
    damaged: int
    failure: str | None
    erased: int = 0


class Drain:
    """The drain of one process's log, between `start` and `close`; it also adopts what others left in the folder.

    `secret` gives the installation's secret, which is asked for once there are tombstones: without it none is heeded.
    """

    def __init__(
        self,
        engine: Engine,
        log: Log,
        *,
        interval: timedelta = timedelta(milliseconds=200),
        secret: Callable[[], bytes] | None = None,
    ) -> None:
        self._engine = engine
        self._log = log
        self._secret = secret
        self._erased = 0
        self._interval = interval.total_seconds()
        self._adopted: list[Segment] = []
        self._next_adoption = 0.0
        self._caught_up_at = time.monotonic()
        self._set_aside = 0
        self._damaged = 0
        self._failure: str | None = None
        self._give_up_at = math.inf
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journal-drain", daemon=True)

    def start(self) -> None:
        """Start following, beginning with what was left behind."""
        self._thread.start()

    def close(self, patience: timedelta = timedelta(seconds=5)) -> None:
        """Close the log, move what can be moved, and let go of the rest: the next process will find it.

        Takes at most about `patience`, and once more what a database that hangs makes one batch wait.
        """
        self._log.close()
        self._give_up_at = time.monotonic() + patience.total_seconds()
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(patience.total_seconds())
        if self._thread.is_alive():
            return
        self.move()
        for segment in self._adopted:
            segments.release(segment)
        self._adopted.clear()
        self._log.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def lag(self) -> Lag:
        """How far behind the database is. Costs microseconds and waits for nothing."""
        pending = sum(max(segment.records - segment.moved, 0) for segment in self._held())
        age = time.monotonic() - self._caught_up_at if pending else 0.0
        left_behind = min((segment.created_at for segment in list(self._adopted)), default=None)
        if pending and left_behind is not None:
            age = max(age, time.time() - left_behind)
        return Lag(pending, timedelta(seconds=age), self._set_aside, self._damaged, self._failure, self._erased)

    def move(self) -> bool:
        """Move everything that was in the log when this began; false where the database or the disk was in the way."""
        began = time.monotonic()
        try:
            self._adopt(began)
            for segment in self._held():
                self._move_segment(segment)
        except (JournalUnavailableError, OSError) as error:
            self._note(
                str(error) if isinstance(error, JournalError) else f"The local log's folder fails: {error.strerror}."
            )
            return False
        self._caught_up_at = began
        self._note(None)
        return True

    def _run(self) -> None:
        pause = self._interval
        while not self._stop.wait(pause):
            try:
                is_well = self.move()
            except Exception as error:
                # A fault of ours must not end the drain for good; its message might hold a ticket's text.
                self._note(f"The drain failed ({type(error).__name__}).")
                is_well = False
            pause = self._interval if is_well else min(max(pause, 0.1) * 2, LONGEST_PAUSE)

    def _held(self) -> list[Segment]:
        return [*self._adopted, *self._log.held()]

    def _adopt(self, now: float) -> None:
        if now < self._next_adoption:
            return
        self._next_adoption = now + ADOPT_EVERY
        known = {segment.path for segment in self._held()}
        for path in segments.segment_paths(self._log.folder):
            segment = None if path in known else segments.adopt(path)
            if segment is not None:
                self._adopted.append(segment)
        segments.sweep(self._log.folder)

    def _move_segment(self, segment: Segment) -> None:
        # In this order: a segment that is closed grows no more.
        is_closed = segment.is_closed
        end = segment.end
        while segment.moved_to < end:
            if time.monotonic() > self._give_up_at:
                return
            batch = segments.read_batch(segment, segment.moved_to)
            self._write(batch.payloads)
            segment.moved_to = batch.next
            segment.moved += len(batch.payloads) + batch.damaged
            segment.damaged += batch.damaged
            self._damaged += batch.damaged
        if is_closed:
            self._finish(segment)
        elif segment.moved and abs(time.time() - segment.created_at) > RETIRE_AFTER:
            # Tickets' text does not lie about longer than it must, also where the clock was set back.
            self._log.retire()

    def _finish(self, segment: Segment) -> None:
        if segment in self._adopted:
            self._adopted.remove(segment)
        elif not self._log.drop(segment):
            return
        if segment.damaged:
            logger.error("A segment of the local log is damaged; kept as %s", segments.set_aside_damaged(segment).name)
        else:
            segments.discard(segment)

    def _write(self, payloads: Sequence[bytes]) -> None:
        refused: list[_Refused] = []
        try:
            self._record(_read(payloads, refused))
        except RowRefusedError:
            refused = self._record_each(payloads)
        # Last: what is tried again because the database went away is set aside once.
        for payload, error in refused:
            self._put_aside(payload, error)

    def _record(self, rows: Iterable[RecordedPrediction]) -> None:
        erased = 0
        with writing(self._engine) as connection:
            add_beside(connection)
            secret = None if self._secret is None or not is_anybody_erased(connection) else self._secret()
            remaining = iter(rows)
            while some := list(islice(remaining, ROWS_AT_ONCE)):
                kept = some if secret is None else unless_erased(connection, some, secret)
                if len(kept) < len(some):
                    erased += len(some) - len(kept)
                    # Until now nobody could tell whose tickets they were.
                    held = {id(row) for row in kept}
                    forget_outcomes(connection, [row for row in some if id(row) not in held])
                record(connection, kept)
                record_repeats(connection, kept)
                _let_others_run()
        self._erased += erased

    def _record_each(self, payloads: Sequence[bytes]) -> list[_Refused]:
        refused: list[_Refused] = []
        for payload in payloads:
            try:
                self._record(_read([payload], refused))
            except RowRefusedError as error:
                refused.append((payload, error))
        return refused

    def _put_aside(self, payload: bytes, error: JournalError) -> None:
        # The payload is JSON of one line, as orjson writes it; the reason holds no quotes.
        line = b'{"why": "' + type(error).__name__.encode() + b'", "record": ' + payload + b"}\n"
        descriptor = held_set_aside(self._log.folder)
        try:
            os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._set_aside += 1
        logger.error("A record of the local log was set aside in %s: %s", SET_ASIDE, error)

    def _note(self, failure: str | None) -> None:
        if failure is not None and self._failure is None:
            logger.warning("The journal's database does not follow the local log: %s", failure)
        elif failure is None and self._failure is not None:
            logger.warning("The journal's database follows the local log again")
        self._failure = failure


def held_set_aside(folder: Path) -> int:
    """A descriptor of the file of records set aside, made if need be, to append to or to read; nobody else holds it.

    Whoever replaces the file holds the old one meanwhile, so that no line is lost. Close it to let go.
    """
    while True:
        descriptor = os.open(folder / SET_ASIDE, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink:
                return descriptor
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _read(payloads: Sequence[bytes], refused: list[_Refused]) -> Iterator[RecordedPrediction]:
    """The rows, each read when it is asked for: as objects they take ten times their bytes. What is none is refused."""
    for payload in payloads:
        try:
            row = prediction_of(payload)
        except JournalError as error:
            refused.append((payload, error))
        else:
            yield row


def _let_others_run() -> None:
    # Whoever answers requests shares the interpreter with this thread and would wait five milliseconds for it.
    time.sleep(0)
