"""A process that answers: it keeps rows in its log, says which are durable, and moves them to the database."""

import subprocess
import sys
from pathlib import Path

__all__ = ["start"]

CODE = """
import asyncio, os, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import journal.drain
from journal.database import connect
from journal.identifiers import prediction_id
from journal.log import Log
from journal.predictions import RecordedPrediction

url, folder, changed = sys.argv[1:]
setattr(journal.drain, changed.split("=")[0], float(changed.split("=")[1]))
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


def start(database_url: str, folder: Path, changed: str) -> subprocess.Popen[bytes]:
    """Start one; each line of its output names a row that is durable.

    changed: one of the drain's times in seconds, such as `RETIRE_AFTER=0.1`: a test cannot wait as long as a service.
    """
    return subprocess.Popen([sys.executable, "-c", CODE, database_url, str(folder), changed], stdout=subprocess.PIPE)
