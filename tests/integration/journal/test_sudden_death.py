"""What was acknowledged outlives the process that did it, and is there once."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from journal.database import reading
from journal.drain import Drain
from journal.log import Log
from journal.predictions import Counts, count
from journal.segments import segment_paths
from journal.tables import predictions
from tests.figures import note_figures

ANSWERING = """
import asyncio, os, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import journal.drain
from journal.database import connect
from journal.identifiers import prediction_id
from journal.log import Log
from journal.predictions import RecordedPrediction

journal.drain.ADOPT_EVERY = 0.05
url, folder = sys.argv[1:]
log = Log(Path(folder), segment_bytes=20_000, patience=timedelta(seconds=30))
log.start()
journal.drain.Drain(connect(url), log, interval=timedelta(milliseconds=5)).start()


async def answer() -> None:
    while True:
        now = datetime.now(UTC)
        name = prediction_id(now)
        await log.append(RecordedPrediction(name, "default", now, "1", {"id": name, "body": "x" * 300}, {}, 0.4))
        os.write(1, name.encode() + b"\\n")
        await asyncio.sleep(0.001)


async def serve() -> None:
    await asyncio.gather(*[answer() for _ in range(4)])


asyncio.run(serve())
"""
ROUNDS = 3
MANY_ROUNDS = 20
SEED = 20261121


def test_killing_processes_that_answer_loses_and_doubles_nothing(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    assert kept_of(engine, database_url, tmp_path / "log", ROUNDS) > 20 * ROUNDS


@pytest.mark.long
def test_killing_forty_processes_that_answer_loses_and_doubles_nothing(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    acknowledged = kept_of(engine, database_url, tmp_path / "log", MANY_ROUNDS)
    figures = {"acknowledged": acknowledged, "lost": 0, "written twice": 0}
    note_figures("The local log", f"kill -9 at {2 * MANY_ROUNDS} random points, {engine.dialect.name}", figures)


def kept_of(engine: Engine, database_url: str, folder: Path, rounds: int) -> int:
    """How many rows were acknowledged by processes that were killed, when each of them is in the database, once."""
    chance = random.Random(SEED)
    acknowledged: list[str] = []
    for _ in range(rounds):
        # Two at a time: while one dies the other lives, and adopts what it left.
        processes = [start(database_url, folder) for _ in range(2)]
        for process in processes:
            acknowledged += until_killed(process, chance.uniform(0.02, 0.4))
    with Log(folder) as log:
        drain = Drain(engine, log)
        assert drain.move()
        assert (drain.lag().set_aside, drain.lag().damaged) == (0, 0)
    assert segment_paths(folder) == []
    with reading(engine) as connection:
        kept = list(connection.scalars(select(predictions.c.prediction_id)))
    assert len(set(acknowledged)) == len(acknowledged)
    assert set(acknowledged) - set(kept) == set()
    assert count(engine) == Counts(tickets=len(kept), predictions=len(set(kept)))
    return len(acknowledged)


def start(database_url: str, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", ANSWERING, database_url, str(folder)], stdout=subprocess.PIPE)


def until_killed(process: subprocess.Popen[bytes], seconds: float) -> list[str]:
    """What the process acknowledged until it was killed, so long after its first answer."""
    assert process.stdout is not None
    first = process.stdout.readline()
    if not first:
        pytest.fail("the answering process did not start")
    time.sleep(seconds)
    process.kill()
    lines = [first, *process.stdout.read().splitlines(keepends=True)]
    process.stdout.close()
    process.wait(timeout=10)
    return [line.decode().strip() for line in lines if line.endswith(b"\n")]
