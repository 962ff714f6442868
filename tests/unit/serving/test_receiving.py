"""A body that comes slowly, or not at all."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
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


words = st.from_regex(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}", fullmatch=True)
parameters = st.tuples(
    words | st.just("charset"), words | st.from_regex(r'"[^"\\\n]{0,12}"', fullmatch=True) | st.just("utf-8")
)


def is_taken(*content_types: str) -> bool:
    headers = [(b"content-type", one.encode("latin-1", "replace")) for one in content_types]
    asked = Request({"type": "http", "headers": headers}, request(part(b"{}", more=False)).receive)
    try:
        asyncio.run(receive_json(asked, 100))
    except ProblemError as problem:
        return problem.status != 415
    return True


@given(
    st.lists(parameters, max_size=4),
    st.sampled_from(["application/json", "Application/JSON"]),
    st.text(" \t", max_size=2),
)
def test_json_is_taken_whatever_its_parameters_but_in_one_character_set(
    given: list[tuple[str, str]], media_type: str, space: str
) -> None:
    spelling = media_type + "".join(f"{space};{space}{name}={value}" for name, value in given)
    said = [value.strip('"').lower() for name, value in given if name.lower() == "charset"]
    assert is_taken(spelling) == (said in ([], ["utf-8"], ["utf8"]))


@given(st.text(max_size=60))
def test_any_other_type_is_refused_in_a_problem(text: str) -> None:
    if not text.lower().startswith("application/json"):
        assert not is_taken(text)
    assert is_taken(f"application/json{text}") in (True, False)


def test_of_two_types_none_is_taken() -> None:
    assert is_taken("application/json")
    assert not is_taken("application/json", "application/json")
    assert not is_taken("application/json", "text/plain")


def test_a_type_of_a_hundred_thousand_parameters_takes_no_time() -> None:
    assert is_taken("application/json" + ";a=b" * 100_000)
    assert not is_taken("application/json" + ";a=b" * 100_000 + ";=")
