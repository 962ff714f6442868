"""`bentoml serve` under live traffic while versions are promoted and rolled back: real processes, sockets and journal.

Each version's numbers are its own, so that an answer of one under the name of another is found out.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import orjson
import psutil
import pytest

from desk.answer import answer_of
from desk.demands import Demands
from desk.ticket import Ticket
from desk.ticket_json import ticket_json
from journal.database import connect, migrate
from journal.environment import Environment
from models.scoring import predict
from models.storage import load_version
from models.terms import version_terms
from serving.launch import address_of, running_service, serve_variables

MakeHome = Callable[[str | None], Environment]
LEANS = {"1": 0.0, "2": 0.4, "3": 0.8, "4": 1.2}
CALLERS = 3
SECONDS_TO_FOLLOW = 5


@dataclass
class Running:
    """A service: its home, its process, and the file with all that it wrote."""

    environment: Environment
    process: subprocess.Popen[bytes]
    output: Path

    def swaps(self, version: str) -> list[datetime]:
        """When which process began to answer by this version."""
        whole = self.output.read_text().split("\n")[:-1]  # the last line may be half written
        lines = [orjson.loads(line) for line in whole if line.startswith("{")]
        found = [line for line in lines if line["event"] == "version_answers" and line["version"] == version]
        return [datetime.fromisoformat(line["at"]) for line in found]

    def workers(self) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [one for one in children if "_bentoml_impl.worker.service" in one.cmdline()]


@pytest.fixture(scope="module")
def home(make_home: MakeHome, write_leaning: Callable[[Path, float], Path]) -> Environment:
    made = replace(make_home("1"), workers=2)
    for name, lean in LEANS.items():
        if name != "1":
            write_leaning(made.versions / name, lean)
    return made


@pytest.fixture(scope="module")
def running(home: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    output = tmp_path_factory.mktemp("output") / "service.log"
    with output.open("wb") as file, running_service(home, file) as process:
        made = Running(home, process, output)
        until(lambda: len(made.swaps("1")) == 2, 30)
        yield made


def until(holds: Callable[[], bool], seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.05)


@dataclass
class Traffic:
    """Callers who ask without a pause, each over a connection that is made anew now and then, and what they got."""

    address: str
    tickets: list[Ticket]
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _stop: Event = field(default_factory=Event)

    def __enter__(self) -> "Traffic":
        self._threads = [Thread(target=self._ask, args=(number,)) for number in range(CALLERS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, first: int) -> None:
        number = first
        while not self._stop.is_set():
            with httpx.Client(base_url=self.address, timeout=20) as client:
                for _ in range(40):
                    self._ask_one(client, number % len(self.tickets))
                    number += CALLERS
                    if self._stop.wait(0.005):
                        return

    def _ask_one(self, client: httpx.Client, place: int) -> None:
        try:
            response = client.post("/v1/triage", json={"ticket": ticket_json(self.tickets[place])})
        except httpx.HTTPError as error:
            self.failures.append(repr(error))
        else:
            if response.status_code == 200:
                self.answers.append((place, response.json()))
            else:
                self.failures.append(response.text)


def expected(home: Environment, tickets: list[Ticket]) -> dict[str, list[dict[str, Any]]]:
    """What each version says of each ticket."""
    said = {}
    for name in LEANS:
        version = load_version(home.versions / name)
        terms = version_terms(version, Demands())
        made = [answer_of(one, predict(version, one), terms, prediction_id=None, journaled=True) for one in tickets]
        said[name] = [plain(orjson.loads(orjson.dumps(one))) for one in made]
    return said


def tell(figures: str) -> None:
    """For whoever runs this with `-s`, to be written down in `docs/versions-at-run-time.md`."""
    sys.stdout.write(f"\n{figures}\n")


def plain(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "prediction_id"}


@pytest.mark.parametrize("swaps", [4, pytest.param(12, marks=pytest.mark.long)])
def test_every_answer_has_the_numbers_of_the_version_that_it_names_and_none_is_lost(
    running: Running, sample_tickets: list[Ticket], promote_version: Callable[..., None], swaps: int
) -> None:
    tickets = sample_tickets[:15]
    table = expected(running.environment, tickets)
    assert len({tuple(answer["queue"]["probability"] for answer in said) for said in table.values()}) == len(LEANS)
    with Traffic(address_of(running.environment), tickets) as traffic:
        for number in range(swaps):
            name = str(2 + number % 3)
            before = len(running.swaps(name))
            promote_version(running.environment, name)
            until(lambda name=name, before=before: len(running.swaps(name)) == before + 2, 30)
    wrong = [answer for place, answer in traffic.answers if plain(answer) != table[answer["version"]][place]]
    tell(f"{len(traffic.answers)} answers by {swaps} swaps, {len(traffic.failures)} failed, {len(wrong)} wrong")
    assert (wrong, traffic.failures) == ([], [])
    assert len({answer["version"] for _, answer in traffic.answers}) >= min(swaps, 3)


def test_a_rollback_by_command_is_live_in_every_process_within_five_seconds(
    running: Running, promote_version: Callable[..., None]
) -> None:
    for name in ("1", "4"):
        before = len(running.swaps(name))
        promote_version(running.environment, name)
        until(lambda name=name, before=before: len(running.swaps(name)) == before + 2, 30)
    before = len(running.swaps("1"))
    command = [str(Path(sys.executable).parent / "pointsman"), "rollback", "--json"]
    variables = {**serve_variables(running.environment, os.environ), "POINTSMAN_ENCODER": "none"}
    subprocess.run(command, env=variables, capture_output=True, check=True, timeout=60)
    came = datetime.now(UTC)
    until(lambda: len(running.swaps("1")) == before + 2, 30)
    took = [(at - came).total_seconds() for at in running.swaps("1")[before:]]
    tell(f"live {', '.join(f'{one:.2f}' for one in took)} s after the command had ended")
    assert max(took) < SECONDS_TO_FOLLOW


@pytest.mark.long
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_replicas_agree_within_ten_seconds(
    make_home: MakeHome,
    write_leaning: Callable[[Path, float], Path],
    promote_version: Callable[..., None],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    database: str,
) -> None:
    """Two services that share nothing but the database."""
    shared = f"sqlite:///{tmp_path / 'shared.db'}"
    url = shared if database == "sqlite" else str(request.getfixturevalue("postgres_database_url"))
    engine = connect(url)
    migrate(engine)
    engine.dispose()
    with ExitStack() as stack:
        replicas = []
        for number in range(2):
            home = replace(make_home(None), database_url=url)
            write_leaning(home.versions / "2", 0.4)
            output = tmp_path / f"{number}.log"
            file = stack.enter_context(output.open("wb"))
            if number == 0:
                promote_version(home, "1")
            replicas.append(Running(home, stack.enter_context(running_service(home, file)), output))
        for one in replicas:
            until(lambda one=one: bool(one.swaps("1")), 30)
        for name in ("2", "1", "2"):
            before = [len(one.swaps(name)) for one in replicas]
            promote_version(replicas[0].environment, name)
            came = datetime.now(UTC)
            until(lambda n=name, b=before: all(len(o.swaps(n)) > c for o, c in zip(replicas, b, strict=True)), 30)
            took = [(one.swaps(name)[-1] - came).total_seconds() for one in replicas]
            tell(f"{database}, version {name}: live after {', '.join(f'{one:.2f}' for one in took)} s")
            assert max(took) < 10
