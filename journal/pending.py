"""Finds predictions that are still in the local log, of whichever process on this machine.

Reads segments without holding them. Knows nothing of how they get into the database.
"""

from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine

from desk.errors import JournalError, JournalUnavailableError
from journal import predictions, segments
from journal.predictions import RecordedPrediction, prediction_of
from journal.tables import DEFAULT_TENANT

__all__ = ["find_pending", "look_up"]

PIECE_BYTES = 1 << 20


def look_up(
    engine: Engine, folder: Path, prediction_id: str, tenant: str = DEFAULT_TENANT
) -> RecordedPrediction | None:
    """The prediction of this name, in the database or still in the log, or None where this tenant has none.

    Raises `JournalUnavailableError` where the log does not have it and the database does not answer.
    """
    with suppress(JournalUnavailableError):
        found = predictions.find(engine, prediction_id, tenant)
        if found is not None:
            return found
    pending = find_pending(folder, prediction_id, tenant)
    # Once more: it may have moved from the one to the other between the two looks.
    return pending or predictions.find(engine, prediction_id, tenant)


def find_pending(folder: Path, prediction_id: str, tenant: str = DEFAULT_TENANT) -> RecordedPrediction | None:
    """The prediction of this name, if the local log in `folder` holds it for this tenant."""
    for path in reversed(segments.segment_paths(folder)):
        # A segment that goes meanwhile is in the database.
        with suppress(OSError):
            found = _find_in(path, prediction_id, tenant)
            if found is not None:
                return found
    return None


def _find_in(path: Path, prediction_id: str, tenant: str) -> RecordedPrediction | None:
    name = prediction_id.encode(errors="replace")
    if not name or not _mentions(path, name):
        return None
    for payload in segments.payloads_of(path.read_bytes()):
        if name not in payload:
            continue
        with suppress(JournalError):
            row = prediction_of(payload)
            if row.prediction_id == prediction_id and row.tenant == tenant:
                return row
    return None


def _mentions(path: Path, name: bytes) -> bool:
    # Piece by piece: a long log is looked through without keeping the interpreter from answering requests.
    before = b""
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            if name in before + piece:
                return True
            before = piece[-len(name) :]
    return False
