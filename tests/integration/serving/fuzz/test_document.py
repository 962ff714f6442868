"""Schemathesis makes requests out of the API document, good and bad; every answer must be one that it describes.

The document is the only list of routes here: whatever stands in it is tried. No answer may be a 5xx, for a version is
there; before there is one `/readyz` answers 503, which the tests of the routes look at.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
import requests
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks
from starlette.testclient import TestClient

from serving.openapi import api_document
from serving.operations import OPERATIONS

EXPECTED = (
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.missing_required_header,
    checks.unsupported_method,
    checks.allow_header_conformance,
)
BEYOND_ANY_SCHEMA = {
    "PUT /v1/settings/{name}": "what a setting takes is told by the setting",
    "POST /v1/feedback": "no schema knows what lies in the future",
    "POST /v1/outcomes": "no schema knows what lies in the future",
}
"""Operations that may refuse what the document allows, each with its reason; all others must take it."""

# What was asked for is not there, or another revision, key or state than the caller believes.
NOT_A_MATTER_OF_FORM = ["2xx", "3xx", "404", "409", "412", "428"]
SETTINGS = {
    "generation": {"allow-x00": True},
    "checks": {
        "positive_data_acceptance": {"expected-statuses": NOT_A_MATTER_OF_FORM},
        "negative_data_rejection": {"expected-statuses": ["400", "404", "405", "409", "412", "415", "428"]},
    },
}


def without_doors(document: dict[str, Any]) -> dict[str, Any]:
    """The document of a service that asks for no keys: who may do what has tests of its own."""
    for methods in document["paths"].values():
        for one in methods.values():
            one.pop("security", None)
    return document


API = schemathesis.openapi.from_dict(without_doors(api_document()), config=schemathesis.Config.from_dict(SETTINGS))
UNHURRIED = {"deadline": None, "database": None, "suppress_health_check": list(hypothesis.HealthCheck)}
ONE_IN = 8
"""Answers whose ids are looked up again, each at the cost of a request; used keys that are sent again."""
GOOD_KEY = re.compile("[!-~]([ -~]{0,253}[!-~])?")


COSTLY = {"POST /v1/forget"}
"""Operations that start a process each time: of what they would take, the short run sends one in eight."""


@dataclass
class Run:
    """One service under fuzz: how a case is sent, and what came of all of them by operation, mode and status."""

    send: Callable[[schemathesis.Case], Any]
    never_said: tuple[str, ...]
    is_short: bool
    spared: int = 0
    seen: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    followed: int = 0

    def judge(self, case: schemathesis.Case) -> None:
        """Send it and hold the answer against the document; look up some of the ids that come back."""
        if self.is_short and case.operation.label in COSTLY and case.meta.generation.mode.is_positive:
            self.spared += 1
            if self.spared % ONE_IN:
                return
        answer = self._judge(case)
        if (
            answer.status_code < 300
            and self.seen.total() % ONE_IN == 0
            and "json" in answer.headers.get("content-type", "")
        ):
            for operation, values in look_ups(answer.json()):
                self.followed += 1
                self._judge(operation.Case(path_parameters=values))

    def _judge(self, case: schemathesis.Case) -> Any:
        answer = self.send(case)
        mode = "followed" if case.meta is None else case.meta.generation.mode.value
        self.seen[case.operation.label, mode, answer.status_code] += 1
        refusal = () if case.operation.label in BEYOND_ANY_SCHEMA else (checks.positive_data_acceptance,)
        case.validate_response(answer, checks=[*EXPECTED, *refusal])
        assert not [one for one in self.never_said if one in answer.text]
        return answer

    def figures(self) -> dict[str, Any]:
        by_status: Counter[str] = Counter()
        for (_, _, status), times in self.seen.items():
            by_status[str(status)] += times
        return {
            "operations": len({label for label, _, _ in self.seen}),
            "cases": self.seen.total(),
            "ids_looked_up": self.followed,
            "by_status": dict(sorted(by_status.items())),
        }


def look_ups(answer: Any) -> Iterator[tuple[Any, dict[str, str]]]:
    """Operations that take an id which the answer holds under the same name."""
    for one in OPERATIONS:
        if one.method == "GET" and one.parameters is not None and len(one.parameters) == 1:
            (name,) = one.parameters
            for value in list(values_of(answer, name))[:2]:
                yield API[one.path]["GET"], {name: value}


def values_of(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get(name), str):
            yield value[name]
        for child in value.values():
            yield from values_of(child, name)
    elif isinstance(value, list):
        for child in value:
            yield from values_of(child, name)


class FreshKeys:
    """Gives most requests an `Idempotency-Key` of their own where they bring one that came before.

    Examples are always the same: with their key, all but the first would only be told that it was used.
    """

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._again = 0

    def prepare(self, case: schemathesis.Case, address: str) -> requests.PreparedRequest:
        prepared = requests.Request(**case.as_transport_kwargs(base_url=address)).prepare()
        key = prepared.headers.get("Idempotency-Key")
        if not isinstance(key, str):
            return prepared
        if key in self._used and GOOD_KEY.fullmatch(key):
            self._again += 1
            if self._again % ONE_IN:
                prepared.headers["Idempotency-Key"] = uuid4().hex
        self._used.add(key)
        return prepared


@pytest.fixture(scope="module")
def here(served_here: TestClient) -> Run:
    keys = FreshKeys()

    def send(case: schemathesis.Case) -> Any:
        prepared = keys.prepare(case, "http://testserver")
        headers = [(name.encode(), octets(value)) for name, value in prepared.headers.items()]
        return served_here.request(str(prepared.method), str(prepared.url), headers=headers, content=prepared.body)

    return Run(send, ("Traceback", "site-packages"), is_short=True)


def octets(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")


@pytest.fixture(scope="module")
def there(served: Any) -> Iterator[Run]:
    keys = FreshKeys()
    with requests.Session() as session:

        def send(case: schemathesis.Case) -> Any:
            return session.send(keys.prepare(case, served.address), allow_redirects=False, timeout=20)

        yield Run(send, ("Traceback", "site-packages", str(served.environment.home)), is_short=False)


def skip_a_part(run: Run, asked: pytest.FixtureRequest) -> None:
    """Skips where only some operations were asked for by name; a whole run has tried every one of them."""
    missing = {f"{one.method} {one.path}" for one in OPERATIONS} - {label for label, _, _ in run.seen}
    chosen = asked.config.getoption("keyword") or any("::" in one for one in asked.config.args)
    if missing and chosen:
        pytest.skip("not every operation was asked for")
    assert not missing


@API.parametrize()
@hypothesis.settings(max_examples=10, derandomize=True, **UNHURRIED)
def test_each_answer_is_one_that_the_document_describes(case: schemathesis.Case, here: Run) -> None:
    here.judge(case)


def test_no_less_than_300_cases_were_tried(
    here: Run, tell: Callable[..., None], request: pytest.FixtureRequest
) -> None:
    skip_a_part(here, request)
    tell("fuzz", "requests from the document, app in process", **here.figures())
    assert here.seen.total() >= 300
    assert here.followed >= 5


def examples_each() -> int:
    """For more than 3,000 cases, however many operations share them."""
    return max(100, 3_200 // sum(one.takes is not None or bool(one.parameters) for one in OPERATIONS))


@pytest.mark.long
@API.parametrize()
@hypothesis.settings(max_examples=examples_each(), **UNHURRIED)
def test_each_answer_over_the_wire_is_one_that_the_document_describes(case: schemathesis.Case, there: Run) -> None:
    there.judge(case)


@pytest.mark.long
def test_no_less_than_3000_cases_went_over_the_wire(
    there: Run, tell: Callable[..., None], request: pytest.FixtureRequest
) -> None:
    skip_a_part(there, request)
    tell("fuzz", "requests from the document, over the wire", **there.figures())
    assert there.seen.total() >= 3_000
