"""`bentoml serve` as `pointsman serve` starts it: two processes, real sockets, signals, and what they have loaded."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from journal.database import connect
from journal.environment import Environment
from journal.predictions import find
from serving.launch import address_of, running_service, serve_variables

ROOT = Path(__file__).resolve().parents[3]
MakeHome = Callable[[str | None], Environment]
NEVER = ("pandas", "sklearn", "mlflow", "torch", "pyarrow")
SECRET = "xyzzy-from-the-ticket"


@dataclass(frozen=True)
class Running:
    """A service with two processes: its home, its parent process, the file with all it wrote."""

    environment: Environment
    process: subprocess.Popen[bytes]
    output: Path

    @property
    def workers(self) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [one for one in children if "_bentoml_impl.worker.service" in one.cmdline()]

    def lines(self, event: str) -> list[dict[str, Any]]:
        """What was logged of one kind; the log is written four times a second."""
        found = [json.loads(line) for line in self.output.read_text().splitlines() if line.startswith("{")]
        return [line for line in found if line["event"] == event]


@pytest.fixture(scope="module")
def running(make_home: MakeHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    environment = replace(make_home("1"), workers=2)
    output = tmp_path_factory.mktemp("output") / "service.log"
    with output.open("wb") as file, running_service(environment, file) as process:
        yield Running(environment, process, output)


@pytest.fixture(scope="module")
def client(running: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address_of(running.environment), timeout=20) as made:
        until(lambda: made.get("/readyz").status_code == 200)
        yield made


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_two_processes_load_the_version_and_answer(running: Running, client: httpx.Client) -> None:
    until(lambda: len(running.lines("version_answers")) == 2)
    assert len(running.workers) == 2
    for _ in range(20):
        answer = client.post("/v1/triage", json={"ticket": {"id": 1, "subject": "vpn is down"}}).json()
        assert (answer["version"], answer["queue"]["label"], answer["journaled"]) == ("1", "Network", True)


def test_what_one_process_answered_the_other_finds_at_once(client: httpx.Client, running: Running) -> None:
    sent = {"tickets": [{"id": number, "body": "wifi drops"} for number in range(5)]}
    for answer in client.post("/v1/triage/batch", json=sent).json()["answers"]:
        with httpx.Client(base_url=address_of(running.environment)) as another:
            assert another.get(f"/v1/predictions/{answer['prediction_id']}").json()["answer"] == answer


def test_what_one_process_answered_can_be_spoken_of_at_the_other_at_once(running: Running) -> None:
    address = address_of(running.environment)
    for number in range(10):
        ticket = {"ticket": {"id": f"spoken-{number}", "body": "wifi drops"}}
        name = httpx.post(f"{address}/v1/triage", json=ticket).json()["prediction_id"]
        verdict = {"prediction_id": name, "who": "ann", "queue": "Network", "comment": SECRET}
        outcome = {"ticket_id": f"spoken-{number}", "queue": "Network", "resolution": SECRET}
        for status, new in ((201, 1), (200, 0)):
            assert httpx.post(f"{address}/v1/feedback", json=verdict).status_code == status
            assert httpx.post(f"{address}/v1/outcomes", json={"outcome": outcome}).json()["new"] == new
        (heard,) = httpx.get(f"{address}/v1/predictions/{name}").json()["feedback"]
        assert (heard["who"], heard["queue"]) == ("ann", "Network")

    def counted(series: str) -> bool:
        return series in httpx.get(f"{address}/metrics").text

    until(lambda: counted('pointsman_verdicts_total{head="queue",said="agreed"} 10.0'))
    until(lambda: counted('pointsman_outcomes_total{kind="new"} 10.0'))
    assert SECRET not in running.output.read_text()


def test_the_processes_have_mapped_none_of_the_training_libraries(running: Running, client: httpx.Client) -> None:
    assert client.get("/readyz").status_code == 200
    for worker in running.workers:
        mapped = {part for line in worker.memory_maps() for part in Path(line.path).parts}
        assert "numpy" in mapped
        assert mapped.isdisjoint(NEVER)


def test_the_log_holds_a_line_a_request_and_no_ticket(running: Running, client: httpx.Client) -> None:
    given = {"X-Request-Id": "from-the-caller-1"}
    client.post("/v1/triage", json={"ticket": {"id": 1, "body": SECRET}}, headers=given)
    client.post("/v1/triage", json={"ticket": {"id": 1, "body": SECRET, SECRET: 1}})

    def of_the_caller() -> list[dict[str, Any]]:
        return [line for line in running.lines("request") if line["request_id"] == "from-the-caller-1"]

    until(lambda: len(of_the_caller()) == 1)
    (line,) = of_the_caller()
    assert (line["method"], line["route"], line["status"]) == ("POST", "/v1/triage", 200)
    assert SECRET not in running.output.read_text()
    assert str(running.environment.home) not in json.dumps(running.lines("request"))


def test_no_way_of_going_wrong_brings_a_ticket_into_the_output(running: Running, client: httpx.Client) -> None:
    json_type = {"Content-Type": "application/json"}
    ours = ("/v1/triage", "/v1/triage/batch", f"/v1/predictions/{SECRET}")
    for path in (*ours, "/none", f"/{SECRET}?{SECRET}={SECRET}"):
        client.post(path, json={"ticket": {"id": 1, "body": [SECRET]}})
        client.post(path, content=b'{"ticket": "' + SECRET.encode(), headers=json_type)
        client.post(path, data={"ticket": SECRET})
        client.get(path, params={"q": SECRET}, headers={"X-Request-Id": f"no {SECRET}"})
        client.request(SECRET.upper()[:12], path, headers={"Upgrade": "websocket", "Connection": "Upgrade"})
    with closing(socket.create_connection((running.environment.host, running.environment.port))) as caller:
        caller.sendall(f"{SECRET} is no HTTP\r\n\r\n".encode())
        assert caller.recv(65536).startswith(b"HTTP/1.1 400")
    client.post("/v1/triage", json={"ticket": {"id": 1, "body": "the last"}}, headers={"X-Request-Id": "last-one"})
    until(lambda: any(line["request_id"] == "last-one" for line in running.lines("request")))
    assert SECRET not in running.output.read_text()
    assert SECRET not in client.get("/metrics").text


def test_the_processes_count_together(running: Running, client: httpx.Client) -> None:
    def counted(name: str) -> float:
        (found,) = [line for line in client.get("/metrics").text.splitlines() if line.startswith(f"pointsman_{name} ")]
        return float(found.rpartition(" ")[2])

    until(lambda: counted("processes") == 2)
    name = 'requests_total{method="POST",route="/v1/triage",status="200"}'
    before = counted(name)
    for _ in range(20):
        with httpx.Client(base_url=address_of(running.environment)) as another:
            assert another.post("/v1/triage", json={"ticket": {"id": 1, "body": "vpn"}}).status_code == 200
    assert {counted(name) for _ in range(5)} == {before + 20}
    assert counted("swaps_total") == 2
    assert len(list(running.environment.metrics.iterdir())) == 2


def test_slow_callers_are_gone_within_fifteen_seconds(running: Running) -> None:
    """A head that never ends, a body that never ends, and an answer of megabytes that nobody takes, all at once."""
    address = (running.environment.host, running.environment.port)
    began = time.monotonic()
    head = b"POST /v1/triage/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    batch = json.dumps({"tickets": [{"id": n, "body": "vpn"} for n in range(1000)], "explain": True}).encode()
    sent = {
        "head": head,
        "body": head + b"Content-Length: 500\r\n\r\n{",
        "answer": head + f"Content-Length: {len(batch)}\r\n\r\n".encode() + batch,
    }
    with ExitStack() as opened:
        callers = {}
        for name, said in sent.items():
            made = callers[name] = opened.enter_context(closing(socket.socket()))
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            made.connect(address)
            made.sendall(said)
        connections = {caller.getsockname()[1] for caller in callers.values()}

        def still_there() -> int:
            ports = [one.raddr.port for worker in running.workers for one in worker.net_connections("tcp") if one.raddr]
            return len(connections.intersection(ports))

        until(lambda: still_there() == len(callers))  # a worker that has not accepted them yet has none, either
        until(lambda: still_there() == 0, seconds=25)
        taken = time.monotonic() - began
        for name, start in (("head", b"HTTP/1.1 408"), ("body", b"HTTP/1.1 408"), ("answer", b"HTTP/1.1 200")):
            callers[name].settimeout(5)
            assert callers[name].recv(65536).startswith(start), name
    assert taken < 20  # fifteen from when the batch was answered


def test_a_caller_who_hangs_up_in_the_middle_of_a_body_hurts_nobody(running: Running, client: httpx.Client) -> None:
    head = b"POST /v1/triage HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
    before = sum(line["status"] == 499 for line in running.lines("request"))
    for _ in range(10):
        with closing(socket.create_connection((running.environment.host, running.environment.port))) as caller:
            caller.sendall(head + b'{"ticket": ')
    assert client.post("/v1/triage", json={"ticket": {"id": 1, "body": ""}}).status_code == 200
    until(lambda: sum(line["status"] == 499 for line in running.lines("request")) == before + 10)


def test_a_body_that_is_too_large_is_answered_and_its_connection_closed(running: Running) -> None:
    head = b"POST /v1/triage HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000001\r\n\r\n"
    with closing(socket.create_connection((running.environment.host, running.environment.port))) as caller:
        caller.sendall(head)
        caller.settimeout(10)
        answer = b"".join(iter(lambda: caller.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 413")


def test_bentomls_files_lie_under_our_home(running: Running) -> None:
    assert (running.environment.home / "bentoml" / str(running.environment.port)).is_dir()


LISTING = """
import asyncio, json, sys
from serving.service import Pointsman

async def main():
    app, sent, asked, life = Pointsman.to_asgi(), asyncio.Queue(), asyncio.Queue(), asyncio.Queue()
    lifespan = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}}, life.get, sent.put))
    await life.put({"type": "lifespan.startup"})
    assert (await sent.get())["type"] == "lifespan.startup.complete"
    body = json.dumps({"ticket": {"id": 1, "body": "vpn"}}).encode()
    await asked.put({"type": "http.request", "body": body, "more_body": False})
    headers = [(b"content-type", b"application/json"), (b"host", b"x")]
    await app({"type": "http", "method": "POST", "path": "/v1/triage", "headers": headers, "query_string": b"",
               "scheme": "http", "server": ("x", 1), "root_path": ""}, asked.get, sent.put)
    assert (await sent.get())["status"] == 200
    answer = json.loads((await sent.get())["body"])
    assert answer["version"] == "1", answer
    print("MODULES " + json.dumps(sorted(sys.modules)))
    await life.put({"type": "lifespan.shutdown"})
    await lifespan

asyncio.run(main())
"""


def test_a_serving_process_has_imported_none_of_the_training_libraries(make_home: MakeHome) -> None:
    variables = serve_variables(make_home("1"), os.environ)
    ended = subprocess.run(
        [sys.executable, "-c", LISTING],
        env=variables,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    (listed,) = [line for line in ended.stdout.splitlines() if line.startswith("MODULES ")] or [ended.stderr]
    loaded = {name.partition(".")[0] for name in json.loads(listed.removeprefix("MODULES "))}
    assert {"numpy", "models", "serving"} <= loaded
    assert loaded.isdisjoint({*NEVER, "training", "cli", "simulation"})


def test_sigterm_ends_it_cleanly_and_loses_nothing(running: Running, client: httpx.Client) -> None:
    """The last test of this module: the service that the others use is gone afterwards."""
    sent = {"tickets": [{"id": number, "body": ""} for number in range(100)]}
    answers = client.post("/v1/triage/batch", json=sent).json()["answers"]
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(timeout=10) == 0
    engine = connect(running.environment.database_url)
    assert all(find(engine, answer["prediction_id"]) for answer in answers)
    engine.dispose()
    assert not list(running.environment.log.glob("*.segment"))
