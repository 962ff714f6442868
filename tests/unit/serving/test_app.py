"""Every route over a desk that has no version yet: what it answers, and each way to be refused."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.testclient import TestClient

from desk.answer import DEFAULT_QUEUE
from desk.errors import JournalUnavailableError
from journal.environment import Environment
from journal.settings import put_setting
from models.storage import load_version
from serving.app import build_app
from serving.champion import Champion
from serving.house import open_house
from serving.operations import OPERATIONS
from serving.triage import Desk
from tests.unit.serving.answers import fits, problem
from tests.unit.serving.conftest import Lines

TICKET = {"id": "4312", "subject": "Charged twice"}
MISSING = {"mode": "abstain", "why": "head_missing"}
JSON = {"Content-Type": "application/json"}
SECRET = "xyzzy-from-the-ticket"


def test_before_any_version_the_default_queue_answers(client: TestClient) -> None:
    response = client.post("/v1/triage", json={"ticket": TICKET})
    assert response.status_code == 200
    answer = response.json()
    fits(answer, "Answer")
    priority = answer.pop("priority")
    assert answer == {
        "prediction_id": answer["prediction_id"],
        "ticket_id": "4312",
        "version": None,
        "decided_by": ["score", "default"],
        "journaled": True,
        "queue": {"label": "unassigned", **MISSING},
        "escalation": MISSING,
        "breach": MISSING,
        "tags": [],
    }
    assert (priority["label"], priority["mode"], priority["why"]) == ("P3", "suggest", "head_missing")
    assert "probability" not in priority


OUTAGE = {
    "id": "7",
    "language": "de",
    "body": "Der Server ist ausgefallen, bitte dringend helfen!",
    "customer": {"tier": "vip"},
}


def test_before_any_version_the_score_gives_the_priority(client: TestClient) -> None:
    answer = client.post("/v1/triage", json={"ticket": OUTAGE}).json()
    fits(answer, "Answer")
    # urgency: 45 + 25 (dringend) + 15 (ausgefallen) + 5 (!); complexity: 30 + 25 * 7 words / 300; German: no sentiment
    assert answer["priority"]["factors"] == {"customer_tier": 100, "urgency": 90, "complexity": 31}
    assert answer["priority"]["score"] == round((35 * 100 + 30 * 90 + 20 * (30 + 25 * 7 / 300)) / 85)
    assert answer["priority"]["label"] == "P1"
    assert "raised by customer tier (100) and urgency (90)" in answer["priority"]["explanation"]


def test_the_weights_of_the_factors_are_the_desks_setting(client: TestClient, desk: Desk) -> None:
    only_complexity = {"customer_tier": 0, "urgency": 0, "complexity": 100, "sentiment": 0}
    for value in (only_complexity, {"urgencey": 3}):
        put_setting(desk.journaling.engine, "priority_factors", value, who="lead", at=desk.now())
        desk.watch.look()
        answer = client.post("/v1/triage", json={"ticket": OUTAGE}).json()
        assert answer["priority"]["score"] == 31  # a setting that is none leaves the one before
    assert "priority_factors" in client.get("/v1/model").json()["trouble"]["error"]
    put_setting(desk.journaling.engine, "priority_factors", {}, who="lead", at=desk.now())
    desk.watch.look()
    assert client.get("/v1/model").json()["trouble"] is None


def test_the_default_queue_is_the_desks_setting(client: TestClient, desk: Desk) -> None:
    put_setting(desk.journaling.engine, "default_queue", "First line", who="lead", at=desk.now())
    desk.watch.look()
    answer = client.post("/v1/triage", json={"ticket": TICKET}).json()
    put_setting(desk.journaling.engine, "default_queue", DEFAULT_QUEUE, who="lead", at=desk.now())
    desk.watch.look()
    assert answer["queue"]["label"] == "First line"


def test_a_batch_answers_in_the_order_of_its_tickets(client: TestClient) -> None:
    tickets = [{"id": number, "body": "x"} for number in range(40)]
    response = client.post("/v1/triage/batch", json={"tickets": tickets})
    assert response.status_code == 200
    fits(response.json(), "Answers")
    answers = response.json()["answers"]
    assert [answer["ticket_id"] for answer in answers] == [str(number) for number in range(40)]
    assert len({answer["prediction_id"] for answer in answers}) == 40


def test_a_long_ticket_is_answered_like_a_short_one(client: TestClient) -> None:
    answer = client.post("/v1/triage", json={"ticket": {"id": 1, "body": "word " * 100_000}}).json()
    assert (answer["ticket_id"], answer["journaled"]) == ("1", True)


def test_what_was_answered_is_found_again(client: TestClient) -> None:
    sent = {**TICKET, "created_at": "2026-11-21T11:02:00+01:00", "attributes": {"category": 58}}
    answer = client.post("/v1/triage", json={"ticket": sent}).json()
    response = client.get(f"/v1/predictions/{answer['prediction_id']}")
    assert response.status_code == 200
    fits(response.json(), "RecordedPrediction")
    assert response.json()["answer"] == answer
    assert response.json()["ticket"] == {
        **TICKET,
        "created_at": "2026-11-21T10:02:00+00:00",
        "attributes": {"category": "58"},
    }


@pytest.mark.parametrize("name", ["0" * 32, "nonsense", "%00", "x" * 500])
def test_a_prediction_that_nobody_made_is_not_found(client: TestClient, name: str) -> None:
    assert problem(client.get(f"/v1/predictions/{name}"), 404, "not-found")["title"]


def test_a_version_that_fails_on_a_ticket_leaves_it_to_the_default_queue(desk: Desk, lines: Lines) -> None:
    broken: Any = SimpleNamespace(name="7")
    watch: Any = SimpleNamespace(current=Champion(broken, desk.now(), "First line"))
    with TestClient(build_app(open_house(replace(desk, watch=watch)))) as client:
        answer = client.post("/v1/triage", json={"ticket": {"id": "1", "body": SECRET}}).json()
    assert (answer["version"], answer["queue"]["label"]) == (None, "First line")
    assert answer["decided_by"] == ["score", "default"]
    (fields,) = lines.fields("version_failed")
    assert (fields["version"], fields["ticket_id"]) == ("7", "1")
    assert SECRET not in repr(fields)


def test_reasons_that_cannot_be_given_cost_nobody_the_answer(
    desk: Desk, trained_home: Environment, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("models.scoring.reasons_of", fail)
    version = load_version(trained_home.versions / "1")
    watch: Any = SimpleNamespace(current=Champion(version, desk.now(), "First line"))
    with TestClient(build_app(open_house(replace(desk, watch=watch)))) as client:
        plain = client.post("/v1/triage", json={"ticket": TICKET}).json()
        asked = client.post("/v1/triage", json={"ticket": TICKET, "explain": True}).json()
    assert (asked["version"], asked["queue"]) == ("1", plain["queue"])
    assert [fields["error"] for fields in lines.fields("version_failed")] == ["ZeroDivisionError"]


def test_when_nothing_durable_can_be_written_triage_still_answers(desk: Desk, lines: Lines) -> None:
    class FullDisk:
        async def append(self, *_: Any) -> None:
            raise JournalUnavailableError("The local log cannot be written: No space left on device.")

        def write(self, *_: Any) -> None:
            raise JournalUnavailableError("The local log cannot be written: No space left on device.")

    full: Any = FullDisk()
    with TestClient(build_app(open_house(replace(desk, journaling=replace(desk.journaling, log=full))))) as client:
        assert client.post("/v1/triage", json={"ticket": TICKET}).json()["journaled"] is False
        batch = client.post("/v1/triage/batch", json={"tickets": [TICKET, TICKET]}).json()
    assert [answer["journaled"] for answer in batch["answers"]] == [False, False]
    assert [fields["rows"] for fields in lines.fields("not_journaled")] == [1, 2]


def test_the_process_is_alive_but_not_ready_before_a_version(client: TestClient) -> None:
    for path in ("/livez", "/healthz"):
        assert client.get(path).json() == {"status": "alive"}
    response = client.get("/readyz")
    assert "pointsman train" in problem(response, 503, "unavailable")["detail"]
    assert response.headers["retry-after"] == "2"


def test_the_model_route_says_that_there_is_none(client: TestClient) -> None:
    model = client.get("/v1/model").json()
    fits(model, "Model")
    assert (model["version"], model["heads"], model["trouble"]) == (None, {}, None)


BAD_BODIES = [b"", b"[]", b"null", b'{"ticket": 1}', b'{"ticket": {}}', b"\xff", b'{"ticket": {"id": 1, "id": 1}}']


@pytest.mark.parametrize("raw", BAD_BODIES)
@pytest.mark.parametrize("path", ["/v1/triage", "/v1/triage/batch"])
def test_a_bad_body_is_one_problem(client: TestClient, path: str, raw: bytes) -> None:
    assert problem(client.post(path, content=raw, headers=JSON), 400, "invalid-body")["detail"]


def test_a_bad_body_names_its_fields_and_quotes_nothing(client: TestClient, lines: Lines) -> None:
    sent = {"ticket": {**TICKET, "created_at": SECRET, "note": SECRET}}
    response = client.post("/v1/triage", json=sent)
    found = problem(response, 400, "invalid-body")
    assert [error["field"] for error in found["errors"]] == ["ticket.created_at", "ticket.note"]
    assert SECRET not in response.text
    assert SECRET not in repr([record.__dict__ for record in lines.records])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/jsonx"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/vnd.bentoml+pickle"},
        {**JSON, "Content-Encoding": "gzip"},
        {**JSON, "Content-Encoding": "identity"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/triage", "/v1/triage/batch"])
def test_anything_but_plain_json_is_415(client: TestClient, path: str, headers: dict[str, str]) -> None:
    raw = json.dumps({"ticket": TICKET}).encode()
    assert problem(client.post(path, content=raw, headers=headers), 415, "unsupported-media-type")["detail"]


@pytest.mark.parametrize("given", ["application/json;charset=utf-8", 'Application/JSON; charset="UTF-8"'])
def test_json_may_say_that_it_is_utf_8(client: TestClient, given: str) -> None:
    raw = json.dumps({"ticket": TICKET}).encode()
    assert client.post("/v1/triage", content=raw, headers={"Content-Type": given}).status_code == 200


@pytest.mark.parametrize(("path", "most"), [("/v1/triage", 1_000_000), ("/v1/triage/batch", 16_000_000)])
def test_a_body_too_large_is_413_by_its_length_and_by_what_arrives(client: TestClient, path: str, most: int) -> None:
    said = client.post(path, content=b" " * (most + 1), headers=JSON)
    problem(said, 413, "too-large")
    assert said.headers["connection"] == "close"

    def chunks() -> Iterator[bytes]:
        for _ in range(most // 100_000 + 1):
            yield b" " * 100_000

    problem(client.post(path, content=chunks(), headers=JSON), 413, "too-large")
    assert client.post(path, content=b" " * most, headers=JSON).status_code == 400


def test_a_ticket_of_almost_a_megabyte_is_answered(client: TestClient) -> None:
    raw = json.dumps({"ticket": {"id": 1, "body": "x" * 999_900}}).encode()
    assert client.post("/v1/triage", content=raw, headers=JSON).status_code == 200


@pytest.mark.parametrize("path", ["/nope", "/v1", "/v1/triage/", "/docs.json", "/schema.json"])
def test_an_address_that_is_none_is_a_problem(client: TestClient, path: str) -> None:
    assert problem(client.get(path), 404, "not-found")["title"]


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_another_method_is_405_and_options_says_what_is_taken(client: TestClient, one: Any) -> None:
    path = re.sub(r"\{\w+\}", "x", one.path)
    taken = {other.method for other in OPERATIONS if other.path == one.path}
    allow = ", ".join(sorted(taken | {"OPTIONS"} | ({"HEAD"} if "GET" in taken else set())))
    for method in {"DELETE", "PUT", "PATCH", "BREW"} - taken:
        response = client.request(method, path)
        problem(response, 405, "method-not-allowed")
        assert response.headers["allow"] == allow
    options = client.options(path)
    assert (options.status_code, options.headers["allow"], options.content) == (204, allow, b"")


def test_head_answers_like_get(client: TestClient) -> None:
    assert client.head("/livez").status_code == 200
    assert client.head("/readyz").status_code == 503


def test_a_request_id_comes_back_or_is_made(client: TestClient, lines: Lines) -> None:
    assert client.get("/livez", headers={"X-Request-Id": "abc-1"}).headers["x-request-id"] == "abc-1"
    for refused in ("a b", "x" * 129, 'a"b'):
        made = client.get("/livez", headers={"X-Request-Id": refused}).headers["x-request-id"]
        assert made != refused
        assert len(made) == 16
    assert lines.fields("request")[0]["request_id"] == "abc-1"


def test_a_log_line_holds_the_routes_template_and_never_the_path(client: TestClient, lines: Lines) -> None:
    client.get(f"/v1/predictions/{SECRET}?q={SECRET}")
    client.get(f"/{SECRET}")
    first, second = lines.fields("request")
    assert (first["method"], first["route"], first["status"]) == ("GET", "/v1/predictions/{prediction_id}", 404)
    assert (second["route"], second["status"]) == (None, 404)
    assert first["ms"] >= 0


def test_what_nobody_foresaw_is_500_without_a_word_of_it(desk: Desk, lines: Lines) -> None:
    class Broken:
        @property
        def current(self) -> None:
            raise ZeroDivisionError(SECRET)

    watch: Any = Broken()
    with TestClient(build_app(open_house(replace(desk, watch=watch))), raise_server_exceptions=True) as client:
        response = client.post("/v1/triage", json={"ticket": TICKET})
    problem(response, 500, "internal")
    assert SECRET not in response.text
    assert "Traceback" not in response.text
    (fields,) = lines.fields("request_failed")
    assert fields["error"] == "ZeroDivisionError"
    assert [line["status"] for line in lines.fields("request")] == [500]


def test_the_root_leads_to_the_docs(client: TestClient) -> None:
    response = client.get("/")
    assert (response.status_code, response.headers["location"]) == (307, "docs")


def test_the_docs_name_every_operation_and_load_nothing(client: TestClient) -> None:
    response = client.get("/docs")
    assert response.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in response.headers["content-security-policy"]
    for one in OPERATIONS:
        assert one.path in response.text
    for loading in ("<script", "src=", "@import", "url(", "<link"):
        assert loading not in response.text
