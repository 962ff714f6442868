import asyncio
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from desk.errors import JournalError, JournalUnavailableError
from journal import segments
from journal.log import Log
from journal.segments import payloads_of, segment_paths


def contents(folder: Path) -> list[list[object]]:
    """The records of each segment."""
    return [[orjson.loads(one) for one in payloads_of(path.read_bytes())] for path in segment_paths(folder)]


def test_what_was_awaited_is_in_the_file(tmp_path: Path) -> None:
    async def answer(log: Log) -> None:
        await asyncio.gather(*[log.append({"n": n}) for n in range(100)])
        await log.append({"n": 100}, {"n": 101})

    with Log(tmp_path / "log") as log:
        asyncio.run(answer(log))
        assert contents(tmp_path / "log") == [[{"n": n} for n in range(102)]]


def test_threads_may_write_too(tmp_path: Path) -> None:
    with Log(tmp_path) as log:
        threads = [threading.Thread(target=log.write, args=({"n": n},)) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (records,) = contents(tmp_path)
    assert sorted(record["n"] for record in records) == list(range(20))  # type: ignore[index]


def test_those_who_wait_together_share_one_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    gate = threading.Event()
    sync = segments._sync_data

    def wait_and_sync(descriptor: int) -> None:
        gate.wait(5)
        synced.append(descriptor)
        sync(descriptor)

    monkeypatch.setattr(segments, "_sync_data", wait_and_sync)

    async def answer(log: Log) -> None:
        first = asyncio.ensure_future(log.append({"n": 0}))
        await asyncio.sleep(0.05)
        others = [asyncio.ensure_future(log.append({"n": n})) for n in range(1, 51)]
        await asyncio.sleep(0.05)
        gate.set()
        await asyncio.gather(first, *others)

    with Log(tmp_path, patience=timedelta(seconds=5)) as log:
        asyncio.run(answer(log))
    assert len(synced) == 2


def test_a_full_segment_is_followed_by_another(tmp_path: Path) -> None:
    with Log(tmp_path, segment_bytes=100) as log:
        for n in range(5):
            log.write({"n": n, "text": "x" * 60})
        assert [len(one) for one in contents(tmp_path)] == [2, 2, 1]
        assert [segment.is_closed for segment in log.held()] == [True, True, False]


def test_a_folder_that_cannot_be_written_fails_who_waits_and_is_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    folder.write_text("in the way")
    with Log(folder) as log:
        with pytest.raises(JournalUnavailableError, match="cannot be written"):
            asyncio.run(log.append({"n": 1}))
        with pytest.raises(JournalUnavailableError, match="cannot be written"):
            log.write({"n": 2})
        folder.unlink()
        log.write({"n": 3})
        assert contents(folder) == [[{"n": 3}]]


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from desk.errors import JournalUnavailableError
from journal.log import Log

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Log(Path(sys.argv[1])) as log:
    log.write({"n": 0})
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
    for n in (1, 2):
        try:
            log.write({"n": n, "text": "x" * 5000})
        except JournalUnavailableError as error:
            print(error)
    log.write({"n": 3})
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    log.write({"n": 4})
"""


def test_where_the_system_takes_no_more_bytes_the_answer_says_so_and_nothing_before_is_lost(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=True, timeout=20
    )
    assert done.stdout.splitlines() == ["The local log cannot be written: File too large."] * 2
    assert contents(tmp_path) == [[{"n": 0}], [{"n": 3}, {"n": 4}]]


def test_a_disk_that_hangs_fails_who_waits_in_time_and_who_comes_later_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    monkeypatch.setattr(segments, "_sync_data", lambda _: gate.wait(5))

    async def answer(log: Log) -> float:
        with pytest.raises(JournalUnavailableError, match="in time"):
            await log.append({"n": 1})
        loop = asyncio.get_running_loop()
        began = loop.time()
        with pytest.raises(JournalUnavailableError, match="in time"):
            await log.append({"n": 2})
        return loop.time() - began

    with Log(tmp_path, patience=timedelta(seconds=0.2)) as log:
        assert asyncio.run(answer(log)) < 0.1
        gate.set()


def test_one_who_gives_up_waiting_disturbs_nobody_else(tmp_path: Path) -> None:
    async def answer(log: Log) -> None:
        tasks = [asyncio.ensure_future(log.append({"n": n})) for n in range(10)]
        await asyncio.sleep(0)
        tasks[3].cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert [isinstance(one, asyncio.CancelledError) for one in done] == [n == 3 for n in range(10)]

    with Log(tmp_path) as log:
        asyncio.run(answer(log))


@pytest.mark.parametrize("record", [{"a", "b"}, {"text": "\ud800"}, object()])
def test_what_is_no_json_value_is_refused_at_once(tmp_path: Path, record: object) -> None:
    with Log(tmp_path) as log, pytest.raises(JournalError, match="JSON value"):
        log.write(record)


def test_times_are_written_with_their_zone(tmp_path: Path) -> None:
    with Log(tmp_path) as log:
        log.write({"at": datetime(2026, 11, 21, 10, 0, 0, 5, tzinfo=UTC)})
        assert contents(tmp_path) == [[{"at": "2026-11-21T10:00:00.000005+00:00"}]]


def test_a_log_that_is_closed_takes_no_more(tmp_path: Path) -> None:
    with Log(tmp_path) as log:
        log.write({"n": 1})
    with pytest.raises(JournalUnavailableError, match="closed"):
        log.write({"n": 2})


def test_an_unused_log_touches_no_disk(tmp_path: Path) -> None:
    with Log(tmp_path / "log"):
        pass
    assert list(tmp_path.iterdir()) == []
