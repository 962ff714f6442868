"""The service as the fuzz meets it: in this process behind a client, and as `bentoml serve` with all it wrote."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import pytest
from _pytest.nodeid import coerce_node_id
from sqlalchemy import func, select
from starlette.testclient import TestClient

from journal.database import connect
from journal.environment import Environment
from journal.tables import metadata
from serving.launch import address_of, running_service


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gives each operation's test an id of its own: of tests with one id, as schemathesis has them, xdist runs one."""
    for item in items:
        if item.path.parent == Path(__file__).parent and "[" in item.name and not item.nodeid.endswith("]"):
            item._id = coerce_node_id(item.nodeid.removesuffix(item.name.partition("[")[0]) + item.name)


MakeHome = Callable[[str | None], Environment]


@dataclass(frozen=True)
class Served:
    """A service with a version, its home and the file that takes all it writes."""

    environment: Environment
    output: Path

    @property
    def address(self) -> str:
        return address_of(self.environment)

    def kept(self) -> dict[str, int]:
        """How many rows each table of the journal has, once nothing waits in the log."""
        give_up = monotonic() + 10
        while httpx.get(f"{self.address}/v1/model").json()["pending"]:
            assert monotonic() < give_up, "the log is not brought to the database"
            sleep(0.05)
        engine = connect(self.environment.database_url)
        try:
            with engine.connect() as connection:
                return {
                    table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
                    for table in metadata.sorted_tables
                }
        finally:
            engine.dispose()

    def said(self, request_id: str) -> str:
        """All that was written, once the line of this request is there: the log is written four times a second."""
        give_up = monotonic() + 10
        while request_id not in (written := self.output.read_text(errors="replace")):
            assert monotonic() < give_up, f"no line of the log names {request_id}"
            sleep(0.05)
        return written


@pytest.fixture(scope="module")
def served_here(make_home: MakeHome) -> Iterator[TestClient]:
    """The whole service in this process, with version 1, behind a client that follows no redirect."""
    home = make_home("1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POINTSMAN_HOME", str(home.home))
        patch.setenv("BENTOML_HOME", str(home.home / "bentoml"))
        patch.setenv("POINTSMAN_KEYS", "off")
        patch.setenv("BENTOML_DO_NOT_TRACK", "true")
        from serving.service import Pointsman

        with TestClient(Pointsman.to_asgi(), follow_redirects=False) as client:
            yield client


@pytest.fixture(scope="session")
def served(make_home: MakeHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`bentoml serve` with version 1, one for all modules of this folder that run in this process."""
    environment = make_home("1")
    output = tmp_path_factory.mktemp("output") / "service.log"
    with output.open("wb") as file, running_service(environment, file):
        yield Served(environment, output)


@pytest.fixture(scope="session")
def tell() -> Callable[..., None]:
    """Adds figures of a suite to the file that `POINTSMAN_FIGURES` names, one JSON object a line; else prints them."""

    def add(suite: str, what: str, **figures: Any) -> None:
        line = json.dumps({"suite": suite, "what": what, "figures": figures})
        path = os.environ.get("POINTSMAN_FIGURES")
        if path is None:
            print(line)  # noqa: T201 - pytest shows it with -s and beside a failure
            return
        with closing(Path(path).open("a", encoding="utf-8")) as file:
            file.write(f"{line}\n")

    return add
