import os
import tempfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal import segments
from journal.segments import MAGIC, Segment, adopt, create, frame, payloads_of, read_batch, segment_paths, write

PAYLOADS = st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=8)


def read_all(segment: Segment, most: int = 1 << 20) -> tuple[list[bytes], int]:
    at, payloads, damaged = 0, list[bytes](), 0
    while at < segment.end:
        batch = read_batch(segment, at, most)
        assert batch.next > at
        at, damaged = batch.next, damaged + batch.damaged
        payloads += batch.payloads
    return payloads, damaged


def left_behind(content: bytes) -> tuple[list[bytes], int, int]:
    """What an adopter reads of such a file: payloads, damaged ones, and the frames that it counts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "1-1-a.segment"
        path.write_bytes(content)
        segment = adopt(path)
        assert segment is not None
        try:
            return (*read_all(segment), segment.records)
        finally:
            segments.release(segment)


def test_a_frame_is_length_checksum_their_checksum_and_payload() -> None:
    # 0xCBF43926 is the published check value of CRC-32 for these nine bytes.
    first = (9).to_bytes(4, "little") + 0xCBF43926.to_bytes(4, "little")
    assert frame(b"123456789") == first + zlib.crc32(first).to_bytes(4, "little") + b"123456789"


def test_what_was_written_is_read_in_order_however_large_the_bites(tmp_path: Path) -> None:
    segment = create(tmp_path / "log")
    written = [bytes([65 + n]) * (1 + 40 * n) for n in range(20)]
    for first in range(0, 20, 5):
        group = written[first : first + 5]
        write(segment, b"".join(map(frame, group)), len(group))
    assert segment.records == 20
    for most in (16, 100, 1 << 20):
        assert read_all(segment, most) == (written, 0)
    assert payloads_of(segment.path.read_bytes()) == written
    segments.discard(segment)


@given(PAYLOADS, st.data())
def test_a_file_cut_anywhere_holds_what_was_whole_and_nothing_of_it_is_damaged(
    payloads: list[bytes], data: st.DataObject
) -> None:
    frames = [frame(payload) for payload in payloads]
    content = MAGIC + b"".join(frames)
    cut = data.draw(st.integers(0, len(content)))
    ends = [len(MAGIC) + sum(map(len, frames[: n + 1])) for n in range(len(frames))]
    whole = [payload for payload, end in zip(payloads, ends, strict=True) if end <= cut]
    assert left_behind(content[:cut]) == (whole, 0, len(whole))
    zeros = b"\0" * data.draw(st.integers(0, 100))
    if cut in ends:
        assert left_behind(content[:cut] + zeros) == (whole, 0, len(whole))


@given(PAYLOADS, st.data())
def test_a_byte_gone_wrong_is_noticed_and_spares_the_frames_before_it(
    payloads: list[bytes], data: st.DataObject
) -> None:
    frames = [frame(payload) for payload in payloads]
    victim = data.draw(st.integers(0, len(frames) - 1))
    before = len(MAGIC) + sum(map(len, frames[:victim]))
    place = data.draw(st.integers(before, before + len(frames[victim]) - 1))
    content = bytearray(MAGIC + b"".join(frames))
    content[place] ^= data.draw(st.integers(1, 255))
    read, damaged, _ = left_behind(bytes(content))
    assert damaged == 1
    assert read[:victim] == payloads[:victim]
    if place >= before + segments.HEADER_BYTES:
        assert read == payloads[:victim] + payloads[victim + 1 :]


@given(st.binary(max_size=200))
def test_whatever_a_file_holds_reading_it_ends(content: bytes) -> None:
    for held in (content, MAGIC + content):
        payloads, damaged, frames = left_behind(held)
        assert 0 <= len(payloads) + damaged <= max(frames, 1)
        assert sum(map(len, payloads_of(held))) <= len(held)


@given(PAYLOADS, st.data())
def test_however_a_file_is_damaged_nothing_is_read_that_was_not_written(
    payloads: list[bytes], data: st.DataObject
) -> None:
    content = bytearray(MAGIC + b"".join(map(frame, payloads)))
    for _ in range(data.draw(st.integers(1, 12))):
        place = data.draw(st.integers(0, max(len(content) - 1, 0)))
        match data.draw(st.sampled_from(["bit", "cut", "lose", "insert", "zero"])):
            case "bit" if content:
                content[place] ^= 1 << data.draw(st.integers(0, 7))
            case "cut":
                del content[place:]
            case "lose":
                del content[place : place + data.draw(st.integers(1, 20))]
            case "insert":
                content[place:place] = data.draw(st.binary(min_size=1, max_size=20))
            case "zero":
                content[place : place + 8] = bytes(len(content[place : place + 8]))
    read, _, _ = left_behind(bytes(content))
    assert read == payloads_of(bytes(content))
    remaining = iter(payloads)
    assert all(one in remaining for one in read), "something else, or in another order"


def test_a_segment_that_is_held_cannot_be_adopted_and_one_let_go_can_once(tmp_path: Path) -> None:
    segment = create(tmp_path)
    assert adopt(segment.path) is None
    segments.release(segment)
    adopted = adopt(segment.path)
    assert adopted is not None
    assert adopt(segment.path) is None
    segments.discard(adopted)
    assert adopt(segment.path) is None
    assert segment_paths(tmp_path) == []


def test_tickets_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    segment = create(tmp_path / "log")
    assert segment.path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o700
    segments.discard(segment)


def test_what_a_process_left_half_made_is_swept_when_it_is_old(tmp_path: Path) -> None:
    for name, age in (("old.new", 1000), ("young.new", 0)):
        (tmp_path / name).touch()
        now = (tmp_path / name).stat().st_mtime
        os.utime(tmp_path / name, (now - age, now - age))
    segments.sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["young.new"]


def test_segments_of_no_folder_are_none(tmp_path: Path) -> None:
    assert segment_paths(tmp_path / "nowhere") == []


@pytest.mark.parametrize("failing", ["_write_all", "_sync_data"])
def test_a_write_that_fails_leaves_the_segment_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    segment = create(tmp_path)
    write(segment, frame(b"one"), 1)

    def fail(descriptor: int, *_: object) -> None:
        os.pwrite(descriptor, b"half a fra", segment.end)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(segments, failing, fail)
    with pytest.raises(OSError, match="No space"):
        write(segment, frame(b"two"), 1)
    assert segment.path.read_bytes() == MAGIC + frame(b"one")
    assert (segment.records, segment.end) == (1, len(MAGIC + frame(b"one")))
    segments.discard(segment)
