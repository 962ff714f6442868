"""The local log: an answer may leave once its record is in here; the database follows (`journal/drain.py`).

One writer thread gathers whatever waits, writes it in one go, syncs once, and tells all who waited. It is woken when a
loop has done all it could do at once, and not for each record: to wake a thread, and to let it have the interpreter,
costs as much as to score a ticket. Knows not what a record means. A process has one log; several processes share the
folder, each with segments of its own.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

import orjson

from desk.errors import JournalError, JournalUnavailableError
from journal import segments
from journal.segments import Segment

__all__ = ["Log"]

GROUP_BYTES = 4 * 1024 * 1024
LONGEST_GATHERING = 0.004
"""Seconds after which a record waits no longer for what else a loop may have to write."""
SEGMENT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Frames that wait for the disk, and who waits for them: a task of `loop`, or a thread where it is None."""

    frames: bytes
    records: int
    loop: asyncio.AbstractEventLoop | None
    future: Any


class Log:
    """The local log of this process, between `start` and `close`.

    `patience` is how long an answer waits for the disk before it leaves without. A record given up like that may be
    written all the same: what was not promised may be kept, what was promised is kept.
    """

    def __init__(
        self, folder: Path, *, patience: timedelta = timedelta(seconds=1), segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        self.folder = folder
        self._patience = patience.total_seconds()
        self._segment_bytes = segment_bytes
        self._waiting: deque[_Waiting] = deque()
        self._waiting_since = 0.0
        self._arrived = 0
        self._bell: SimpleQueue[bool] = SimpleQueue()  # true: look at what waits; false: for the last time
        self._about_to_ring: set[asyncio.AbstractEventLoop] = set()
        self._segments: list[Segment] = []
        self._current: Segment | None = None
        self._lock = threading.Lock()
        self._writing_since: float | None = None
        self._is_open = False
        self._thread = threading.Thread(target=self._run, name="journal-log", daemon=True)

    def start(self) -> None:
        """Start the writer. Touches no disk: the first record makes the folder."""
        self._is_open = True
        self._thread.start()

    def close(self) -> None:
        """Write what waits and stop. Later records are refused; segments stay held until `release`."""
        if not self._is_open:
            return
        self._is_open = False
        self._bell.put(False)
        self._thread.join(timeout=self._patience)
        self._fail_all()
        if not self._thread.is_alive():
            self.retire()

    def release(self) -> None:
        """Let go of the segments, so that others adopt them. Call it when nobody in this process reads them any more.

        Where the disk hangs the writer is still at work: the end of the process lets go.
        """
        if self._thread.is_alive():
            return
        for segment in self.held():
            if self.drop(segment):
                segments.release(segment)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        self.release()

    async def append(self, *records: Any) -> None:
        """Return when the records are on the disk for good: all of them, in one group.

        A record is whatever orjson writes: a `RecordedPrediction`, or a dictionary with the same keys.
        Raises `JournalUnavailableError` where they cannot be written within the patience, `JournalError` where a record
        is no JSON value.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._submit(records, loop, future)
        if loop not in self._about_to_ring:
            self._about_to_ring.add(loop)
            loop.call_soon(self._ring, loop, 0)
        timer = loop.call_later(self._patience, _give_up, future)
        try:
            await future
        finally:
            timer.cancel()

    def write(self, *records: Any) -> None:
        """The same for a thread, which waits."""
        future: Future[None] = Future()
        self._submit(records, None, future)
        self._bell.put(True)
        try:
            future.result(self._patience)
        except FutureTimeoutError:
            raise _too_slow() from None

    def held(self) -> list[Segment]:
        """The segments of this process that are still there, oldest first; the last may still grow. Never waits."""
        return list(self._segments)

    def drop(self, segment: Segment) -> bool:
        """Forget a segment that the caller is about to discard or release; false where that was done already."""
        with self._lock:
            if segment not in self._segments:
                return False
            self._segments.remove(segment)
            return True

    def retire(self) -> None:
        """Close the segment that grows; the next record begins another."""
        with self._lock:
            self._close_current()

    def _submit(self, records: Sequence[Any], loop: asyncio.AbstractEventLoop | None, future: Any) -> None:
        since = self._writing_since
        if since is not None and time.monotonic() - since > self._patience:
            # The disk hangs: whoever joins the queue would wait in vain.
            raise _too_slow()
        frames = b"".join([_framed(record) for record in records])
        if not self._is_open:
            raise JournalUnavailableError("The local log is closed; start it before anything is answered.")
        if not self._waiting:
            self._waiting_since = time.monotonic()
        self._arrived += 1
        self._waiting.append(_Waiting(frames, len(records), loop, future))

    def _ring(self, loop: asyncio.AbstractEventLoop, arrived: int) -> None:
        """Wake the writer, unless more has arrived since `arrived` did: then it may go on to, so the next time round.

        A request that came meanwhile is worked at behind this, so that it takes two rounds to see that none did.
        """
        if self._arrived != arrived and time.monotonic() - self._waiting_since < LONGEST_GATHERING:
            loop.call_soon(self._ring, loop, self._arrived)
            return
        self._about_to_ring.discard(loop)
        self._bell.put(True)

    def _run(self) -> None:
        is_open = True
        while is_open:
            is_open = self._bell.get()
            while group := self._gather():
                _tell(group, self._commit(group))

    def _gather(self) -> list[_Waiting]:
        """Whatever waits, about `GROUP_BYTES` of it."""
        group: list[_Waiting] = []
        size = 0
        with suppress(IndexError):
            while size < GROUP_BYTES:
                group.append(self._waiting.popleft())
                size += len(group[-1].frames)
        return group

    def _commit(self, group: list[_Waiting]) -> JournalUnavailableError | None:
        self._writing_since = time.monotonic()
        try:
            with self._lock:
                segment = self._growing()
                segments.write(segment, b"".join([one.frames for one in group]), sum(one.records for one in group))
        except Exception as error:
            # Whatever it was, those who wait are told and the next group tries again, in a new segment.
            with self._lock:
                self._close_current()
            reason = error.strerror if isinstance(error, OSError) else type(error).__name__
            return JournalUnavailableError(f"The local log cannot be written: {reason}.")
        finally:
            self._writing_since = None
        return None

    def _growing(self) -> Segment:
        if self._current is not None and self._current.end >= self._segment_bytes:
            self._close_current()
        if self._current is None:
            self._current = segments.create(self.folder)
            self._segments.append(self._current)
        return self._current

    def _close_current(self) -> None:
        segment, self._current = self._current, None
        if segment is None:
            return
        segment.is_closed = True
        if segment.records == 0:
            self._segments.remove(segment)
            with suppress(OSError):
                segments.discard(segment)

    def _fail_all(self) -> None:
        with suppress(IndexError):
            while True:
                _tell([self._waiting.popleft()], JournalUnavailableError("The local log was closed."))


def _framed(record: Any) -> bytes:
    try:
        payload = orjson.dumps(record)
    except TypeError as error:
        # orjson names the type or the rule, never the value.
        raise JournalError(f"A record of the local log must be a JSON value: {error}.") from None
    if len(payload) > segments.LARGEST_PAYLOAD:
        raise JournalError(
            f"A record of the local log has at most {segments.LARGEST_PAYLOAD} bytes, not {len(payload)}."
        )
    return segments.frame(payload)


def _tell(group: list[_Waiting], error: JournalUnavailableError | None) -> None:
    by_loop: dict[asyncio.AbstractEventLoop | None, list[Any]] = {}
    for one in group:
        by_loop.setdefault(one.loop, []).append(one.future)
    for loop, futures in by_loop.items():
        if loop is None:
            _settle(futures, error)
            continue
        # A loop that was closed in the meantime has nobody left who waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, futures, error)


def _settle(futures: list[Any], error: JournalUnavailableError | None) -> None:
    for future in futures:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            # One error each: an exception collects the tracebacks of all who raise it.
            future.set_exception(JournalUnavailableError(str(error)))


def _give_up(future: Any) -> None:
    _settle([future], _too_slow())


def _too_slow() -> JournalUnavailableError:
    return JournalUnavailableError("The disk does not take the local log in time.")
