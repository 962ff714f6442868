"""Promotions over HTTP: listed page by page, written only for a version that can be used here."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from starlette.testclient import TestClient

from desk.errors import DamagedVersionError, RegistryError, UnknownVersionError
from journal.environment import Environment
from journal.promotions import promote, promotions
from serving import promoting
from serving.app import build_app
from serving.house import open_house
from serving.triage import Desk
from tests.unit.serving.answers import fits, is_misfit, problem

SECRET = "xyzzy-from-the-caller"


class Registry:
    """Stands where child processes would be started: which versions can be fetched, which are damaged."""

    def __init__(self) -> None:
        self.has: set[str] = set()
        self.is_away = False
        self.damaged: set[str] = set()
        self.mirrored: list[str] = []
        self.was_mirrored = Event()

    def fetch(self, _: Environment, name: str, folder: Path, __: Event) -> None:
        if self.is_away:
            raise RegistryError("nobody answers")
        if name not in self.has:
            raise UnknownVersionError(name)
        put_version(folder)

    def check(self, folder: Path, _: Event) -> None:
        if folder.name in self.damaged:
            raise DamagedVersionError(f"{folder} is damaged")

    def mirror(self, _: Environment, version: str, __: Event) -> None:
        self.mirrored.append(version)
        self.was_mirrored.set()
        raise RegistryError("nobody answers")


def put_version(folder: Path, about: dict[str, Any] | None = None) -> None:
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"format": 6, "files": {}, "about": about or {}}))


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    made = Registry()
    for name in ("fetch", "check", "mirror"):
        monkeypatch.setattr(promoting, name, getattr(made, name))
    return made


@pytest.fixture
def fresh_desk(make_desk: Callable[[], Desk]) -> Desk:
    return make_desk()


@pytest.fixture
def client(fresh_desk: Desk, registry: Registry) -> Iterator[TestClient]:
    for name in ("1", "2", "3"):
        put_version(fresh_desk.environment.versions / name)
    with TestClient(build_app(open_house(fresh_desk))) as made:
        yield made


def post(client: TestClient, **body: Any) -> Any:
    return client.post("/v1/promotions", json=body)


def test_before_the_first_promotion_there_are_none(client: TestClient) -> None:
    assert fits(client.get("/v1/promotions").json(), "Promotions") == {"promotions": [], "next": None}
    assert "no champion yet" in problem(post(client, rollback=True, why="x"), 409, "conflict")["detail"]


def test_a_version_is_promoted_by_whoever_has_seen_the_champion(client: TestClient, registry: Registry) -> None:
    first = fits(post(client, version="1", why="the first", expected=None).json(), "Promotion")
    assert (first["number"], first["version"], first["who"], first["until"]) == (1, "1", "api", None)
    conflict = problem(post(client, version="2", why="better", expected="7"), 409, "conflict")
    assert "Version 1 is the champion" in conflict["detail"]
    assert post(client, version="2", why="better", expected="1").json()["number"] == 2
    assert post(client, version="2", why="again").json()["number"] == 2
    registry.was_mirrored.wait(5)
    assert "1" in registry.mirrored


def test_a_rollback_goes_back_and_again_further_back(client: TestClient) -> None:
    for version in ("1", "2", "3"):
        assert post(client, version=version, why="newer").is_success
    back = fits(post(client, rollback=True, why="wrong queues").json(), "Promotion")
    assert (back["version"], back["returns_to"]) == ("2", 2)
    assert post(client, rollback=True, why="still wrong", expected="2").json()["version"] == "1"
    last = problem(post(client, rollback=True, why="still wrong"), 409, "conflict")
    assert "Version 1 is the champion" in last["detail"]
    assert "no version to go back to" in last["detail"]


def test_promotions_are_listed_the_newest_first_page_by_page(client: TestClient, fresh_desk: Desk) -> None:
    engine = fresh_desk.journaling.engine
    for number in range(7):
        promote(engine, str(number % 2 + 1), who="the tests", why=f"number {number}", at=fresh_desk.now())
    found: list[dict[str, Any]] = []
    page = fits(client.get("/v1/promotions?limit=3").json(), "Promotions")
    found += page["promotions"]
    while page["next"] is not None:
        page = client.get(f"/v1/promotions?limit=3&before={page['next']}").json()
        found += page["promotions"]
    assert [one["number"] for one in found] == [7, 6, 5, 4, 3, 2, 1]
    assert [one["until"] for one in found] == [None, *(one["since"] for one in found[:-1])]
    assert len(client.get("/v1/promotions").json()["promotions"]) == 7


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "before=0", "before=-1", "limit=1&limit=2"])
def test_a_query_that_cannot_be_used_is_refused(client: TestClient, query: str) -> None:
    problem(client.get(f"/v1/promotions?{query}"), 400, "invalid-query")


def test_a_version_that_nobody_knows_is_not_promoted(client: TestClient, fresh_desk: Desk, registry: Registry) -> None:
    problem(post(client, version="9", why="x"), 404, "not-found")
    registry.is_away = True
    response = post(client, version="9", why="x")
    problem(response, 503, "unavailable")
    assert response.headers["retry-after"] == "10"
    assert promotions(fresh_desk.journaling.engine) == []
    registry.is_away, registry.has = False, {"9"}
    assert post(client, version="9", why="x").json()["version"] == "9"


def test_a_version_that_takes_long_to_fetch_is_asked_for_again(
    client: TestClient, fresh_desk: Desk, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, fetch = Event(), registry.fetch
    registry.has = {"9"}

    def slow(*given: Any) -> None:
        gate.wait(10)
        fetch(*given)

    monkeypatch.setattr(promoting, "fetch", slow)
    monkeypatch.setattr(promoting, "SECONDS_TO_GET_READY", 0.1)
    problem(post(client, version="9", why="x"), 503, "unavailable")
    gate.set()
    monkeypatch.setattr(promoting, "SECONDS_TO_GET_READY", 10)
    monkeypatch.setattr(promoting, "fetch", lambda *_: None)
    for _ in range(100):
        if (fresh_desk.environment.versions / "9" / "manifest.json").exists():
            break
        Event().wait(0.02)
    assert post(client, version="9", why="x").is_success


def test_a_damaged_version_is_not_promoted(client: TestClient, fresh_desk: Desk, registry: Registry) -> None:
    registry.damaged = {"2"}
    response = post(client, version="2", why="x")
    assert "failed its check" in problem(response, 409, "conflict")["detail"]
    assert str(fresh_desk.environment.home) not in response.text
    assert promotions(fresh_desk.journaling.engine) == []


def test_a_version_of_another_tenant_is_none(client: TestClient, fresh_desk: Desk) -> None:
    put_version(fresh_desk.environment.versions / "8", {"tenant": "acme"})
    problem(post(client, version="8", why="x"), 404, "not-found")
    acme = replace(fresh_desk, journaling=replace(fresh_desk.journaling, tenant="acme"))
    with TestClient(build_app(open_house(acme))) as of_acme:
        problem(post(of_acme, version="1", why="x"), 404, "not-found")
    assert promotions(fresh_desk.journaling.engine) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"version": "1"},
        {"why": "x"},
        {"version": "1", "rollback": True, "why": "x"},
        {"rollback": False, "why": "x"},
        {"rollback": None, "version": "1", "why": "x"},
        {"version": 1, "why": "x"},
        {"version": "../1", "why": SECRET},
        {"version": "01", "why": "x"},
        {"version": "1", "why": " "},
        {"version": "1", "why": None},
        {"version": "1", "why": 5},
        {"version": "1", "why": "a\0b"},
        {"version": "1", "why": "x", "expected": ""},
        {"version": "1", "why": "x", "tenant": "acme"},
        {"version": SECRET, "why": SECRET},
    ],
)
def test_a_body_that_says_neither_or_both_is_refused(client: TestClient, fresh_desk: Desk, body: Any) -> None:
    assert is_misfit(body, "PromotionRequest")
    response = client.post("/v1/promotions", json=body)
    problem(response, 400, "invalid-body")
    assert SECRET not in response.text
    assert promotions(fresh_desk.journaling.engine) == []
