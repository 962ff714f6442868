"""Processes of the service die at random points of live traffic; what they acknowledged does not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from journal.environment import Environment
from models.storage import load_version
from models.version import Version
from tests.integration.serving.breaking import Service, kill
from tests.integration.serving.traffic import Traffic, until

pytestmark = pytest.mark.long

MakeHome = Callable[[str | None], Environment]
Note = Callable[..., None]
WHOLE, SINGLE = 10, 30
SEED = 20261121


@pytest.fixture(scope="module")
def versions(version_folder: Path) -> dict[str, Version]:
    return {"1": load_version(version_folder)}


def test_the_whole_service_is_killed_at_random_points_and_started_again(
    make_home: MakeHome, versions: dict[str, Version], tmp_path: Path, note: Note
) -> None:
    environment, chance = replace(make_home("1"), workers=2), Random(SEED)
    left_behind = 0
    with Service(environment, tmp_path / "service.log") as service:
        with Traffic(environment, callers=6, pause=0.01) as traffic:
            for _ in range(WHOLE):
                traffic.flow(chance.uniform(0.2, 2))
                with traffic.fault(is_fatal=True):
                    service.kill()
                    left_behind += len(list(environment.log.glob("*.segment")))
                    service.start()
            traffic.flow(1)
        assert service.terminate() == 0
    traffic.check(versions)
    assert left_behind > 0
    note(f"kill -9 of the whole service at {WHOLE} random points", traffic, segments_left=left_behind)


def test_single_workers_are_killed_at_random_points_while_the_others_answer(
    make_home: MakeHome, versions: dict[str, Version], tmp_path: Path, note: Note
) -> None:
    environment, chance = replace(make_home("1"), workers=4), Random(SEED)
    with Service(environment, tmp_path / "service.log") as service:
        with Traffic(environment, callers=6, pause=0.01) as traffic:
            for _ in range(SINGLE):
                traffic.flow(chance.uniform(0.1, 2))
                with traffic.fault(is_fatal=True) as fault:
                    kill([chance.choice(service.workers())])
                # One of the others answers, also where those killed before are still starting.
                until(lambda fault=fault: any(one.is_good for one in traffic.since(fault.ended)), 60)
            back = until(lambda: len(service.workers()) == 4)
            traffic.flow(1)
        assert service.terminate() == 0
    traffic.check(versions)
    note(f"kill -9 of single workers at {SINGLE} random points", traffic, seconds_until_all_are_back=round(back, 1))


def test_the_only_worker_is_killed_and_callers_wait_for_the_next(
    make_home: MakeHome, versions: dict[str, Version], tmp_path: Path, note: Note
) -> None:
    environment = make_home("1")
    with Service(environment, tmp_path / "service.log") as service:
        with Traffic(environment) as traffic:
            traffic.flow(1)
            with traffic.fault(is_fatal=True):
                kill(service.workers())
            killed = traffic.faults[0].ended
            until(lambda: any(one.is_good for one in traffic.since(killed)), 60)
            silent = min(one.ended for one in traffic.since(killed) if one.is_good) - killed
            traffic.flow(1)
        assert service.terminate() == 0
    assert silent < 40
    traffic.check(versions)
    note("kill -9 of the only worker", traffic, seconds_without_answers=round(silent, 1))


def test_the_parent_is_killed_and_its_workers_end_in_order(
    make_home: MakeHome, versions: dict[str, Version], tmp_path: Path, note: Note
) -> None:
    environment = replace(make_home("1"), workers=2)
    with Service(environment, tmp_path / "service.log") as service:
        with Traffic(environment) as traffic:
            traffic.flow(1)
            with traffic.fault(is_fatal=True):
                kill(service.processes()[:1])
                ended = until(lambda: not service.processes(), 20)
                service.start()
            traffic.flow(1)
        assert service.terminate() == 0
    traffic.check(versions)
    note("kill -9 of the parent", traffic, seconds_until_its_workers_ended=round(ended, 1))


def test_sigterm_under_load_answers_what_is_in_flight(
    make_home: MakeHome, versions: dict[str, Version], tmp_path: Path, note: Note
) -> None:
    environment, chance = replace(make_home("1"), workers=2), Random(SEED)
    slowest = 0.0
    with Service(environment, tmp_path / "service.log") as service:
        with Traffic(environment, callers=8, pause=0) as traffic:
            for _ in range(4):
                traffic.flow(chance.uniform(0.5, 2))
                with traffic.fault(is_fatal=True) as fault:
                    slowest = max(slowest, until(lambda: service.terminate() == 0))
                    assert not list(environment.log.glob("*.segment"))
                    service.start()
                # What its process had begun to read was answered.
                early = [one for one in traffic.errors if one.began < fault.began - 0.1 and one.ended >= fault.began]
                assert not early, early
            traffic.flow(1)
        assert service.terminate() == 0
    traffic.check(versions)
    note("SIGTERM under load, 4 times", traffic, slowest_seconds_to_end=round(slowest, 1))
