"""A desk with a real journal and no version, and its app in a test client."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

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


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
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
def house(desk: Desk) -> House:
    return open_house(desk)


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[TestClient]:
    with TestClient(build_app(house), raise_server_exceptions=True, follow_redirects=False) as made:
        yield made
