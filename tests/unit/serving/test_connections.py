"""Connections over real sockets: who is too slow, who asks too much. All waits of a test run at once."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPResponse
from typing import Any

import pytest
import uvicorn

from serving.connections import Connections, PatientProtocol
from serving.overload import Gate

BODY = b"x" * 20_000_000


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers /large with 20 MB, /v1/triage after a moment and without its body, all else at once."""
    if scope["type"] != "http":
        return
    if scope["path"] == "/v1/triage":
        await asyncio.sleep(0.3)
    body = BODY if scope["path"] == "/large" else b"here"
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Served:
    """A server on a port of its own, in a thread."""

    def __init__(self, shared: Connections) -> None:
        protocol = type("Protocol", (PatientProtocol,), {"shared": shared})
        config = uvicorn.Config(app, http=protocol, log_level="error", lifespan="off", timeout_keep_alive=1)
        self.server = uvicorn.Server(config)
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]})

    def __enter__(self) -> "Served":
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(timeout=10)

    def connect(self, sent: bytes = b"") -> socket.socket:
        made = socket.socket()
        made.settimeout(8)
        made.connect(("127.0.0.1", self.port))
        made.sendall(sent)
        return made


@pytest.fixture
def shared() -> Connections:
    return Connections(for_a_head=0.5, for_an_answer=1.5, between_looks=0.1)


@pytest.fixture
def served(shared: Connections) -> Iterator[Served]:
    with Served(shared) as made:
        yield made


def rest(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def until_gone(shared: Connections, seconds: float = 5) -> None:
    give_up = time.monotonic() + seconds
    while shared.opened:
        assert time.monotonic() < give_up
        time.sleep(0.02)


GET = b"GET /quick HTTP/1.1\r\nHost: x\r\n\r\n"
SLOW = {
    "nothing at all": b"",
    "half a head": b"GET /quick HTTP/1.1\r\nHost: x\r\n",
    "empty lines": b"\r\n\r\n",
    "half a head behind a whole request": GET + b"GET /qui",
    "a body that nobody waits for": b"POST /quick HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx",
}

TRICKLE = {"nothing at all": b"", "empty lines": b"\r\n"}


def test_whoever_does_not_finish_a_request_is_cut_off_though_bytes_trickle_in(
    served: Served, shared: Connections
) -> None:
    began = time.monotonic()
    with ExitStack() as opened:
        callers = {name: opened.enter_context(closing(served.connect(sent))) for name, sent in SLOW.items()}
        left = set(callers)
        while left and time.monotonic() < began + 5:
            time.sleep(0.1)
            for name in list(left):
                try:
                    callers[name].sendall(TRICKLE.get(name, b"x"))
                except OSError:
                    left.discard(name)
            if not shared.opened:
                break
        until_gone(shared)
    assert 0.4 < time.monotonic() - began < 4
    assert shared.cut_off >= len(SLOW) - 1


def test_who_is_cut_off_before_a_first_request_is_told(served: Served) -> None:
    with closing(served.connect(b"GET /qui")) as caller:
        answer = rest(caller)
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"urn:pointsman:problem:too-slow" in answer


def test_who_does_not_take_an_answer_is_cut_off_and_who_takes_it_gets_all(served: Served, shared: Connections) -> None:
    ask = GET.replace(b"/quick", b"/large")
    with closing(served.connect(ask)) as idle:
        with closing(served.connect(ask.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))) as reader:
            assert rest(reader).endswith(b"\r\n\r\n" + BODY)
        until_gone(shared)
        assert len(rest(idle)) < len(BODY)
    assert shared.cut_off == 1


def test_an_idle_connection_is_closed_and_a_busy_one_is_not(served: Served, shared: Connections) -> None:
    with closing(served.connect()) as busy:
        for _ in range(15):
            busy.sendall(GET)
            assert b"200 OK" in busy.recv(4096)
            time.sleep(0.1)
        assert rest(busy) == b""
    assert shared.cut_off == 0


def status_of(caller: socket.socket) -> int:
    """Of the next answer, which is read to its end: it may come in parts."""
    answer = HTTPResponse(caller)
    answer.begin()
    answer.read()
    return answer.status


def test_what_is_too_much_is_turned_away_and_its_connection_serves_on() -> None:
    shared = Connections(gate=Gate(tickets=2, before_a_refusal=0.05))
    ask = b"POST /v1/triage HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
    with Served(shared) as served, ExitStack() as opened:
        callers = [opened.enter_context(closing(served.connect(ask))) for _ in range(4)]
        assert sorted(status_of(caller) for caller in callers) == [200, 200, 503, 503]
        for caller in callers:
            caller.sendall(GET)
            assert status_of(caller) == 200
        assert (shared.gate.working[True], shared.gate.waiting, shared.gate.held) == (0, 0, 0)


def test_of_requests_in_a_row_on_one_connection_each_is_answered_and_no_seat_is_kept(shared: Connections) -> None:
    ask = b"POST /v1/triage HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
    with Served(shared) as served:
        with closing(served.connect(ask * 3 + GET)) as caller:
            assert rest(caller).count(b"HTTP/1.1 200 OK") == 4
        with closing(served.connect(ask * 5)):
            time.sleep(0.1)
        until_gone(shared)
        time.sleep(0.5)
        assert (shared.gate.working[True], shared.gate.waiting) == (0, 0)


def test_one_connection_too_many_is_told_and_closed() -> None:
    shared = Connections(most=2)
    with Served(shared) as served, ExitStack() as opened:
        for _ in range(2):
            opened.enter_context(closing(served.connect(GET))).recv(4096)
        with closing(served.connect()) as third:
            answer = rest(third)
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"retry-after: 1" in answer.lower()
    assert shared.gate.refused["connections"] == 1


def test_a_call_for_another_protocol_is_answered_in_this_one(served: Served) -> None:
    ask = GET.replace(b"\r\n\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\n\r\n")
    with closing(served.connect(ask)) as caller:
        assert caller.recv(4096).startswith(b"HTTP/1.1 200 OK")
