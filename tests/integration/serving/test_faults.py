"""The service under live traffic while something is broken: a short selection; `test_long_faults_*` hold the rest."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from journal.database import connect, migrate
from journal.environment import Environment
from models.storage import load_version
from models.version import Version
from tests.integration.serving.breaking import Service, kill
from tests.integration.serving.databases import locked, own_postgres
from tests.integration.serving.traffic import Traffic, until

MakeHome = Callable[[str | None], Environment]


@pytest.fixture(scope="module")
def versions(version_folder: Path) -> dict[str, Version]:
    return {"1": load_version(version_folder)}


def test_sqlite_is_locked_then_a_worker_and_the_parent_are_killed_then_the_service_ends(
    make_home: MakeHome, versions: dict[str, Version], tmp_path: Path
) -> None:
    environment = replace(make_home("1"), workers=2)
    with Service(environment, tmp_path / "service.log") as service, Traffic(environment) as traffic:
        traffic.flow(0.5)
        with traffic.fault(), locked(environment.home / "journal.db"):
            during = traffic.flow(3)
        assert len(during) > 20
        assert all(answer["journaled"] for one in during for answer in one.answers)
        with traffic.fault(is_fatal=True):
            kill(service.workers()[:1])
        # The other answers alone meanwhile; the next is started within two seconds where the machine has no other work.
        until(lambda: len(service.workers()) == 2, 20)
        assert len([one for one in traffic.flow(1) if one.is_good]) > 10
        with traffic.fault(is_fatal=True):
            kill(service.processes()[:1])
            until(lambda: not service.processes())
            assert service.events("parent_is_gone")
            service.start()
        traffic.flow(0.5)
        with traffic.fault(is_fatal=True):
            assert service.terminate() == 0
            traffic.stop()
    traffic.check(versions)


def test_postgresql_is_killed_and_comes_back(
    make_home: MakeHome, versions: dict[str, Version], promote_version: Callable[..., None], tmp_path: Path
) -> None:
    with own_postgres() as postgres:
        environment = replace(make_home(None), database_url=postgres.url)
        engine = connect(environment.database_url)
        migrate(engine)
        engine.dispose()
        promote_version(environment, "1")
        with Service(environment, tmp_path / "service.log") as service:
            with Traffic(environment) as traffic:
                traffic.flow(1)
                with traffic.fault():
                    postgres.kill()
                    during = traffic.flow(3)
                    postgres.start()
                traffic.flow(1)
            assert len(during) > 20
            assert all(answer["journaled"] for one in during for answer in one.answers)
            assert max(one.seconds for one in during) < 2
            assert service.terminate() == 0
        traffic.check(versions)
