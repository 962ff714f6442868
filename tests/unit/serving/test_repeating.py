"""A POST under an `Idempotency-Key`: answered once, repeated byte for byte, never for another request."""

import asyncio
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from journal.database import connect
from journal.predictions import count
from journal.promotions import promotions
from journal.repeats import claim, find_repeat
from journal.tables import DEFAULT_TENANT
from serving import promoting, repeating
from serving.app import build_app
from serving.house import open_house
from serving.openapi import api_document
from serving.operation import Operation
from serving.replying import json_response
from serving.triage import Desk

TICKET = {"ticket": {"id": "4312", "subject": "Charged twice", "attributes": {"é": 0.1}}}
BATCH = {"tickets": [{"id": number, "body": "wifi drops"} for number in range(40)]}
KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


@pytest.fixture
def own_desk(make_desk: Callable[[], Desk]) -> Desk:
    return make_desk()


@contextmanager
def process(desk: Desk) -> Iterator[TestClient]:
    """A client of an app that remembers nothing yet, as another process or one that was started anew."""
    with TestClient(build_app(open_house(desk))) as made:
        yield made


@pytest.fixture
def client(own_desk: Desk) -> Iterator[TestClient]:
    with process(own_desk) as made:
        yield made


def conflict(response: Any) -> str:
    assert (response.status_code, response.json()["type"]) == (409, "urn:pointsman:problem:conflict")
    return str(response.json()["detail"])


def same(first: Any, second: Any) -> None:
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert "idempotent-replay" not in first.headers
    assert second.headers["idempotent-replay"] == "true"
    assert first.headers["content-type"] == second.headers["content-type"]


@pytest.mark.parametrize(("path", "body"), [("/v1/triage", TICKET), ("/v1/triage/batch", BATCH)])
@pytest.mark.parametrize("is_drained", [False, True])
def test_the_first_answer_comes_again_from_this_process_the_log_and_the_database(
    client: TestClient, own_desk: Desk, path: str, body: Any, is_drained: bool
) -> None:
    first = client.post(path, json=body, headers=KEY)
    same(first, client.post(path, json=body, headers=KEY))
    if is_drained:
        own_desk.journaling.log.retire()
        assert own_desk.journaling.drain.move()
    with process(own_desk) as another:
        same(first, another.post(path, json=body, headers=KEY))
    own_desk.journaling.drain.move()
    assert count(own_desk.journaling.engine).predictions == (40 if body is BATCH else 1)


def test_what_was_answered_to_somebody_who_was_erased_does_not_come_again(client: TestClient, own_desk: Desk) -> None:
    other = {"Idempotency-Key": "of somebody else"}
    first = client.post("/v1/triage", json={"ticket": {"id": 1, "body": "vpn", "customer": {"id": "c-9"}}}, headers=KEY)
    kept = client.post("/v1/triage", json=TICKET, headers=other)
    own_desk.journaling.log.retire()
    assert own_desk.journaling.drain.move()
    assert client.post("/v1/forget", json={"customer": "c-9"}).status_code == 200
    own_desk.watch.look()
    again = client.post("/v1/triage", json={"ticket": {"id": 1, "body": "vpn", "customer": {"id": "c-9"}}}, headers=KEY)
    assert again.status_code == 200, again.text
    assert again.json()["prediction_id"] != first.json()["prediction_id"]
    assert "idempotent-replay" not in again.headers
    same(kept, client.post("/v1/triage", json=TICKET, headers=other))


def test_a_large_ticket_comes_again_too(client: TestClient, own_desk: Desk) -> None:
    body = {"ticket": {"id": 1, "body": "x" * 100_000}}
    first = client.post("/v1/triage", json=body, headers=KEY)
    with process(own_desk) as another:
        same(first, another.post("/v1/triage", json=body, headers=KEY))


def test_the_key_of_another_request_is_refused(client: TestClient, own_desk: Desk) -> None:
    assert client.post("/v1/triage", json=TICKET, headers=KEY).is_success
    for _ in range(2):
        with process(own_desk) as one:
            for path, body in (("/v1/triage", {"ticket": {"id": "1", "body": "x"}}), ("/v1/triage/batch", BATCH)):
                assert "another request" in conflict(one.post(path, json=body, headers=KEY))
            assert "another request" in conflict(one.post("/v1/triage?x=1", json=TICKET, headers=KEY))
        own_desk.journaling.drain.move()


def test_without_a_key_every_request_is_its_own(client: TestClient) -> None:
    answers = {client.post("/v1/triage", json=TICKET).json()["prediction_id"] for _ in range(3)}
    assert len(answers) == 3
    others = {"Idempotency-Key": "another"}
    assert (
        client.post("/v1/triage", json=TICKET, headers=KEY).content
        != client.post("/v1/triage", json=TICKET, headers=others).content
    )


@pytest.mark.parametrize("key", [b"", b"x" * 256, b"caf\xc3\xa9", b"a\tb"])
def test_a_key_that_is_none_is_refused(client: TestClient, key: bytes) -> None:
    response = client.post("/v1/triage", json=TICKET, headers=[(b"Idempotency-Key", key)])
    assert (response.status_code, response.json()["type"]) == (400, "urn:pointsman:problem:invalid-header")
    assert response.json()["errors"][0]["field"] == "Idempotency-Key"


def test_two_keys_are_none_and_the_longest_is_one(client: TestClient) -> None:
    twice = client.post("/v1/triage", json=TICKET, headers=[("Idempotency-Key", "a"), ("Idempotency-Key", "a")])
    assert twice.status_code == 400
    assert client.post("/v1/triage", json=TICKET, headers={"Idempotency-Key": "~" * 255}).is_success


def test_a_refusal_is_not_kept(client: TestClient) -> None:
    assert client.post("/v1/triage", json={"ticket": {"id": 1}}, headers=KEY).status_code == 400
    assert client.post("/v1/triage", content=b"x", headers=KEY).status_code == 415
    assert client.post("/v1/triage", json=TICKET, headers=KEY).is_success


def test_those_who_come_meanwhile_wait_for_the_first(own_desk: Desk) -> None:
    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(build_app(open_house(own_desk)))
        async with httpx.AsyncClient(transport=transport, base_url="http://desk") as caller:
            return await asyncio.gather(
                *(caller.post("/v1/triage/batch", json=BATCH, headers=KEY) for _ in range(5)),
                caller.post("/v1/triage/batch", json={"tickets": BATCH["tickets"][:1]}, headers=KEY),
            )

    answers = asyncio.run(ask())
    assert [one.status_code for one in answers] == [200] * 5 + [409]
    assert len({one.content for one in answers[:5]}) == 1
    assert sum("idempotent-replay" in one.headers for one in answers) == 4


def test_a_day_later_the_key_is_free(client: TestClient, own_desk: Desk) -> None:
    first = client.post("/v1/triage", json=TICKET, headers=KEY).json()
    own_desk.journaling.drain.move()
    later = replace(own_desk, now=lambda: own_desk.now() + timedelta(hours=25))
    with process(later) as tomorrow:
        second = tomorrow.post("/v1/triage", json=TICKET, headers=KEY).json()
    assert first["prediction_id"] != second["prediction_id"]


@pytest.mark.parametrize("is_silent", [True, False])
def test_while_the_database_is_silent_process_and_log_remember(
    own_desk: Desk, is_silent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeating, "SECONDS_FOR_A_LOOK", 0.2)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1] if is_silent else 1
        engine = connect(f"postgresql://nobody@127.0.0.1:{port}/nothing")
        desk = replace(own_desk, journaling=replace(own_desk.journaling, engine=engine))
        with process(desk) as one:
            began = time.monotonic()
            first = one.post("/v1/triage", json=TICKET, headers=KEY)
            assert time.monotonic() - began < 2
            same(first, one.post("/v1/triage", json=TICKET, headers=KEY))
        with process(desk) as another:
            same(first, another.post("/v1/triage", json=TICKET, headers=KEY))
            began = time.monotonic()
            for number in range(20):
                headers = {"Idempotency-Key": f"key {number}"}
                assert another.post("/v1/triage", json=TICKET, headers=headers).json()["journaled"]
            assert time.monotonic() - began < 5
        engine.dispose()


def test_where_nothing_durable_can_be_written_this_process_remembers(own_desk: Desk) -> None:
    own_desk.journaling.log.close()
    with process(own_desk) as one:
        first = one.post("/v1/triage", json=TICKET, headers=KEY)
        assert first.json()["journaled"] is False
        same(first, one.post("/v1/triage", json=TICKET, headers=KEY))


class Counted:
    """An operation that writes to the database, and how often it was done."""

    def __init__(self, status: int = 200, is_secret: bool = False) -> None:
        self.times = 0
        self.status = status
        self.operation = Operation(
            "POST", "/v1/things", self.answer, "x", "x", writes="database", status=status, is_secret=is_secret
        )

    async def answer(self, _: Desk, __: Request) -> Response:
        self.times += 1
        if self.status == 204:
            return Response(status_code=204)
        if self.status >= 500:
            raise ZeroDivisionError
        return json_response({"times": self.times, "share": 0.1 + 0.2}, self.status)


@contextmanager
def only(counted: Counted, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr("serving.app.OPERATIONS", (counted.operation,))
    app: Starlette = build_app(open_house(desk))
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


@pytest.mark.parametrize("status", [200, 201, 204])
def test_whatever_else_writes_is_done_once(own_desk: Desk, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    counted = Counted(status)
    answers = []
    for _ in range(2):
        with only(counted, own_desk, monkeypatch) as one:
            answers += [one.post("/v1/things", headers=KEY) for _ in range(2)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(status, answers[0].content)}
    assert [answer.headers.get("idempotent-replay") for answer in answers] == [None, "true", "true", "true"]
    assert counted.times == 1


@pytest.mark.parametrize("status", [500, 307])
def test_what_came_to_nothing_is_tried_again(own_desk: Desk, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    counted = Counted(status)
    with only(counted, own_desk, monkeypatch) as one:
        for _ in range(2):
            assert one.post("/v1/things", headers=KEY, follow_redirects=False).status_code == status
    assert counted.times == 2


def test_a_secret_is_written_nowhere_and_the_request_not_done_again(
    own_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(is_secret=True)
    with only(counted, own_desk, monkeypatch) as one:
        first = one.post("/v1/things", headers=KEY)
        same(first, one.post("/v1/things", headers=KEY))
    with only(counted, own_desk, monkeypatch) as another:
        assert "is not kept" in conflict(another.post("/v1/things", headers=KEY))
    assert counted.times == 1


def test_what_another_process_has_under_way_is_asked_for_again_and_what_it_lost_is_not_done(
    own_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, names = Counted(), []
    monkeypatch.setattr(repeating, "claim", lambda *given, **named: names.append(given[2]) or claim(*given, **named))
    with only(counted, own_desk, monkeypatch) as one:
        one.post("/v1/things", headers={"Idempotency-Key": "another"})
        monkeypatch.setattr(repeating, "settle", lambda *_, **__: None)
        one.post("/v1/things", headers=KEY)
    assert find_repeat(own_desk.journaling.engine, DEFAULT_TENANT, names[1], now=own_desk.now()).status is None  # type: ignore[union-attr]
    with only(counted, own_desk, monkeypatch) as another:
        response = another.post("/v1/things", headers=KEY)
        assert "under way" in conflict(response)
        assert response.headers["retry-after"] == "1"
    later = replace(own_desk, now=lambda: own_desk.now() + timedelta(minutes=2))
    with only(counted, later, monkeypatch) as another:
        response = another.post("/v1/things", headers=KEY)
        assert "lost" in conflict(response)
        assert "retry-after" not in response.headers
    assert counted.times == 2


def test_without_its_database_what_else_writes_is_not_done(own_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = connect("postgresql://nobody@127.0.0.1:1/nothing")
    desk = replace(own_desk, journaling=replace(own_desk.journaling, engine=engine))
    counted = Counted()
    with only(counted, desk, monkeypatch) as one:
        response = one.post("/v1/things", headers=KEY)
    assert (response.status_code, counted.times) == (503, 0)
    engine.dispose()


def test_a_rollback_that_is_sent_again_goes_back_once(
    client: TestClient, own_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("check", "mirror"):
        monkeypatch.setattr(promoting, name, lambda *_: None)
    for version in ("1", "2", "3"):
        folder = own_desk.environment.versions / version
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text(json.dumps({"format": 6, "files": {}, "about": {}}))
        assert client.post("/v1/promotions", json={"version": version, "why": "newer"}).is_success
    body = {"rollback": True, "why": "wrong queues"}
    first = client.post("/v1/promotions", json=body, headers=KEY)
    same(first, client.post("/v1/promotions", json=body, headers=KEY))
    with process(own_desk) as another:
        same(first, another.post("/v1/promotions", json=body, headers=KEY))
    assert [one.version for one in promotions(own_desk.journaling.engine)] == ["1", "2", "3", "2"]


def test_every_post_that_writes_is_documented_with_its_key() -> None:
    for path, methods in api_document()["paths"].items():
        for method, operation in methods.items():
            named = {one["name"] for one in operation.get("parameters", ())}
            assert ("Idempotency-Key" in named) == (method == "post"), path
            assert method != "post" or "409" in operation["responses"]
