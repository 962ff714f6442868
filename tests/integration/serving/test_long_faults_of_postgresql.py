"""PostgreSQL is killed, stopped or hangs under live traffic: answers go on leaving, and the log holds them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest

from journal.database import connect, migrate
from journal.environment import Environment
from models.storage import load_version
from models.version import Version
from serving.launch import address_of
from tests.integration.serving.breaking import Service
from tests.integration.serving.databases import Postgres, own_postgres
from tests.integration.serving.traffic import Traffic, until

pytestmark = pytest.mark.long

MakeHome = Callable[[str | None], Environment]
Note = Callable[..., None]
FAR = f"{'0' * 31}1"


@pytest.fixture(scope="module")
def versions(version_folder: Path) -> dict[str, Version]:
    return {"1": load_version(version_folder)}


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    with own_postgres() as made:
        yield made


@pytest.fixture
def environment(make_home: MakeHome, promote_version: Callable[..., None], postgres: Postgres) -> Environment:
    made = replace(make_home(None), database_url=postgres.url, workers=2)
    engine = connect(made.database_url)
    migrate(engine)
    engine.dispose()
    promote_version(made, "1")
    return made


@pytest.mark.parametrize("way", ["kill -9", "stop -m immediate"])
def test_postgresql_is_gone_for_20_seconds(
    way: str, environment: Environment, postgres: Postgres, versions: dict[str, Version], tmp_path: Path, note: Note
) -> None:
    with Service(environment, tmp_path / "service.log") as service:
        with Traffic(environment) as traffic:
            traffic.flow(1)
            with traffic.fault():
                postgres.kill() if way == "kill -9" else postgres.stop()
                during = traffic.flow(20)
                postgres.start()
            wanted = set(traffic.acknowledged)
            caught_up = until(lambda: wanted <= set(traffic.rows()))
            traffic.flow(1)
        assert all(answer["journaled"] for one in during for answer in one.answers)
        assert max(one.seconds for one in traffic.exchanges) < 2
        service.terminate()
    traffic.check(versions)
    note(f"PostgreSQL gone for 20 s ({way})", traffic, seconds_to_catch_up=round(caught_up, 1))


def test_postgresql_is_killed_again_and_again_while_it_takes_rows(
    environment: Environment, postgres: Postgres, versions: dict[str, Version], tmp_path: Path, note: Note
) -> None:
    with Service(environment, tmp_path / "service.log") as service:
        with Traffic(environment, callers=6, pause=0.01) as traffic:
            for number in range(12):
                traffic.flow(0.3 + number * 0.17 % 1)
                with traffic.fault():
                    postgres.kill()
                    postgres.start()
            traffic.flow(1)
        service.terminate()
    assert all(answer["journaled"] for _, answer in traffic.answers)
    traffic.check(versions)
    note("PostgreSQL killed 12 times and started at once", traffic)


def test_postgresql_hangs_for_40_seconds_while_callers_ask_for_what_it_has(
    environment: Environment, postgres: Postgres, versions: dict[str, Version], tmp_path: Path, note: Note
) -> None:
    with Service(environment, tmp_path / "service.log") as service, Traffic(environment) as traffic:
        traffic.flow(1)
        with traffic.fault(), asking(environment) as asked:
            postgres.freeze()
            during = traffic.flow(40)
            postgres.thaw()
        wanted = set(traffic.acknowledged)
        caught_up = until(lambda: wanted <= set(traffic.rows()), 60)
        traffic.stop()
        service.terminate()
    assert all(answer["journaled"] for one in during for answer in one.answers)
    assert max(one.seconds for one in traffic.exchanges) < 2
    assert set(asked) == {404, 503}
    traffic.check(versions)
    note("PostgreSQL hangs for 40 s", traffic, seconds_to_catch_up=round(caught_up, 1), look_ups_503=asked.count(503))


def test_the_service_ends_while_postgresql_hangs(
    environment: Environment, postgres: Postgres, versions: dict[str, Version], tmp_path: Path, note: Note
) -> None:
    with Service(environment, tmp_path / "service.log") as service:
        with Traffic(environment) as traffic:
            traffic.flow(1)
            with traffic.fault(is_fatal=True), asking(environment):
                postgres.freeze()
                traffic.flow(3)
                began = time.monotonic()
                service.terminate()
                took = time.monotonic() - began
                traffic.stop()
        assert took < 40
        postgres.thaw()
        service.start()
        assert service.terminate() == 0
    traffic.check(versions)
    note("SIGTERM while PostgreSQL hangs", traffic, seconds_to_end=round(took, 1))


@contextmanager
def asking(environment: Environment) -> Iterator[list[int]]:
    """Twelve callers who ask for a prediction that only the database could know; gives the statuses that they got."""
    statuses: list[int] = []
    stop = Event()

    def ask() -> None:
        with httpx.Client(base_url=address_of(environment), timeout=30) as client:
            while not stop.wait(0.1):
                try:
                    statuses.append(client.get(f"/v1/predictions/{FAR}").status_code)
                except httpx.HTTPError:
                    return

    threads = [Thread(target=ask, daemon=True) for _ in range(12)]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        stop.set()
        for thread in threads:
            thread.join(35)
