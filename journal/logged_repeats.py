"""Finds repeated requests that are still in the local log, of whichever process on this machine.

Reads on from where it left off, so that looking costs what was written since. Reads segments without holding them.
"""

from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final

from desk.errors import JournalError
from journal import segments
from journal.predictions import RecordedPrediction, prediction_of
from journal.repeats import KEPT, Repeat, body_of

__all__ = ["LoggedRepeats"]

MARK: Final = b'"repeat":{'
"""In a record that may be asked for again; text of a ticket cannot hold it, for its quotes are escaped."""

LONGEST_BATCH: Final = 4_096


@dataclass(slots=True)
class _Reading:
    """How far a segment was read, where its newest records begin, and the bytes of what was found, by tenant and name.

    A batch is written in one go and its last record names it, so all of it lies together.
    """

    next: int = 0
    starts: deque[int] = field(default_factory=lambda: deque(maxlen=LONGEST_BATCH))
    found: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)


class LoggedRepeats:
    """The repeats in one folder of segments. Threads take turns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._readings: dict[Path, _Reading] = {}

    def find(self, tenant: str, name: str, *, now: datetime) -> Repeat | None:
        """What the log holds of the first request of this name in the last 24 hours, or None. Raises `OSError`."""
        with self._lock:
            self._read_on()
            places = [(path, one.found.get((tenant, name))) for path, one in self._readings.items()]
        for path, place in places:
            # A segment that went meanwhile is in the database.
            with suppress(FileNotFoundError):
                found = None if place is None else _repeat(path, *place, name)
                if found is not None and found.at >= now - KEPT:
                    return found
        return None

    def _read_on(self) -> None:
        paths = segments.segment_paths(self._folder)
        self._readings = {path: self._readings.get(path, _Reading()) for path in paths}
        for path, reading in self._readings.items():
            with suppress(FileNotFoundError):
                while path.stat().st_size > reading.next and _read_some(path, reading):
                    pass


def _read_some(path: Path, reading: _Reading) -> bool:
    """Whether anything whole was there."""
    before = reading.next
    frames, reading.next = segments.frames_from(path, before)
    for start, end, payload in frames:
        reading.starts.append(start)
        if MARK in payload:
            _note(reading, payload, end)
    return reading.next > before


def _note(reading: _Reading, payload: bytes, end: int) -> None:
    with suppress(JournalError):
        row = prediction_of(payload)
        count = _count(row)
        if row.repeat is not None and count <= len(reading.starts):
            reading.found.setdefault((row.tenant, row.repeat["name"]), (reading.starts[-count], end))


def _count(row: RecordedPrediction) -> int:
    return 1 if row.repeat is None else len(row.repeat.get("predictions", (row.prediction_id,)))


def _repeat(path: Path, start: int, end: int, name: str) -> Repeat | None:
    try:
        rows = [prediction_of(payload) for payload in segments.payloads_between(path, start, end)]
    except JournalError:
        return None
    last = rows[-1] if rows else None
    if last is None or last.repeat is None or last.repeat["name"] != name:
        return None
    ids = last.repeat.get("predictions", [last.prediction_id])
    if ids != [row.prediction_id for row in rows]:
        return None
    body = body_of([row.answer for row in rows], is_batch=last.repeat["batch"])
    return Repeat(last.repeat["request"], last.repeat["status"], {"body": body}, last.at)
