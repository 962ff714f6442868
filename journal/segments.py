"""Segments: the files of the local log, from made to gone, and the frames in them.

A segment begins with eight bytes that say what it is and in which format, then frames: the payload's length and CRC-32,
the CRC-32 of those two (each four bytes, little-endian), the payload. The process that holds a file's lock (`flock`)
owns it: it lives as long as that process does, then others may adopt it. Knows not what a payload means.
"""

import fcntl
import os
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

__all__ = [
    "LARGEST_PAYLOAD",
    "Batch",
    "Segment",
    "adopt",
    "create",
    "discard",
    "frame",
    "frames_from",
    "payloads_between",
    "payloads_of",
    "read_batch",
    "release",
    "segment_paths",
    "set_aside_damaged",
    "sweep",
    "write",
]

MAGIC = b"PMLOG\x00\x00\x01"
"""The last byte is the format's number. A build that changes the frames raises it and still reads the older one."""

LARGEST_PAYLOAD = 64 * 1024 * 1024
FIRST = struct.Struct("<II")
CHECK = struct.Struct("<I")
HEADER_BYTES = FIRST.size + CHECK.size
FORSAKEN_AFTER = 60


@dataclass(slots=True, eq=False)
class Segment:
    """A file that this process holds.

    end: bytes that are on the disk for good; what lies beyond was never acknowledged.
    records: how many frames they hold. is_closed: nothing more will be written.
    moved_to, moved, damaged: for whoever moves the records elsewhere: bytes and frames dealt with, and those of the
    frames that could not be read.
    """

    path: Path
    descriptor: int
    end: int = 0
    records: int = 0
    is_closed: bool = False
    moved_to: int = 0
    moved: int = 0
    damaged: int = 0

    @property
    def created_at(self) -> float:
        """Seconds since 1970, from the file's name."""
        return int(self.path.name.split("-", 1)[0]) / 1e9


@dataclass(frozen=True, slots=True)
class Batch:
    """Frames read in one go.

    next: where the following batch begins. damaged: frames, or rests of a file, that were written whole and cannot be
    read now; a frame whose writing was cut short is none of them.
    """

    payloads: list[bytes]
    next: int
    damaged: int = 0


def frame(payload: bytes) -> bytes:
    """A payload of 1 to `LARGEST_PAYLOAD` bytes in its frame."""
    first = FIRST.pack(len(payload), crc32(payload))
    return b"".join((first, CHECK.pack(crc32(first)), payload))


def segment_paths(folder: Path) -> list[Path]:
    """The segments of a folder, whoever owns them, oldest first; none where there is no folder."""
    return sorted(folder.glob("*.segment"))


def create(folder: Path) -> Segment:
    """Make an empty segment and hold it; makes the folder if need be. Raises `OSError`."""
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync_folder(folder.parent)
    path = folder / f"{time.time_ns():020d}-{os.getpid()}-{os.urandom(4).hex()}.segment"
    # It gets its name only when it is held: nobody can adopt it in between.
    unheld = path.with_suffix(".new")
    descriptor = os.open(unheld, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unheld.rename(path)
        _sync_folder(folder)
    except OSError:
        os.close(descriptor)
        unheld.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        raise
    return Segment(path, descriptor)


def adopt(path: Path) -> Segment | None:
    """Hold a segment that nobody holds any more, or None where it lives or is gone. Raises `OSError`."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        status = os.fstat(descriptor)
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            return None
        raise
    if status.st_nlink == 0:
        os.close(descriptor)
        return None
    segment = Segment(path, descriptor, end=status.st_size, is_closed=True)
    segment.records = sum(1 for _ in _hop(segment))
    return segment


def write(segment: Segment, frames: bytes, records: int) -> None:
    """Write frames behind the others; when it returns they are on the disk for good.

    Raises `OSError`; the segment then is as it was before, as far as the disk lets it be, and must be closed: what
    follows a write that failed cannot be trusted.
    """
    data = frames if segment.end else MAGIC + frames
    try:
        _write_all(segment.descriptor, data, segment.end)
        _sync_data(segment.descriptor)
    except OSError:
        with suppress(OSError):
            os.ftruncate(segment.descriptor, segment.end)
        raise
    segment.records += records
    segment.end += len(data)


def read_batch(segment: Segment, start: int, most: int = 1 << 20) -> Batch:
    """The frames from `start` (0, or the `next` of the batch before), about `most` bytes of them. Raises `OSError`."""
    if start == 0:
        if os.pread(segment.descriptor, len(MAGIC), 0) != MAGIC:
            return Batch([], segment.end, damaged=int(segment.end >= len(MAGIC)))
        start = len(MAGIC)
    data = os.pread(segment.descriptor, min(most, segment.end - start), start)
    length = _length(data, 0)
    if length is not None and HEADER_BYTES + length > len(data):
        data = os.pread(segment.descriptor, min(HEADER_BYTES + length, segment.end - start), start)
    return _parse(data, start, segment.end)


def payloads_of(content: bytes) -> list[bytes]:
    """The payloads in a whole segment's content; frames that cannot be read are passed over."""
    if not content.startswith(MAGIC):
        return []
    return _parse(content[len(MAGIC) :], len(MAGIC), len(content)).payloads


def frames_from(path: Path, start: int, most: int = 1 << 22) -> tuple[list[tuple[int, int, bytes]], int]:
    """Whole frames from `start` (0, or what the call before returned), about `most` bytes of them, and where to go on.

    Each frame is where it begins, where it ends, and its payload. For those who do not hold the segment: a frame that
    is still being written is left for the next call. Frames that cannot be read are passed over. Raises `OSError`.
    """
    with path.open("rb") as file:
        if start == 0:
            if file.read(len(MAGIC)) != MAGIC:
                return [], 0
            start = len(MAGIC)
        file.seek(start)
        data = file.read(most)
        length = _length(data, 0)
        if length is not None and HEADER_BYTES + length > len(data):
            data += file.read(HEADER_BYTES + length - len(data))
    frames: list[tuple[int, int, bytes]] = []
    at = 0
    while (length := _length(data, at)) is not None and at + HEADER_BYTES + length <= len(data):
        after = at + HEADER_BYTES + length
        payload = data[at + HEADER_BYTES : after]
        if crc32(payload) == FIRST.unpack_from(data, at)[1]:
            frames.append((start + at, start + after, payload))
        at = after
    return frames, start + at


def payloads_between(path: Path, start: int, end: int) -> list[bytes]:
    """The payloads of the frames from `start` to `end`, as `frames_from` told them. Raises `OSError`."""
    with path.open("rb") as file:
        file.seek(start)
        return _parse(file.read(end - start), start, end).payloads


def discard(segment: Segment) -> None:
    """Delete a segment that is needed no more. Raises `OSError`."""
    # Whatever becomes of the file, nobody holds it any more: what cannot be deleted now is adopted and tried again.
    try:
        segment.path.unlink(missing_ok=True)
    finally:
        os.close(segment.descriptor)


def set_aside_damaged(segment: Segment) -> Path:
    """Keep a segment that could not be read whole, under a name that nobody adopts. Raises `OSError`."""
    kept = segment.path.with_suffix(".damaged")
    try:
        segment.path.rename(kept)
    finally:
        os.close(segment.descriptor)
    return kept


def release(segment: Segment) -> None:
    """Let go of a segment: whoever comes next may adopt it."""
    os.close(segment.descriptor)


def sweep(folder: Path) -> None:
    """Delete what a process left that died while it made a segment."""
    for path in folder.glob("*.new"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > FORSAKEN_AFTER:
                path.unlink()


def _parse(data: bytes, start: int, end: int) -> Batch:
    payloads: list[bytes] = []
    damaged = 0
    at = 0
    while (length := _length(data, at)) is not None:
        after = at + HEADER_BYTES + length
        if after > len(data):
            break
        payload = data[at + HEADER_BYTES : after]
        if crc32(payload) == FIRST.unpack_from(data, at)[1]:
            payloads.append(payload)
        else:
            damaged += 1
        at = after
    if at > 0:
        return Batch(payloads, start + at, damaged)
    # Nothing can be read from here on. Zeros, or a sound header with too little behind it, are a write cut short.
    head = data[:HEADER_BYTES]
    is_lost = len(head) == HEADER_BYTES and any(head) and _length(head, 0) is None
    return Batch([], end, int(is_lost))


def _length(data: bytes, at: int) -> int | None:
    """The payload's length that a header says, or None where no sound header stands."""
    if at + HEADER_BYTES > len(data):
        return None
    first = data[at : at + FIRST.size]
    length: int = FIRST.unpack(first)[0]
    sound = CHECK.unpack_from(data, at + FIRST.size)[0] == crc32(first) and 0 < length <= LARGEST_PAYLOAD
    return length if sound else None


def _hop(segment: Segment) -> Iterator[int]:
    at = len(MAGIC)
    while (length := _length(os.pread(segment.descriptor, HEADER_BYTES, at), 0)) is not None:
        at += HEADER_BYTES + length
        if at > segment.end:
            return
        yield at


def _write_all(descriptor: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, at)
        at += written
        view = view[written:]


def _sync_data(descriptor: int) -> None:
    # Only the data and what is needed to find it, where the system can tell them apart.
    getattr(os, "fdatasync", os.fsync)(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
