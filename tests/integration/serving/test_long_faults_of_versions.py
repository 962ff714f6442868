"""Versions that must not answer are promoted under live traffic, good ones take turns, and the registry fails."""

import shutil
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from desk.ticket import Ticket
from journal.environment import Environment
from models.registry import MODEL_NAME, mirror_alias, register
from models.registry_client import open_client
from models.storage import load_version
from models.version import Version
from tests.integration.serving.breaking import Service
from tests.integration.serving.odd_versions import (
    DAMAGE,
    louder,
    many_trees,
    nan_everywhere,
    nan_where_nothing_tried,
    store,
)
from tests.integration.serving.traffic import TEXTS, Traffic, until

pytestmark = pytest.mark.long

MakeHome = Callable[[str | None], Environment]
Promote = Callable[[Environment, str], None]
Note = Callable[..., None]
SWAPS = 12
MANY = 60_000


@pytest.fixture(scope="module")
def first(version_folder: Path) -> Version:
    return load_version(version_folder)


def test_damaged_versions_are_promoted_and_the_old_one_goes_on(
    make_home: MakeHome, promote_version: Promote, first: Version, tmp_path: Path, note: Note
) -> None:
    environment = make_home("1")
    reports: list[float] = []
    with Service(environment, tmp_path / "service.log") as service:
        with Traffic(environment) as traffic:
            for number, spoil in enumerate(DAMAGE.values(), start=2):
                folder = shutil.copytree(environment.versions / "1", environment.versions / str(number))
                spoil(folder)
                with traffic.fault():
                    promote_version(environment, str(number))
                    reports.append(until(lambda number=number: troubled(service) == str(number), 30))
            promote_version(environment, "1")
            until(lambda: troubled(service) is None)
        service.terminate()
    assert {answer["version"] for _, answer in traffic.answers} == {"1"}
    traffic.check({"1": first})
    note(f"{len(DAMAGE)} damaged versions promoted", traffic, slowest_seconds_until_reported=round(max(reports), 1))


def test_a_version_that_says_nan_is_refused_or_its_tickets_get_the_default_queue(
    make_home: MakeHome,
    promote_version: Promote,
    first: Version,
    sample_tickets: list[Ticket],
    tmp_path: Path,
    note: Note,
) -> None:
    environment = make_home("1")
    # Half of what the version can say was never tried when it was made, so its check finds nothing.
    tried = [one for one in sample_tickets if not one.id.startswith("Network")]
    odd = nan_where_nothing_tried(first, "3", TEXTS[4], tried)
    store(nan_everywhere(first, "2"), environment.versions, sample_tickets)
    store(odd, environment.versions, tried)
    with Service(environment, tmp_path / "service.log") as service:
        with Traffic(environment) as traffic:
            with traffic.fault():
                promote_version(environment, "2")
                until(lambda: troubled(service) == "2")
            assert {answer["version"] for _, answer in traffic.answers} == {"1"}
            with traffic.fault():
                promote_version(environment, "3")
                until(lambda: service.model()["version"] == "3")
                began = time.monotonic()
                traffic.flow(3)
            after = [answer for one in traffic.since(began) for answer in one.answers]
        service.terminate()
    assert {answer["version"] for answer in after} == {"3", None}
    assert all(answer["queue"]["label"] == "unassigned" for answer in after if answer["version"] is None)
    traffic.check({"1": first, "3": odd})
    given = sum(answer["version"] is None for answer in after)
    note("versions that say NaN: everywhere, and where no golden row looks", traffic, default_queue=given)


def test_a_version_takes_ten_seconds_to_be_ready_and_nobody_waits_for_it(
    make_home: MakeHome,
    promote_version: Promote,
    first: Version,
    sample_tickets: list[Ticket],
    tmp_path: Path,
    note: Note,
) -> None:
    environment = make_home("1")
    slow = many_trees(first, "2", sample_tickets, MANY)
    store(slow, environment.versions, sample_tickets)
    with Service(environment, tmp_path / "service.log") as service:
        with Traffic(environment) as traffic:
            with traffic.fault():
                promote_version(environment, "2")
                took = until(lambda: service.model()["version"] == "2", 120)
            traffic.flow(1)
        service.terminate()
    assert max(one.seconds for one in traffic.exchanges) < 2
    traffic.check({"1": first, "2": slow})
    note(
        f"a version of {MANY:,} trees, slow to be ready",
        traffic,
        seconds_until_it_answers=round(took, 1),
    )


def test_twelve_swaps_under_load(
    make_home: MakeHome,
    promote_version: Promote,
    first: Version,
    sample_tickets: list[Ticket],
    tmp_path: Path,
    note: Note,
) -> None:
    environment = replace(make_home("1"), workers=2)
    versions = {"1": first, "2": louder(first, "2", 0.7), "3": louder(first, "3", 1.3)}
    for name in ("2", "3"):
        store(versions[name], environment.versions, sample_tickets)
    slowest = 0.0
    with Service(environment, tmp_path / "service.log") as service:
        with Traffic(environment, callers=6, pause=0.01) as traffic:
            for number in range(SWAPS):
                wanted = str((number + 1) % 3 + 1)
                with traffic.fault():
                    promote_version(environment, wanted)
                    slowest = max(slowest, until(lambda wanted=wanted: all_by(traffic, wanted)))
        service.terminate()
    assert {answer["version"] for _, answer in traffic.answers} == {"1", "2", "3"}
    traffic.check(versions)
    note(f"{SWAPS} swaps under load, two processes", traffic, slowest_seconds_until_all_name_it=round(slowest, 1))


@pytest.mark.parametrize("state", ["nobody listens", "never answers", "talks nonsense"])
def test_the_registry_is_dead_at_the_start_and_when_a_version_is_wanted(
    state: str, make_home: MakeHome, promote_version: Promote, first: Version, tmp_path: Path, note: Note
) -> None:
    with registry(state) as uri:
        environment = replace(make_home("1"), mlflow_uri=uri)
        began = time.monotonic()
        with Service(environment, tmp_path / "service.log") as service:
            with Traffic(environment) as traffic:
                until(lambda: bool(traffic.exchanges))
                ready = time.monotonic() - began
                with traffic.fault():
                    promote_version(environment, "2")
                    reported = until(lambda: troubled(service) == "2", 60)
                    traffic.flow(3)
            service.terminate()
    assert {answer["version"] for _, answer in traffic.answers} == {"1"}
    assert max(one.seconds for one in traffic.exchanges) < 2
    traffic.check({"1": first})
    note(
        f"the registry at start and at run: {state}",
        traffic,
        seconds_until_the_first_answer=round(ready, 1),
        seconds_until_reported=round(reported, 1),
    )


def test_alias_and_version_are_moved_and_deleted_by_hand_and_the_registry_goes_and_comes_back(
    make_home: MakeHome,
    promote_version: Promote,
    first: Version,
    sample_tickets: list[Ticket],
    tmp_path: Path,
    note: Note,
) -> None:
    environment = make_home("1")
    versions = {"1": first, "2": louder(first, "2", 0.7)}
    folders = [environment.versions / "1", store(versions["2"], tmp_path / "elsewhere", sample_tickets)]
    register_all(environment, folders)
    mirror_alias(environment.mlflow_uri, "1")
    client = open_client(environment.mlflow_uri)
    database = environment.home / "mlflow.db"
    with Service(environment, tmp_path / "service.log") as service:
        with Traffic(environment) as traffic:
            traffic.flow(1)
            with traffic.fault():
                client.set_registered_model_alias(MODEL_NAME, "champion", "2")
                traffic.flow(5)
                client.delete_registered_model_alias(MODEL_NAME, "champion")
                client.delete_model_version(MODEL_NAME, "1")
                traffic.flow(5)
            assert {answer["version"] for _, answer in traffic.answers} == {"1"}
            with traffic.fault():
                database.rename(tmp_path / "away.db")
                promote_version(environment, "2")
                until(lambda: troubled(service) == "2", 60)
                (tmp_path / "away.db").rename(database)
                back = until(lambda: service.model()["version"] == "2", 90)
            traffic.flow(1)
        service.terminate()
    assert mirror_alias(environment.mlflow_uri, "2").by_hand
    traffic.check(versions)
    note("alias moved and deleted by hand; the registry gone and back", traffic, seconds_until_fetched=round(back, 1))


def troubled(service: Service) -> str | None:
    """The version that `/v1/model` complains of."""
    trouble = service.model()["trouble"]
    return None if trouble is None else trouble["version"]


def all_by(traffic: Traffic, version: str) -> bool:
    """Whether a good second of answers named this version alone."""
    newest = traffic.since(time.monotonic() - 1.0)
    said = [answer["version"] for one in newest for answer in one.answers]
    return len(said) > 20 and set(said) == {version}


def register_all(environment: Environment, folders: Sequence[Path]) -> None:
    client = open_client(environment.mlflow_uri)
    environment.mlflow_artifacts.mkdir()
    experiment = client.create_experiment("the tests", artifact_location=environment.mlflow_artifacts.as_uri())
    for folder in folders:
        run = client.create_run(experiment)
        register(environment.mlflow_uri, run.info.run_id, folder)


@contextmanager
def registry(state: str) -> Iterator[str]:
    """The address of an MLflow server that is none."""
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        if state != "nobody listens":
            server.listen(64)
        if state == "talks nonsense":
            Thread(target=_talk_nonsense, args=(server,), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def _talk_nonsense(server: socket.socket) -> None:
    while True:
        try:
            caller, _ = server.accept()
            with closing(caller):
                caller.recv(65536)
                caller.sendall(
                    b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"model_v'
                )
        except OSError:
            return
