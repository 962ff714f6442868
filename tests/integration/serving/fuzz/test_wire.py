"""What no HTTP client sends: raw bytes on a socket, to `bentoml serve`.

Whatever comes, the service answers in its own form or hangs up, takes no byte of one request for another's, and serves
the next caller. How long slow callers are waited for is another test's matter.
"""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.client import BadStatusLine, HTTPResponse
from pathlib import Path
from typing import Any, Final

import httpx
import psutil
import pytest

MARK: Final = "xyzzy-from-the-wire"
TICKET: Final = json.dumps({"ticket": {"id": MARK, "subject": "vpn is down"}}).encode()
HEAD: Final = b"POST /v1/triage HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
LIVEZ: Final = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
SECONDS: Final = 12


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)


def sized(length: object, body: bytes = TICKET) -> bytes:
    return HEAD + f"Content-Length: {length}\r\n\r\n".encode() + body


REFUSED: Final = {
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100,
    "HTTP/2 without being asked": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "bytes and more bytes": bytes(range(128, 256)) * 10 + b"\r\n\r\n",
    "a method that is none": b"G3T / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method with a space before": b" GET /livez HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method in a language of its own": "GÉT /livez HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    "no target": b"GET HTTP/1.1\r\nHost: x\r\n\r\n",
    "no version of HTTP that there is": b"GET /livez HTTP/9.9\r\nHost: x\r\n\r\n",
    "another protocol": b"GET /livez SIP/2.0\r\nHost: x\r\n\r\n",
    "NUL in the target": b"GET /live\0z HTTP/1.1\r\nHost: x\r\n\r\n",
    "lines that end in a line feed alone": b"GET /livez HTTP/1.1\nHost: x\n\n",
    "a header without a colon": b"GET /livez HTTP/1.1\r\nHost x\r\n\r\n",
    "a header without a name": b"GET /livez HTTP/1.1\r\n: x\r\n\r\n",
    "a space before a header's colon": sized(len(TICKET)).replace(b"Content-Length:", b"Content-Length :"),
    "a header that goes on in the next line": sized(len(TICKET)).replace(
        b"\r\nContent-Type: ", b"\r\nContent-Type:\r\n "
    ),
    "NUL in a header": b"GET /livez HTTP/1.1\r\nHost: x\0y\r\n\r\n",
    "a bare carriage return in a header": b"GET /livez HTTP/1.1\r\nHost: x\rX-A: 1\r\n\r\n",
    "a length that is a word": sized("many"),
    "a length below nought": sized("-5"),
    "a length with a plus": sized(f"+{len(TICKET)}"),
    "a length in hexadecimal": sized(hex(len(TICKET))),
    "a length with a fraction": sized(f"{len(TICKET)}.0"),
    "a length of 40 digits": sized("9" * 40),
    "two lengths that differ": sized(f"{len(TICKET)}\r\nContent-Length: 5"),
    "two lengths in one header": sized(f"{len(TICKET)}, 5"),
    "a length and chunks": sized(f"{len(TICKET)}\r\nTransfer-Encoding: chunked", chunked(TICKET, b"")),
    "chunks and a length": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + chunked(TICKET, b""),
    "chunks behind another coding": HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n" + chunked(TICKET, b""),
    "chunks of no size": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + TICKET,
    "chunks below nought": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + TICKET,
    "chunks beyond 64 bits": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 17 + b"\r\n" + TICKET,
    "a chunk that is longer than it says": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n5\r\n"
    + TICKET
    + b"\r\n0\r\n\r\n",
    "a body that is longer than it says": sized(5),
    "a body of 1,000,001 bytes, said": sized(1_000_001, b"{"),
    "a batch of 16,000,001 bytes, said": sized(16_000_001, b"{").replace(b"/v1/triage", b"/v1/triage/batch"),
}
"""Each ends its connection, with a problem or without a word; what may follow on it would not be told apart."""

TAKEN: Final = {
    "HTTP/1.0": (b"GET /livez HTTP/1.0\r\n\r\n", 200),
    "HTTP/1.0 with a body": (sized(len(TICKET)).replace(b"HTTP/1.1", b"HTTP/1.0"), 200),
    "a target with scheme and host": (b"GET http://elsewhere/livez HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    "a target of dots": (b"GET /docs/../livez HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    "a target of encoded dots": (b"GET /docs/%2e%2e/livez HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    "a target with two strokes": (b"GET //livez HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    "a target with an encoded NUL": (b"GET /v1/predictions/%00 HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    "a target that is no UTF-8": (b"GET /v1/predictions/%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    "a target of 8,000 characters": (b"GET /v1/predictions/" + b"a" * 8_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    "a query of 8,000 characters": (b"GET /livez?" + b"a=1&" * 2_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    "a star for a target": (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    "a method that few know": (b"PROPFIND /livez HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    "TRACE": (b"TRACE /livez HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    "a GET with a body": (b"GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", 200),
    "an empty line before the request": (b"\r\n" + LIVEZ, 200),
    "no host": (b"GET /livez HTTP/1.1\r\n\r\n", 200),
    "an upgrade to WebSocket": (
        b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        200,
    ),
    "an upgrade to HTTP/2": (b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 200),
    "a body in chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(TICKET[:9], TICKET[9:], b""), 200),
    "a body in chunks of a byte": (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(*(TICKET[n : n + 1] for n in range(len(TICKET))), b""),
        200,
    ),
    "chunks with names": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n", 400),
    "chunks and a trailer": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-A: b\r\n\r\n", 400),
    "two equal ids of a request": (LIVEZ.replace(b"\r\n\r\n", b"\r\nX-Request-Id: a\r\nX-Request-Id: a\r\n\r\n"), 200),
    "a header with bytes beyond ASCII": (LIVEZ.replace(b"\r\n\r\n", b"\r\nX-A: \xe4\xff\r\n\r\n"), 200),
    "a cookie and a range": (LIVEZ.replace(b"\r\n\r\n", b"\r\nCookie: a=b\r\nRange: bytes=0-1\r\n\r\n"), 200),
    "300 headers": (LIVEZ.replace(b"\r\n\r\n", b"\r\n" + b"X-A: b\r\n" * 300 + b"\r\n"), 200),
}
"""Unusual, and answered like any other request with the status beside it."""


class Lasting:
    """What an answer is read from, and the next one after it: a response closes its file once it is read."""

    def __init__(self, reading: Any) -> None:
        self._reading = reading

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reading, name)

    def makefile(self, *_: Any) -> "Lasting":
        return self

    def close(self) -> None:
        pass


class Wire:
    """One connection."""

    def __init__(self, served: Any) -> None:
        address = (served.environment.host, served.environment.port)
        self.socket = socket.create_connection(address, timeout=SECONDS)
        self.reading = self.socket.makefile("rb")

    def close(self) -> None:
        self.reading.close()
        self.socket.close()

    def send(self, raw: bytes) -> None:
        # It may have hung up on us: what it said before is still to be read.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(raw)

    def answer(self, method: str = "GET") -> tuple[int, bytes, bool]:
        """Status, body, and whether the connection stays; (0, b"", False) where it is closed without a word."""
        response = HTTPResponse(Lasting(self.reading), method=method)
        try:
            response.begin()
            return response.status, response.read(), not response.will_close
        except (ConnectionResetError, BadStatusLine):
            return 0, b"", False

    def rest(self) -> bytes:
        """All that comes until the service closes the connection."""
        found = b""
        try:
            while part := self.reading.read1(65536):
                found += part
        except ConnectionResetError:
            pass
        return found


@pytest.fixture
def wire(served: Any) -> Iterator[Wire]:
    with closing(Wire(served)) as made:
        yield made


@pytest.fixture(autouse=True)
def the_next_caller_is_served(served: Any) -> Iterator[None]:
    """After every test here: a new connection, a good request, an answer."""
    yield
    answer = httpx.post(f"{served.address}/v1/triage", json={"ticket": {"id": "next", "subject": "vpn is down"}})
    assert (answer.status_code, answer.json()["queue"]["label"]) == (200, "Network")


def answers_in(raw: bytes) -> list[int]:
    return [int(part[:3]) for part in raw.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_told_apart_is_refused_and_the_connection_ended(wire: Wire, name: str) -> None:
    wire.send(REFUSED[name] + b"\r\n\r\n" + LIVEZ)
    raw = wire.rest()
    statuses = answers_in(raw)
    assert 200 not in statuses, raw[:500]
    assert len(statuses) <= 2
    assert all(400 <= status < 500 for status in statuses)
    assert raw.count(b"application/problem+json") == len(statuses)
    assert MARK.encode() not in raw
    assert b"Traceback" not in raw


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_merely_unusual_is_answered(wire: Wire, name: str) -> None:
    raw, status = TAKEN[name]
    wire.send(raw)
    got, body, _ = wire.answer()
    assert got == status, body[:300]
    if status >= 400:
        assert json.loads(body)["status"] == status


def test_requests_in_one_go_are_answered_one_by_one(wire: Wire) -> None:
    wire.send(LIVEZ + sized(len(TICKET)) + sized(2, b"{}") + LIVEZ)
    assert [wire.answer()[0] for _ in range(4)] == [200, 200, 400, 200]


def test_100_requests_in_one_go_are_answered_one_by_one(wire: Wire) -> None:
    wire.send(LIVEZ * 100)
    assert {wire.answer()[0] for _ in range(100)} == {200}


def test_a_body_that_nobody_read_is_not_the_next_request(wire: Wire) -> None:
    """415 leaves the body unread; a request that hides in it must not be answered."""
    hidden = b"DELETE /v1/triage HTTP/1.1\r\nHost: x\r\n\r\n"
    raw = sized(len(hidden), hidden).replace(b"application/json", b"text/plain")
    wire.send(raw + LIVEZ)
    statuses = [wire.answer()[0], wire.answer()[0]]
    assert statuses[0] == 415
    assert 405 not in statuses


def test_a_caller_who_asks_first_is_told_to_go_on_or_not_to(wire: Wire, served: Any) -> None:
    asking = sized(f"{len(TICKET)}\r\nExpect: 100-continue", b"")
    wire.send(asking)
    assert wire.socket.recv(65536).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
    wire.send(TICKET)
    assert wire.answer()[0] == 200
    with closing(Wire(served)) as another:
        another.send(asking.replace(b"application/json", b"text/plain"))
        assert another.socket.recv(65536).startswith(b"HTTP/1.1 415")


@pytest.mark.parametrize(("size", "status"), [(65_000, 200), (66_000, 431), (5_000_000, 431)])
def test_a_header_as_long_as_a_book_is_answered_and_one_beyond_refused(wire: Wire, size: int, status: int) -> None:
    wire.send(LIVEZ.replace(b"\r\n\r\n", b"\r\nX-A: " + b"a" * size + b"\r\n\r\n"))
    got, body, stays = wire.answer()
    assert (got, stays) in ((status, status == 200), (0, False))
    assert body == b"" or (json.loads(body).get("type") == "urn:pointsman:problem:head-too-large") == (status == 431)


def test_the_first_bytes_beyond_the_bound_are_told_so(wire: Wire) -> None:
    wire.send(LIVEZ[:-2] + b"X-A: b\r\n" * 1_900)
    wire.send(b"X-A: b\r\n" * 200)
    assert wire.answer()[0] == 431


def test_headers_without_end_do_not_fill_the_memory(wire: Wire, served: Any) -> None:
    before = memory(served)
    wire.send(LIVEZ[:-2])
    for _ in range(160):
        wire.send(b"X-A: b\r\n" * 12_500)
    assert wire.answer()[0] in (0, 431)
    assert memory(served) - before < 20_000_000


def memory(served: Any) -> int:
    return sum(one.memory_info().rss for one in workers(served))


def workers(served: Any) -> list[psutil.Process]:
    mine = psutil.Process().children(recursive=True)
    return [
        one
        for one in mine
        if "_bentoml_impl.worker.service" in one.cmdline()
        and one.environ().get("POINTSMAN_HOME") == str(served.environment.home)
    ]


def test_a_caller_who_says_more_than_comes_is_forgotten(wire: Wire) -> None:
    wire.send(sized(len(TICKET) + 100))
    wire.socket.shutdown(socket.SHUT_WR)
    assert wire.answer()[0] in (0, 400, 499)


def test_what_serves_is_watched_for_unpickling_with_the_child_that_tried_its_version(
    served: Any, unpickled: Path
) -> None:
    lines = [json.loads(line) for line in unpickled.read_text().splitlines()]
    assert {one.pid for one in workers(served)} <= {line["pid"] for line in lines}
    assert workers(served)
    assert any("models.check" in line["process"] for line in lines)
    assert {line["event"] for line in lines} == {"watching"}


def test_none_of_it_is_in_the_log(served: Any, tell: Callable[..., None]) -> None:
    """The last test of this module."""
    httpx.get(f"{served.address}/livez", headers={"X-Request-Id": "after-the-wire"})
    assert MARK not in served.said("after-the-wire")
    assert "Traceback" not in served.said("after-the-wire")
    tell("fuzz", "raw bytes on a socket", refused=len(REFUSED), unusual=len(TAKEN))
