"""Every route before every kind of key: who is let in, who is told why not, and what another tenant never sees."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from journal.keys import make_key, revoke_key
from journal.outcomes import outcomes
from journal.secret import installation_secret
from journal.settings import put_setting
from serving.app import build_app
from serving.doors import KeyedDoors, OpenDoors
from serving.house import Desks, House, open_house
from serving.journaling import read_known
from serving.key_ring import KeyRing
from serving.operations import OPERATIONS
from serving.triage import Desk

PREDICT, FEEDBACK, ADMIN = "predict", "feedback", "admin"
ANY = {PREDICT, FEEDBACK, ADMIN}
MAY: dict[tuple[str, str], set[str] | None] = {
    ("POST", "/v1/triage"): {PREDICT},
    ("POST", "/v1/triage/batch"): {PREDICT},
    ("GET", "/v1/predictions/{prediction_id}"): ANY,
    ("POST", "/v1/feedback"): {FEEDBACK},
    ("POST", "/v1/outcomes"): {FEEDBACK},
    ("GET", "/v1/model"): ANY,
    ("GET", "/v1/promotions"): ANY,
    ("POST", "/v1/promotions"): {ADMIN},
    ("GET", "/v1/settings"): {ADMIN},
    ("GET", "/v1/settings/{name}"): {ADMIN},
    ("PUT", "/v1/settings/{name}"): {ADMIN},
    ("GET", "/v1/contracts"): {PREDICT, ADMIN},
    ("PUT", "/v1/contracts"): {ADMIN},
    ("GET", "/v1/keys"): {ADMIN},
    ("POST", "/v1/keys"): {ADMIN},
    ("DELETE", "/v1/keys/{key_id}"): {ADMIN},
    ("POST", "/v1/forget"): {ADMIN},
    ("GET", "/metrics"): None,
    ("GET", "/livez"): None,
    ("GET", "/readyz"): None,
    ("GET", "/healthz"): None,
    ("GET", "/openapi.json"): None,
    ("GET", "/docs"): None,
    ("GET", "/"): None,
}
"""Which scopes let in, by method and path; None: no key is asked for. A route that is missing here fails the test."""

ROUTES = [(one.method, one.path) for one in OPERATIONS]
ENDED = ("none", "garbage", "checksum", "unknown", "expired", "revoked")


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def keys(desk: Desk) -> dict[str, str]:
    """A key of each kind, by what it is."""
    engine, at, secret = desk.journaling.engine, now(), installation_secret(desk.environment)

    def make(name: str, scopes: list[str], **more: Any) -> tuple[str, str]:
        key, text = make_key(engine, secret, name, scopes, who="the tests", at=at, **more)
        return key.key_id, text

    made = {scope: make(scope, [scope])[1] for scope in (PREDICT, FEEDBACK, ADMIN)}
    made["foreign"] = make("foreign", [PREDICT, FEEDBACK, ADMIN], tenant="north")[1]
    made["expired"] = make("expired", [PREDICT, FEEDBACK, ADMIN], expires_at=at - timedelta(seconds=1))[1]
    ended, made["revoked"] = make("revoked", [PREDICT, FEEDBACK, ADMIN])
    revoke_key(engine, ended, who="the tests", at=at)
    other = make_key(engine, b"of another installation", "stolen", [ADMIN], who="the tests", at=at)[1]
    last = "a" if made[ADMIN][-1] != "a" else "b"
    return {**made, "garbage": "let me in", "checksum": made[ADMIN][:-1] + last, "unknown": other}


@pytest.fixture(scope="module")
def ring(desk: Desk, keys: dict[str, str]) -> KeyRing:
    assert keys
    engine = desk.journaling.engine
    made = KeyRing(lambda: read_known(engine), remembered=desk.environment.home / "keys.json", seconds=60)
    made.look()
    return made


@pytest.fixture(scope="module")
def guarded(desk: Desk, ring: KeyRing) -> Iterator[TestClient]:
    desks = Desks(lambda tenant: replace(desk, journaling=replace(desk.journaling, tenant=tenant)))
    house = House(KeyedDoors(ring, installation_secret(desk.environment), now), desks)
    with TestClient(build_app(house), raise_server_exceptions=True, follow_redirects=False) as made:
        yield made


def ask(client: TestClient, method: str, path: str, text: str | None, **more: Any) -> Any:
    filled = path.format(prediction_id="0" * 32, name="retention_days", key_id="nobodys")
    headers = {} if text is None else {"Authorization": f"Bearer {text}"}
    return client.request(method, filled, headers=headers, **more)


def test_every_route_is_in_the_table() -> None:
    assert set(ROUTES) == set(MAY)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_who_holds_no_key_that_holds_is_turned_away(
    guarded: TestClient, keys: dict[str, str], method: str, path: str
) -> None:
    for kind in ENDED:
        response = ask(guarded, method, path, keys.get(kind))
        if MAY[method, path] is None:
            assert response.status_code not in (401, 403)
        else:
            assert (response.status_code, response.headers["www-authenticate"]) == (401, 'Bearer realm="pointsman"')
            assert response.headers["content-type"] == "application/problem+json"
            said = response.json()["detail"]
            assert ("expired" in said, "revoked" in said) == (kind == "expired", kind == "revoked")


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_each_scope_opens_what_it_is_for_and_nothing_else(
    guarded: TestClient, keys: dict[str, str], method: str, path: str
) -> None:
    scopes = MAY[method, path]
    for scope in (PREDICT, FEEDBACK, ADMIN):
        response = ask(guarded, method, path, keys[scope])
        if scopes is None or scope in scopes:
            assert response.status_code not in (401, 403)
        else:
            assert response.status_code == 403
            assert scope not in response.json()["detail"]


def test_another_tenants_predictions_and_keys_are_not_there(guarded: TestClient, keys: dict[str, str]) -> None:
    answer = ask(guarded, "POST", "/v1/triage", keys["foreign"], json={"ticket": {"id": 1, "body": "theirs"}}).json()
    path = f"/v1/predictions/{answer['prediction_id']}"
    assert ask(guarded, "GET", path, keys["foreign"]).status_code == 200
    assert ask(guarded, "GET", path, keys[ADMIN]).status_code == 404
    (theirs,) = ask(guarded, "GET", "/v1/keys", keys["foreign"]).json()["keys"]
    assert theirs["name"] == "foreign"
    assert ask(guarded, "DELETE", f"/v1/keys/{theirs['key_id']}", keys[ADMIN]).status_code == 404
    assert ask(guarded, "GET", "/v1/keys", keys["foreign"]).json()["keys"][0]["revoked_at"] is None
    assert "foreign" not in ask(guarded, "GET", "/v1/keys", keys[ADMIN]).text


def test_what_is_said_of_another_tenants_answer_finds_none_and_outcomes_stay_apart(
    desk: Desk, guarded: TestClient, keys: dict[str, str]
) -> None:
    answer = ask(guarded, "POST", "/v1/triage", keys["foreign"], json={"ticket": {"id": 1, "body": "theirs"}}).json()
    said = {"prediction_id": answer["prediction_id"], "who": "ann", "queue": "Billing"}
    assert ask(guarded, "POST", "/v1/feedback", keys[FEEDBACK], json=said).status_code == 404
    assert ask(guarded, "POST", "/v1/feedback", keys["foreign"], json=said).status_code == 201
    path = f"/v1/predictions/{answer['prediction_id']}"
    (heard,) = ask(guarded, "GET", path, keys["foreign"]).json()["feedback"]
    assert heard["via"].startswith("key ")
    for key in (FEEDBACK, "foreign"):
        body = {"outcome": {"ticket_id": "t", "queue": "Billing", "at": "2026-11-21T10:00:00Z"}}
        assert ask(guarded, "POST", "/v1/outcomes", keys[key], json=body).json() == {"new": 1, "known": 0}
    assert len(outcomes(desk.journaling.engine, "north")) == 1


def test_a_final_word_takes_a_key_that_may_change_what_holds(
    desk: Desk, guarded: TestClient, keys: dict[str, str], ring: KeyRing
) -> None:
    secret = installation_secret(desk.environment)
    _, both = make_key(desk.journaling.engine, secret, "lead", [PREDICT, FEEDBACK, ADMIN], who="the tests", at=now())
    ring.look()
    answer = ask(guarded, "POST", "/v1/triage", both, json={"ticket": {"id": 1, "body": ""}}).json()
    said = {"prediction_id": answer["prediction_id"], "who": "ann", "queue": "Billing", "is_final": True}
    refused = ask(guarded, "POST", "/v1/feedback", keys[FEEDBACK], json=said)
    assert (refused.status_code, "`admin`" in refused.json()["detail"]) == (403, True)
    assert ask(guarded, "POST", "/v1/feedback", both, json=said).status_code == 201
    assert ask(guarded, "POST", "/v1/feedback", keys[FEEDBACK], json={**said, "is_final": False}).status_code == 201


def test_a_tenant_in_a_body_is_refused(guarded: TestClient, keys: dict[str, str]) -> None:
    sent = {"ticket": {"id": 1, "body": ""}, "tenant": "north"}
    assert ask(guarded, "POST", "/v1/triage", keys[PREDICT], json=sent).status_code == 400


def test_a_key_that_is_made_is_shown_once_lets_in_and_is_revoked(
    guarded: TestClient, keys: dict[str, str], ring: KeyRing
) -> None:
    made = ask(guarded, "POST", "/v1/keys", keys[ADMIN], json={"name": "desk", "scopes": ["predict"]})
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    ring.look()
    text, key_id = made.json()["key"], made.json()["key_id"]
    assert ask(guarded, "GET", "/v1/model", text).status_code == 200
    assert text not in ask(guarded, "GET", "/v1/keys", keys[ADMIN]).text
    gone = ask(guarded, "DELETE", f"/v1/keys/{key_id}", keys[ADMIN]).json()
    assert gone["revoked_by"].startswith("key ")
    ring.look()
    assert ask(guarded, "GET", "/v1/model", text).status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": ["predict"]}, "name"),
        ({"name": "\n", "scopes": ["predict"]}, "name"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["root"]}, "scopes"),
        ({"name": "x", "scopes": ["predict"], "per_minute": 0}, "per_minute"),
        ({"name": "x", "scopes": ["predict"], "expires_in_days": True}, "expires_in_days"),
        ({"name": "x", "scopes": ["predict"], "tenant": "north"}, "tenant"),
    ],
)
def test_a_key_that_cannot_be_names_the_field(
    guarded: TestClient, keys: dict[str, str], body: dict[str, Any], field: str
) -> None:
    response = ask(guarded, "POST", "/v1/keys", keys[ADMIN], json=body)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, field)


def test_the_other_header_lets_in_too_and_a_key_in_the_address_does_not(
    guarded: TestClient, keys: dict[str, str]
) -> None:
    assert guarded.get("/v1/model", headers={"X-API-Key": keys[PREDICT]}).status_code == 200
    assert guarded.get(f"/v1/model?key={keys[PREDICT]}").status_code == 401
    assert guarded.get("/v1/model", headers={"Authorization": f"Basic {keys[PREDICT]}"}).status_code == 401
    assert guarded.get("/v1/model", headers={"Authorization": f"Bearer {'x' * 9_000}"}).status_code == 401


def test_who_asks_too_often_waits(desk: Desk, guarded: TestClient, ring: KeyRing) -> None:
    engine = desk.journaling.engine
    _, text = make_key(
        engine, installation_secret(desk.environment), "eager", [PREDICT], who="the tests", at=now(), per_minute=3
    )
    ring.look()
    found = [ask(guarded, "GET", "/v1/model", text) for _ in range(5)]
    assert [one.status_code for one in found] == [200, 200, 200, 429, 429]
    assert 1 <= int(found[-1].headers["retry-after"]) <= 21
    assert found[-1].json()["detail"] == "This key may ask 3 times a minute."


def test_a_tenants_own_limit_holds_for_keys_that_have_none(desk: Desk, guarded: TestClient, ring: KeyRing) -> None:
    engine = desk.journaling.engine
    _, text = make_key(
        engine, installation_secret(desk.environment), "one", [PREDICT], who="the tests", at=now(), tenant="south"
    )
    put_setting(engine, "requests_per_minute", 2, who="the tests", at=now(), tenant="south")
    ring.look()
    assert [ask(guarded, "GET", "/v1/model", text).status_code for _ in range(3)] == [200, 200, 429]


def test_processes_share_a_keys_rate(desk: Desk, ring: KeyRing) -> None:
    engine = desk.journaling.engine
    _, text = make_key(
        engine, installation_secret(desk.environment), "shared", [PREDICT], who="the tests", at=now(), per_minute=4
    )
    ring.look()
    house = House(KeyedDoors(ring, installation_secret(desk.environment), now, processes=2), Desks(lambda _: desk))
    with TestClient(build_app(house)) as client:
        assert [ask(client, "GET", "/v1/model", text).status_code for _ in range(3)] == [200, 200, 429]


def test_every_pair_of_method_and_path_is_one_operation() -> None:
    assert len(ROUTES) == len(set(ROUTES))


@pytest.mark.parametrize(
    ("host", "status"), [("127.0.0.1", 200), ("::1", 200), ("10.0.0.7", 401), ("2001:db8::7", 401)]
)
def test_without_keys_only_callers_on_the_machine_are_let_in(desk: Desk, host: str, status: int) -> None:
    with TestClient(build_app(open_house(desk)), client=(host, 4_000)) as client:
        assert client.get("/v1/model").status_code == status
        assert client.get("/livez").status_code == 200


def test_who_is_turned_away_with_a_body_is_told_that_the_connection_ends(guarded: TestClient) -> None:
    refused = guarded.post("/v1/triage", json={"ticket": {"id": 1, "body": ""}})
    assert (refused.status_code, refused.headers["connection"]) == (401, "close")
    assert "connection" not in guarded.get("/v1/model").headers


def test_the_doors_say_whose_desk_is_told_of_without_a_key(desk: Desk, ring: KeyRing) -> None:
    asked: list[str] = []

    def of(tenant: str) -> Desk:
        asked.append(tenant)
        return desk

    for doors in (OpenDoors("north"), KeyedDoors(ring, b"x" * 16, now, tenant="north")):
        with TestClient(build_app(House(doors, Desks(of)))) as client:
            client.get("/readyz")
    assert asked == ["north", "north"]
