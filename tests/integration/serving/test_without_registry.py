"""The service goes on where the registry is down, silent or talks nonsense, at the start and while it runs."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from threading import Thread
from typing import Any

import pytest
from starlette.testclient import TestClient

from journal.environment import Environment

MakeHome = Callable[[str | None], Environment]
NONSENSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<p>hello\xff"


@pytest.fixture(
    params=["silent", pytest.param("nonsense", marks=pytest.mark.long), pytest.param("down", marks=pytest.mark.long)]
)
def registry(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of something that is no registry."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        if request.param == "down":
            server.close()
        elif request.param == "nonsense":
            Thread(target=talk, args=(server,), daemon=True).start()
        yield address


def talk(server: socket.socket) -> None:
    while True:
        try:
            caller, _ = server.accept()
            with caller:
                caller.recv(65536)
                caller.sendall(NONSENSE)
        except OSError:
            return


def served(environment: Environment, registry: str) -> Iterator[TestClient]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POINTSMAN_HOME", str(environment.home))
        patch.setenv("POINTSMAN_MLFLOW_URI", registry)
        patch.setenv("BENTOML_HOME", str(environment.home / "bentoml"))
        patch.setenv("BENTOML_DO_NOT_TRACK", "true")
        patch.setattr("serving.composition.SECONDS_BETWEEN_LOOKS", 0.1)
        from serving.service import Pointsman

        with TestClient(Pointsman.to_asgi(), follow_redirects=False) as made:
            yield made


def answered(client: TestClient) -> str | None:
    answer: dict[str, Any] = client.post("/v1/triage", json={"ticket": {"id": 1, "subject": "vpn is down"}}).json()
    return str(answer["version"])


def is_ready(client: TestClient) -> bool:
    return client.get("/readyz").status_code == 200


def has_trouble(client: TestClient, of: str | None) -> bool:
    trouble = client.get("/v1/model").json()["trouble"]
    return (None if trouble is None else trouble["version"]) == of


def until(holds: Callable[[], bool], seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_it_serves_and_follows_a_rollback_while_a_version_cannot_be_fetched(
    make_home: MakeHome, promote_version: Callable[..., None], registry: str
) -> None:
    home = make_home("1")
    for client in served(home, registry):
        assert answered(client) == "1"
        promote_version(home, "9")
        time.sleep(0.5)
        assert answered(client) == "1"
        promote_version(home, "1")
        until(partial(has_trouble, client, of=None), 5)
        assert answered(client) == "1"


def test_it_starts_by_the_last_good_version_where_the_promoted_one_cannot_be_fetched(
    make_home: MakeHome, promote_version: Callable[..., None], registry: str
) -> None:
    home = make_home("1")
    for client in served(home, registry):
        assert answered(client) == "1"
    promote_version(home, "9")
    for client in served(home, registry):
        until(partial(is_ready, client), 10)
        assert answered(client) == "1"
        until(partial(has_trouble, client, of="9"), 40)
        model = client.get("/v1/model").json()
        assert (model["version"], model["trouble"]["version"]) == ("1", "9")
        assert registry not in model["trouble"]["error"]
        assert str(home.home) not in model["trouble"]["error"]
