"""The service's log: JSON, one object a line, written by a thread of its own.

A request never waits for whoever reads the log: a line is kept in memory and written within a quarter of a second;
when nobody reads, the oldest lines go, and the next line says how many. No line holds an exception's words, which may
quote a ticket: its type and where it was raised are enough. Knows nothing of what is logged.
"""

import logging
import sys
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from threading import Event, Thread
from traceback import extract_tb
from typing import Any, Final, TextIO

import orjson

__all__ = ["JsonLines", "log_to"]

MOST_WAITING: Final = 20_000
SECONDS_BETWEEN_WRITES: Final = 0.25

LOGGERS: Final = ("pointsman", "bentoml", "uvicorn.error", "asyncio")
"""The service's own, and those of what it runs in, whose own form would show an exception's words."""


class JsonLines(logging.Handler):
    """Writes each record as one JSON object: `at`, `level`, `event`, and the record's `fields`."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._waiting: deque[logging.LogRecord] = deque(maxlen=MOST_WAITING)
        self._lost = 0
        self._stop = Event()
        self._thread = Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record for the next write."""
        if len(self._waiting) == MOST_WAITING:
            self._lost += 1
        self._waiting.append(record)

    def close(self) -> None:
        """Write what is left and stop."""
        self._stop.set()
        self._thread.join(timeout=2)
        super().close()

    def _run(self) -> None:
        while not self._stop.wait(SECONDS_BETWEEN_WRITES):
            self._write()
        self._write()

    def _write(self) -> None:
        lines = []
        while self._waiting:
            lines.append(_line(self._waiting.popleft()))
        lost, self._lost = self._lost, 0
        if lost:
            lines.append(orjson.dumps({"event": "log_lines_lost", "count": lost}).decode())
        if not lines:
            return
        try:
            self._stream.write("\n".join(lines) + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            # The reader is gone or the disk is full: answering tickets goes on without a log.
            self._lost += len(lines)


def log_to(stream: TextIO | None = None) -> JsonLines:
    """Send what is logged here to `stream` (standard output unless given) only; close what is returned."""
    handler = JsonLines(stream or sys.stdout)
    for name in LOGGERS:
        logger = logging.getLogger(name)
        for former in list(logger.handlers):
            logger.removeHandler(former)
            if isinstance(former, JsonLines):
                former.close()
        logger.addHandler(handler)
        logger.propagate = False
    logging.getLogger("pointsman").setLevel(logging.INFO)
    return handler


def _line(record: logging.LogRecord) -> str:
    fields: Mapping[str, Any] = getattr(record, "fields", {})
    line: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        # One line: what asyncio says after the first shows an exception's words.
        "event": record.getMessage().partition("\n")[0],
        **fields,
    }
    if record.exc_info and record.exc_info[2]:
        frames = extract_tb(record.exc_info[2])
        line["raised"] = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
    return orjson.dumps(line, default=str).decode()
