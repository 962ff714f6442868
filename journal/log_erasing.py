"""The local log without a person: which files still hold records of theirs, and the kept ones written anew without.

A segment that a living process holds cannot be rewritten; its process retires it within seconds, and the drain drops
what the tombstone forbids. Knows not who says that a customer is theirs.
"""

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from journal import segments
from journal.drain import SET_ASIDE, held_set_aside
from journal.erasures import Person, customer_of

__all__ = ["erase_set_aside", "records_in"]

_FILES: Final = ("*.segment", "*.damaged")


def records_in(folder: Path, person: Person, until: datetime) -> dict[str, int]:
    """Each file of the folder that holds records of the person from up to `until`, and how many."""
    found: dict[str, int] = {}
    for pattern in _FILES:
        for path in sorted(folder.glob(pattern)):
            # A segment that goes meanwhile is in the database, or was dropped.
            with suppress(OSError):
                payloads = segments.payloads_of(path.read_bytes())
                found[path.name] = sum(_is_theirs(payload, person, until) for payload in payloads)
    with suppress(OSError):
        lines = (folder / SET_ASIDE).read_bytes().splitlines()
        found[SET_ASIDE] = sum(_is_theirs(line, person, None) for line in lines)
    return {name: count for name, count in found.items() if count}


def erase_set_aside(folder: Path, person: Person) -> int:
    """Write damaged segments and the records set aside anew without the person's; how many records went.

    Of damaged segments others' readable records are left: what cannot be read might be theirs. Raises `OSError`.
    """
    gone = 0
    for path in sorted(folder.glob("*.damaged")):
        before = path.read_bytes()
        payloads = segments.payloads_of(before)
        kept = [payload for payload in payloads if not _is_theirs(payload, person, None)]
        after = segments.MAGIC + b"".join(map(segments.frame, kept))
        if after != before:
            _replace(path, after)
        gone += len(payloads) - len(kept)
    return gone + _erase_lines(folder, person)


def _erase_lines(folder: Path, person: Person) -> int:
    if not (folder / SET_ASIDE).exists():
        return 0
    descriptor = held_set_aside(folder)
    try:
        lines = (folder / SET_ASIDE).read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if not _is_theirs(line, person, None)]
        if len(kept) < len(lines):
            _replace(folder / SET_ASIDE, b"".join(kept))
    finally:
        os.close(descriptor)
    return len(lines) - len(kept)


def _is_theirs(payload: bytes, person: Person, until: datetime | None) -> bool:
    """Whether this is a record of theirs; with `until` only if it is not from later."""
    record: Any = None
    with suppress(orjson.JSONDecodeError):
        record = orjson.loads(payload)
    if isinstance(record, dict) and isinstance(record.get("record"), dict):
        record = record["record"]
    ticket = record.get("ticket") if isinstance(record, dict) else None
    if not isinstance(ticket, Mapping) or record.get("tenant") != person.tenant:
        return False
    return person.has(customer_of(ticket)) and (until is None or _moment(record.get("at")) <= until)


def _moment(text: Any) -> datetime:
    """When the record says that it was scored; long ago where it does not say."""
    with suppress(TypeError, ValueError):
        found = datetime.fromisoformat(text)
        if found.utcoffset() is not None:
            return found
    return datetime.fromisoformat("0001-01-02T00:00:00+00:00")


def _replace(path: Path, content: bytes) -> None:
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
