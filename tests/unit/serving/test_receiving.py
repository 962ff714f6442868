"""A body that comes slowly, or not at all."""

import asyncio
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from serving.problems import ProblemError
from serving.receiving import receive_json


def request(*messages: dict[str, Any], then: str = "hang", headers: dict[str, str] | None = None) -> Request:
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop(0)
        if then == "hang":
            await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    given = {"content-type": "application/json", **(headers or {})}
    scope = {"type": "http", "headers": [(name.encode(), value.encode()) for name, value in given.items()]}
    return Request(scope, receive)


def part(body: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_in_pieces_is_put_together() -> None:
    pieces = request(part(b'{"a"', more=True), part(b": 1}", more=False))
    assert asyncio.run(receive_json(pieces, 100)) == b'{"a": 1}'


def test_a_body_that_stops_coming_is_given_up() -> None:
    with pytest.raises(ProblemError) as caught:
        asyncio.run(receive_json(request(part(b"{", more=True)), 100, seconds=0.05))
    assert (caught.value.status, caught.value.kind) == (408, "too-slow")


def test_a_caller_who_goes_away_ends_the_request() -> None:
    with pytest.raises(ClientDisconnect):
        asyncio.run(receive_json(request(part(b"{", more=True), then="leave"), 100))


@pytest.mark.parametrize("said", ["101", "9" * 5000])
def test_a_length_beyond_the_bound_is_refused_before_anything_arrives(said: str) -> None:
    with pytest.raises(ProblemError) as caught:
        asyncio.run(receive_json(request(headers={"content-length": said}), 100))
    assert caught.value.status == 413


def test_more_than_was_said_is_refused_as_it_arrives() -> None:
    with pytest.raises(ProblemError) as caught:
        asyncio.run(receive_json(request(part(b" " * 101, more=True), headers={"content-length": "5"}), 100))
    assert caught.value.status == 413
