"""One field wrong at a time, in each operation's own example: wrong types, bounds passed by one, times that are none.

What is sent is made from the schema of what an operation takes, so that a new operation is tried as it comes. Whatever
the document forbids is refused with the field's path, and nothing of it is repeated, logged or kept.
"""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from jsonschema import Draft202012Validator

from serving.openapi import api_document
from serving.operation import Operation
from serving.operations import OPERATIONS

MARK: Final = "xyzzy-from-the-field"
DOCUMENT: Final = api_document()
SCHEMAS: Final[dict[str, Any]] = DOCUMENT["components"]["schemas"]
TAKING: Final = [one for one in OPERATIONS if one.takes is not None]
PLACES: Final = {"name": "default_queue"}
"""What is there to be changed, by the name of the path's parameter; else something that is not there."""

Steps = tuple[str | int, ...]

OF_EVERY_TYPE: Final[dict[str, Any]] = {
    "null": None,
    "true": True,
    "a whole number": 4711,
    "a negative number": -4711,
    "a fraction": 0.123456,
    "text": MARK,
    "empty text": "",
    "a list": [MARK],
    "an empty list": [],
    "an object": {"a": MARK},
    "an empty object": {},
    "lists in lists": [[[MARK]]],
}
NO_NUMBERS: Final = ("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1" + "0" * 70, "-9223372036854775809")
"""As they stand in the body: JSON has no name for the first three, and none of ours goes beyond 64 bits."""

NO_TIMES: Final = (
    MARK,
    "now",
    "2026-11-21",
    "10:02:00Z",
    "2026-11-21T10:02:00",
    "2026-11-21T10:02Z",
    "2026-11-21T10Z",
    "2026-11-21T10:02:00.Z",
    "2026-11-21T10:02:00,5Z",
    "2026-11-21T10:02:00ZZ",
    "2026-11-21T10:02:00 Z",
    "2026-11-21T10:02:00+0100",
    "2026-11-21T10:02:00+1",
    "2026-11-21T10:02:00+24:00",
    "2026-11-21T10:02:00+01:60",
    "2026-11-21T10:02:00 UTC",
    "2026-11-21T10:02:00[Europe/Berlin]",
    "2026-11-21T10:02:00Z\n",
    " 2026-11-21T10:02:00Z",
    "\u200f2026-11-21T10:02:00Z",
    "2026-11-21\u202810:02:00Z",
    "2026‐11‐21T10:02:00Z",
    "２０２６-11-21T10:02:00Z",
    "٢٠٢٦-11-21T10:02:00Z",
    "20261121T100200Z",
    "2026-W47-6T10:02:00Z",
    "2026-325T10:02:00Z",
    "2026-02-29T10:02:00Z",
    "2026-02-30T10:02:00Z",
    "2026-13-01T10:02:00Z",
    "2026-00-01T10:02:00Z",
    "2026-11-00T10:02:00Z",
    "2026-11-21T24:00:00Z",
    "2026-11-21T24:00:01Z",
    "2026-11-21T10:60:00Z",
    "2026-12-31T23:59:60Z",
    "2026-12-31T23:59:61Z",
    "0000-01-01T00:00:00Z",
    "-2026-11-21T10:02:00Z",
    "+2026-11-21T10:02:00Z",
    "12026-11-21T10:02:00Z",
    "21.11.2026 10:02",
    "11/21/2026 10:02 AM",
    "Sat, 21 Nov 2026 10:02:00 GMT",
    "1795600000",
    "P1D",
    "\ud8002026-11-21T10:02:00Z",
)


@dataclass(frozen=True)
class Wrong:
    """A body with one thing wrong at `steps`."""

    what: str
    steps: Steps
    body: bytes


def resolved(schema: Any) -> list[dict[str, Any]]:
    """The schema without references, and what each of its alternatives says."""
    if not isinstance(schema, dict):
        return []
    if "$ref" in schema:
        return resolved(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    kinds = [one for key in ("anyOf", "oneOf", "allOf") for part in schema.get(key, ()) for one in resolved(part)]
    return [schema, *kinds]


def fields_of(schema: Any, value: Any, steps: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Every place in an example, and its schema."""
    yield steps, schema
    if isinstance(value, dict):
        for name, child in value.items():
            for one in resolved(schema):
                found = one.get("properties", {}).get(name, one.get("additionalProperties"))
                if isinstance(found, dict):
                    yield from fields_of(found, child, (*steps, name))
                    break
    elif isinstance(value, list) and value:
        for one in resolved(schema):
            if isinstance(one.get("items"), dict):
                yield from fields_of(one["items"], value[0], (*steps, 0))
                break


def at(value: Any, steps: Steps) -> Any:
    for step in steps:
        value = value[step]
    return value


def changed(example: Any, steps: Steps, value: Any) -> Any:
    if not steps:
        return value
    made = deepcopy(example)
    at(made, steps[:-1])[steps[-1]] = value
    return made


def without(example: Any, steps: Steps, name: str) -> Any:
    made = deepcopy(example)
    del at(made, steps)[name]
    return made


def values_beyond(schema: Any, value: Any) -> Iterator[tuple[str, Any]]:
    """What passes a bound of the schema by one, and what no schema has to forbid in so many words."""
    for one in resolved(schema):
        if "maxLength" in one:
            yield "one character too many", MARK + "x" * (one["maxLength"] + 1 - len(MARK))
        if "maximum" in one:
            yield "one too much", one["maximum"] + 1
        if "minimum" in one:
            yield "one too little", one["minimum"] - 1
        if "maxItems" in one and isinstance(value, list) and value:
            yield "one entry too many", value[:1] * (one["maxItems"] + 1)
        if "maxProperties" in one:
            yield "one name too many", {f"{number}": MARK for number in range(one["maxProperties"] + 1)}
        if "maxLength" in (names := one.get("propertyNames", {})):
            yield "a name of one character too many", {"n" * (names["maxLength"] + 1): MARK}
        if one.get("format") == "date-time":
            yield from ((f"the time {time!r}", time) for time in NO_TIMES)


def is_textual(schema: Any) -> bool:
    return any("string" in (one.get("type") or ()) for one in resolved(schema)) or "enum" in schema


def wrong_bodies(one: Operation) -> Iterator[Wrong]:
    schema = {"$ref": f"#/components/schemas/{one.takes}"}
    example = SCHEMAS[str(one.takes)]["examples"][0]
    is_allowed = Draft202012Validator({**DOCUMENT, **schema}).is_valid

    def spelt(what: str, steps: Steps, body: Any) -> Wrong:
        return Wrong(what, steps, json.dumps(body).encode())

    for steps, place in fields_of(schema, example):
        value = at(example, steps)
        for what, given in OF_EVERY_TYPE.items():
            made = changed(example, steps, given)
            if not is_allowed(made):
                yield spelt(f"{what} at {steps}", steps, made)
        for what, given in values_beyond(place, value):
            yield spelt(f"{what} at {steps}", steps, changed(example, steps, given))
        if isinstance(value, dict):
            yield from misnamed(example, steps, is_allowed)
        elif resolved(place)[0] and any(set(part) & {"type", "enum", "const"} for part in resolved(place)):
            for spelling in NO_NUMBERS:
                holding = json.dumps(changed(example, steps, "@@")).replace('"@@"', spelling)
                yield Wrong(f"{spelling[:20]} at {steps}", steps, holding.encode())
        if is_textual(place):
            for character in ("\0", "\ud800", "\udfff\ud800"):
                yield spelt(f"{character!r} at {steps}", steps, changed(example, steps, f"{MARK}{character}"))


def misnamed(example: Any, steps: Steps, is_allowed: Callable[[Any], bool]) -> Iterator[Wrong]:
    """An object with a name that it has not, or without one that it needs."""
    value = at(example, steps)
    for name in ("surplus", "__proto__", "", "ID", "i d", "ticket\u200b", "\u202e"):
        made = changed(example, steps, {**value, name: MARK})
        if not is_allowed(made):
            yield Wrong(f"the name {name!r} at {steps}", steps, json.dumps(made).encode())
    for name in value:
        made = without(example, steps, name)
        if not is_allowed(made):
            yield Wrong(f"no {name} at {steps}", steps, json.dumps(made).encode())


def path_of(steps: Steps) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")


def are_of_one_line(one: str, other: str) -> bool:
    """Whether one path leads to the other; what is wrong with a field may be told of the object that has it."""
    return one.startswith(other) or other.startswith(one) or "body" in (one, other)


@pytest.fixture(scope="module")
def client(served: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.address, timeout=20) as made:
        yield made


@pytest.fixture(scope="module")
def before(served: Any) -> dict[str, int]:
    kept: dict[str, int] = served.kept()
    return kept


def url_of(one: Operation) -> str:
    return one.path.format(**{name: PLACES.get(name, "0" * 32) for name in one.parameters or {}})


@pytest.mark.parametrize("one", TAKING, ids=lambda one: f"{one.method} {one.path}")
def test_each_field_that_is_wrong_is_named_and_not_repeated(
    one: Operation, client: httpx.Client, before: dict[str, int], served: Any, tell: Callable[..., None]
) -> None:
    assert "examples" in SCHEMAS[str(one.takes)], f"give the schema {one.takes} an example"
    documented = one.problems or {}
    sent = list(wrong_bodies(one))
    for wrong in sent:
        headers = {"Content-Type": "application/json", "X-Request-Id": uuid4().hex}
        answer = client.request(one.method, url_of(one), content=wrong.body, headers=headers)
        told = f"{one.method} {one.path}, {wrong.what}: {answer.status_code} {answer.text[:300]}"
        assert 400 <= answer.status_code < 500, told
        assert answer.status_code in documented, told
        assert MARK not in answer.text, told
        if answer.status_code == 400:
            fields = [error["field"] for error in answer.json()["errors"]]
            assert any(are_of_one_line(path_of(wrong.steps), field) for field in fields), told
        else:
            # A place that is not there, or a precondition, may be told before anybody looks at the body.
            assert answer.status_code in (404, 412, 413, 428), told
    assert served.kept() == before
    client.get("/livez", headers={"X-Request-Id": f"after-{one.takes}"})
    assert MARK not in served.said(f"after-{one.takes}")
    tell("fuzz", f"wrong fields of {one.method} {one.path}", bodies=len(sent))


@pytest.mark.parametrize("path", ["/v1/triage", "/v1/triage/batch"])
def test_texts_and_lists_of_just_the_greatest_length_are_taken(client: httpx.Client, path: str) -> None:
    whole = {
        "id": "i" * 256,
        "subject": "",
        "channel": "\U0001f600" * 256,
        "customer": {"id": 2**63 - 1, "tier": "t" * 256},
        "tags": ["t"] * 200,
        "attributes": {f"{number:0256}": "v" * (10_000 if number < 10 else 1) for number in range(500)},
        "messages": [{"at": "2026-11-21T10:02:00Z", "author": "agent", "text": ""}] * 1_000,
        "attachments": [{"name": "n" * 256}] * 100,
    }
    asked = {"ticket": whole, "similar": 20} if path == "/v1/triage" else {"tickets": [whole] * 10}
    assert client.post(path, json=asked).status_code == 200
