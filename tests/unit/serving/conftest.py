"""A desk with a real journal and no version, and its app in a test client."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from journal.database import connect, migrate
from journal.drain import Drain
from journal.environment import read_environment
from journal.log import Log
from serving.app import build_app
from serving.champion import ChampionWatch, Standing
from serving.house import House, open_house
from serving.journaling import Journaling, read_standing
from serving.triage import Desk


def no_version(name: str, stop: object) -> None:
    raise AssertionError(f"nobody promoted {name!r} to {stop!r}")


@contextmanager
def desk_in(folder: Path) -> Iterator[Desk]:
    engine = connect(f"sqlite:///{folder / 'journal.db'}")
    migrate(engine)
    log = Log(folder / "log")
    drain = Drain(engine, log)
    log.start()
    drain.start()

    def now() -> datetime:
        return datetime.now(UTC)

    def standing() -> Standing:
        return read_standing(engine)

    remembered = folder / "champion.json"
    watch = ChampionWatch(
        standing,
        no_version,
        stamp=str,
        traffic=lambda _: (),
        remembered=remembered,
        now=now,
        seconds=60,  # type: ignore[arg-type]
    )
    watch.look()
    watch.looked.set()
    with ThreadPoolExecutor(1) as aside:
        yield Desk(watch, Journaling(log, drain, engine), aside, now, read_environment({"POINTSMAN_HOME": str(folder)}))
    drain.close()
    engine.dispose()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_in(tmp_path_factory.mktemp("desk")) as made:
        yield made


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[Callable[[], Desk]]:
    """Makes a desk of a test's own, with a journal that nobody wrote to; each further one is as another process."""
    with ExitStack() as made:
        yield lambda: made.enter_context(desk_in(tmp_path))


@pytest.fixture(scope="module")
def house(desk: Desk) -> House:
    return open_house(desk)


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[TestClient]:
    with TestClient(build_app(house), raise_server_exceptions=True, follow_redirects=False) as made:
        yield made


class Lines(logging.Handler):
    """What the service logged."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def fields(self, event: str) -> list[dict[str, Any]]:
        return [record.fields for record in self.records if record.getMessage() == event]  # type: ignore[attr-defined]


@pytest.fixture
def lines() -> Iterator[Lines]:
    logger = logging.getLogger("pointsman")
    handler = Lines()
    before = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    yield handler
    logger.removeHandler(handler)
    logger.level, logger.propagate = before
