"""The machine's clock jumps both ways under live traffic: what is acknowledged is kept once, and answers go on."""

import shutil
import struct
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk.ticket import Ticket
from journal.environment import Environment
from models.storage import load_version
from models.version import Version
from tests.integration.serving.breaking import Service, kill
from tests.integration.serving.odd_versions import louder, store
from tests.integration.serving.traffic import Traffic, until

pytestmark = pytest.mark.long

JUMPS = (timedelta(hours=3), timedelta(hours=-3), timedelta(days=-400), timedelta(days=400), timedelta(0))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What gives a process another clock than the machine's."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler here; the clock is another by a preloaded library")
    made = tmp_path_factory.mktemp("clock") / "other_clock.so"
    source = Path(__file__).with_name("other_clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", made, source], check=True)
    return made


def test_the_clock_jumps_both_ways(
    make_home: Callable[[str | None], Environment],
    promote_version: Callable[..., None],
    version_folder: Path,
    sample_tickets: list[Ticket],
    library: Path,
    tmp_path: Path,
    note: Callable[..., None],
) -> None:
    environment = replace(make_home("1"), workers=2)
    first = load_version(version_folder)
    versions: dict[str, Version] = {"1": first, "2": louder(first, "2", 0.7)}
    store(versions["2"], environment.versions, sample_tickets)
    clock = tmp_path / "clock"
    clock.write_bytes(struct.pack("q", 0))
    variables = {"LD_PRELOAD": str(library), "POINTSMAN_TEST_CLOCK": str(clock)}
    slowest = 0.0
    with Service(environment, tmp_path / "service.log", variables) as service:
        with Traffic(environment) as traffic:
            traffic.flow(1)
            for number, jump in enumerate(JUMPS):
                with traffic.fault():
                    with clock.open("r+b") as file:
                        file.write(struct.pack("q", int(jump.total_seconds())))
                    until(lambda jump=jump: abs(told_time(service) - datetime.now(UTC) - jump) < timedelta(minutes=5))
                    wanted = str(number % 2 + 1)
                    promote_version(environment, wanted)
                    until(lambda wanted=wanted: service.model()["version"] == wanted)
                    traffic.flow(3)
                if number == 2:
                    # Set back by more than a year: what dies now is missed all the same, and what it left is adopted.
                    with traffic.fault(is_fatal=True):
                        kill(service.workers()[:1])
                    slowest = until(lambda: len(service.workers()) == 2)
            traffic.flow(1)
        assert service.terminate() == 0
    assert {answer["version"] for _, answer in traffic.answers} == {"1", "2"}
    assert all(answer["journaled"] for _, answer in traffic.answers)
    assert max(one.seconds for one in traffic.exchanges) < 2
    traffic.check(versions)
    days = ", ".join(f"{jump.total_seconds() / 86400:+.3g}" for jump in JUMPS)
    note(f"the clock jumps by {days} days, and a worker is killed", traffic, seconds_until_it_is_back=round(slowest, 1))


def told_time(service: Service) -> datetime:
    """The time in the service's newest log line."""
    return datetime.fromisoformat(service.events("request")[-1]["at"])
