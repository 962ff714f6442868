"""Settings and contracts over HTTP: seen, set by whoever has seen the last revision, refused otherwise."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from desk.demands import Demands
from desk.settings import SETTINGS
from journal.settings import put_setting
from serving.app import build_app
from serving.house import open_house
from serving.triage import Desk
from tests.unit.serving.answers import fits, is_misfit, problem

SECRET = "xyzzy-from-the-caller"


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient]:
    with TestClient(build_app(open_house(desk))) as made:
        yield made


def revision(client: TestClient, address: str) -> str:
    return str(client.get(address).headers["etag"])


def put(client: TestClient, name: str, value: Any) -> Any:
    address = f"/v1/settings/{name}"
    return client.put(address, json={"value": value}, headers={"If-Match": revision(client, address)})


def test_all_settings_are_listed_with_their_defaults(client: TestClient) -> None:
    listed = fits(client.get("/v1/settings").json(), "Settings")["settings"]
    assert [one["name"] for one in listed] == list(SETTINGS)
    days = fits(client.get("/v1/settings/retention_days").json(), "Setting")
    assert days == {
        "name": "retention_days",
        "about": SETTINGS["retention_days"].about,
        "value": None,
        "default": None,
        "revision": 0,
        "who": None,
        "at": None,
    }


def test_a_setting_is_replaced_by_whoever_has_seen_the_last(client: TestClient, desk: Desk) -> None:
    first = client.put("/v1/settings/default_queue", json={"value": "First line"}, headers={"If-None-Match": "*"})
    assert (first.status_code, first.headers["etag"]) == (200, '"1"')
    assert fits(first.json(), "Setting")["who"] == "api"
    assert client.get("/v1/settings/default_queue").json() == first.json()
    again = client.put("/v1/settings/default_queue", json={"value": "Second"}, headers={"If-None-Match": "*"})
    assert "last revision is 1" in problem(again, 412, "precondition-failed")["detail"]
    assert again.headers["etag"] == '"1"'
    wanted = {"If-Match": '"7", "1"'}
    assert client.put("/v1/settings/default_queue", json={"value": "Second"}, headers=wanted).headers["etag"] == '"2"'
    assert client.put("/v1/settings/default_queue", json={"value": "unassigned"}, headers={"If-Match": "*"}).is_success
    desk.watch.look()
    assert client.get("/v1/model").json()["default_queue"] == "unassigned"


def test_a_change_is_what_the_next_look_follows(client: TestClient, desk: Desk) -> None:
    assert put(client, "default_queue", "First line").is_success
    desk.watch.look()
    ticket = {"ticket": {"id": 1, "body": "x"}}
    assert client.post("/v1/triage", json=ticket).json()["queue"]["label"] == "First line"
    assert put(client, "default_queue", "unassigned").is_success
    desk.watch.look()


@pytest.mark.parametrize("held", ['"9"', 'W/"0"', "0", '"0', "", '"00"', "x"])
def test_another_revision_than_the_last_changes_nothing(client: TestClient, held: str) -> None:
    before = client.get("/v1/settings/requests_per_minute").json()
    wanted = {"If-Match": held}
    response = client.put("/v1/settings/requests_per_minute", json={"value": 5}, headers=wanted)
    problem(response, 412, "precondition-failed")
    assert client.get("/v1/settings/requests_per_minute").json() == before


def test_without_saying_which_revision_nothing_is_replaced(client: TestClient) -> None:
    response = client.put("/v1/settings/requests_per_minute", json={"value": 5})
    assert "If-Match" in problem(response, 428, "precondition-required")["detail"]


@pytest.mark.parametrize("beside", [{}, {"If-Match": "*"}])
@pytest.mark.parametrize("given", ['"1"', "**", "", SECRET])
def test_a_condition_that_nothing_here_understands_is_refused(
    client: TestClient, given: str, beside: dict[str, str]
) -> None:
    headers = {"If-None-Match": given, **beside}
    response = client.put("/v1/settings/requests_per_minute", json={"value": 5}, headers=headers)
    assert problem(response, 400, "invalid-header")["errors"][0]["field"] == "If-None-Match"
    assert SECRET not in response.text


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("retention_days", 0, "value"),
        ("default_queue", [SECRET], "value"),
        ("contracts", {"queue": {"labels": {"Billing": SECRET}}}, "value.queue.labels.Billing"),
        ("priority_factors", {"tiers": {"vip": SECRET}}, "value.tiers.vip"),
        ("default_queue", SECRET + "\ud800", "value"),
    ],
)
def test_a_value_that_it_cannot_have_is_refused_by_field_and_not_repeated(
    client: TestClient, name: str, value: Any, field: str
) -> None:
    raw = json.dumps({"value": value}).encode()
    headers = {"If-Match": "*", "Content-Type": "application/json"}
    response = client.put(f"/v1/settings/{name}", content=raw, headers=headers)
    assert [one["field"] for one in problem(response, 400, "invalid-body")["errors"]] == [field]
    assert SECRET not in response.text


@pytest.mark.parametrize("body", [{}, {"value": 1, "other": 2}, [], 5])
def test_a_body_of_another_form_is_refused(client: TestClient, body: Any) -> None:
    problem(client.put("/v1/settings/retention_days", json=body, headers={"If-Match": "*"}), 400, "invalid-body")


def test_there_is_no_setting_of_another_name(client: TestClient) -> None:
    problem(client.get("/v1/settings/retention"), 404, "not-found")
    problem(client.put("/v1/settings/retention", json={"value": 1}, headers={"If-Match": "*"}), 404, "not-found")


def test_contracts_are_told_and_set_before_there_is_a_version(client: TestClient) -> None:
    told = fits(client.get("/v1/contracts").json(), "Contracts")
    assert (told["version"], told["setting"], told["heads"]) == (None, Demands().to_json(), {})
    wanted = {"If-Match": revision(client, "/v1/contracts")}
    response = client.put("/v1/contracts", json={"setting": {"queue": {"default": 0.97}}}, headers=wanted)
    assert fits(response.json(), "Contracts")["setting"]["queue"] == {"default": 0.97, "labels": {}}
    assert response.headers["etag"] == revision(client, "/v1/settings/contracts")
    assert client.get("/v1/settings/contracts").json()["value"] == {"queue": {"default": 0.97}}
    problem(client.put("/v1/contracts", json={"setting": {}}, headers=wanted), 412, "precondition-failed")
    problem(client.put("/v1/contracts", json={"setting": {}}), 428, "precondition-required")
    refused = client.put("/v1/contracts", json={"setting": {"queue": {"default": 2}}}, headers={"If-Match": "*"})
    assert problem(refused, 400, "invalid-body")["errors"][0]["field"] == "setting.queue.default"


def test_a_setting_that_somebody_left_unreadable_is_told_and_can_be_replaced(client: TestClient, desk: Desk) -> None:
    put_setting(desk.journaling.engine, "contracts", {"queues": 1}, who="an older build", at=desk.now())
    told = fits(client.get("/v1/contracts").json(), "Contracts")
    assert told["trouble"] == "The setting cannot be read: queues is not known here."
    wanted = {"If-Match": revision(client, "/v1/contracts")}
    assert client.put("/v1/contracts", json={"setting": {}}, headers=wanted).json()["trouble"] is None


@pytest.mark.parametrize("label", ["", " ", "\t\u3000", "\x1f", "\x85", "\0", "a\0b"])
def test_a_label_of_no_letters_is_refused_as_the_document_says(client: TestClient, label: str) -> None:
    asked = {"setting": {"queue": {"labels": {label: 0.9}}}}
    assert is_misfit(asked, "ContractsSetting")
    problem(client.put("/v1/contracts", json=asked, headers={"If-Match": "*"}), 400, "invalid-body")
