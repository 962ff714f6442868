"""What was acknowledged outlives the process that did it, and is there once."""

import random
import subprocess
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
from tests.integration.journal.answering import start

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
    assert acknowledged > 20 * MANY_ROUNDS
    figures = {"acknowledged": acknowledged, "lost": 0, "written twice": 0}  # or `kept_of` would have failed
    note_figures("The local log", f"kill -9 at {2 * MANY_ROUNDS} random points, {engine.dialect.name}", figures)


def kept_of(engine: Engine, database_url: str, folder: Path, rounds: int) -> int:
    """How many rows were acknowledged by processes that were killed, when each of them is in the database, once."""
    chance = random.Random(SEED)
    acknowledged: list[str] = []
    for _ in range(rounds):
        # Two at a time: while one dies the other lives, and adopts what it left.
        processes = [start(database_url, folder, "ADOPT_EVERY=0.05") for _ in range(2)]
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
