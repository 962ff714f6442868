"""Two processes of the service: what is changed by one is live in both, what is sent again to either is done once."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from journal.database import connect
from journal.environment import Environment
from journal.predictions import count
from journal.promotions import promotions
from serving.launch import address_of, running_service

MakeHome = Callable[[str | None], Environment]
TICKET = {"ticket": {"id": 1, "subject": "vpn is down"}}
SECONDS_UNTIL_LIVE = 5.0


@pytest.fixture(scope="module")
def environment(make_home: MakeHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    made = replace(make_home("1"), workers=2)
    shutil.copytree(made.versions / "1", made.versions / "2")
    output = tmp_path_factory.mktemp("output") / "service.log"
    with output.open("wb") as file, running_service(made, file):
        until(lambda: output.read_text().count("version_answers") == 2)
        yield made


def until(holds: Callable[[], bool], seconds: float = 30) -> float:
    """Seconds until it held."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds
        time.sleep(0.05)
    return time.monotonic() - began


def ask(environment: Environment, method: str, path: str, **more: Any) -> httpx.Response:
    """A request on a connection of its own: either process may take it."""
    with httpx.Client(base_url=address_of(environment), timeout=20) as client:
        return client.request(method, path, **more)


def post(environment: Environment, path: str, body: Any, key: str) -> httpx.Response:
    return ask(environment, "POST", path, json=body, headers={"Idempotency-Key": key})


def predictions_of(environment: Environment) -> int:
    engine = connect(environment.database_url)
    counted = count(engine).predictions
    engine.dispose()
    return counted


def drained(environment: Environment) -> None:
    until(lambda: all(ask(environment, "GET", "/v1/model").json()["pending"] == 0 for _ in range(6)))


def test_what_is_sent_again_to_either_process_is_answered_once(environment: Environment) -> None:
    drained(environment)
    before = predictions_of(environment)
    batch = {"tickets": [{"id": number, "body": "wifi drops"} for number in range(30)]}
    for path, body in (("/v1/triage", TICKET), ("/v1/triage/batch", batch)):
        answers = [post(environment, path, body, f"again {path}") for _ in range(12)]
        assert {one.status_code for one in answers} == {200}
        assert len({one.content for one in answers}) == 1
        assert [one.headers.get("idempotent-replay") for one in answers] == [None, *["true"] * 11]
    drained(environment)
    assert predictions_of(environment) == before + 31


def test_what_both_processes_get_at_the_same_time_is_answered_once(environment: Environment) -> None:
    drained(environment)
    before = predictions_of(environment)
    batch = {"tickets": [{"id": number, "body": "wifi drops"} for number in range(200)]}
    with ThreadPoolExecutor(6) as callers:
        answers = list(callers.map(lambda _: post(environment, "/v1/triage/batch", batch, "at once"), range(6)))
    assert {one.status_code for one in answers} <= {200, 409}
    assert len({one.content for one in answers if one.status_code == 200}) == 1
    for refused in (one for one in answers if one.status_code == 409):
        assert refused.headers["retry-after"] == "1"
    assert post(environment, "/v1/triage/batch", batch, "at once").headers["idempotent-replay"] == "true"
    drained(environment)
    assert predictions_of(environment) == before + 200


def test_while_the_database_is_locked_answers_come_and_come_again(environment: Environment) -> None:
    with closing(sqlite3.connect(environment.home / "journal.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        answers = [post(environment, "/v1/triage", TICKET, f"locked {number % 3}") for number in range(12)]
        assert time.monotonic() - began < 10
        other.execute("ROLLBACK")
    assert all(one.status_code == 200 and one.json()["journaled"] for one in answers)
    assert len({one.content for one in answers}) == 3
    again = [post(environment, "/v1/triage", TICKET, f"locked {number}") for number in range(3)]
    assert {one.content for one in again} == {one.content for one in answers}


def test_a_setting_is_live_in_both_processes_within_five_seconds(environment: Environment) -> None:
    for value in ("First line", "unassigned"):
        tag = ask(environment, "GET", "/v1/settings/default_queue").headers["etag"]
        body, headers = {"value": value}, {"If-Match": tag}
        assert ask(environment, "PUT", "/v1/settings/default_queue", json=body, headers=headers).status_code == 200

        def is_live(queue: str = value) -> bool:
            return all(ask(environment, "GET", "/v1/model").json()["default_queue"] == queue for _ in range(8))

        assert until(is_live) < SECONDS_UNTIL_LIVE


def test_contracts_are_told_and_a_demand_changes_what_is_applied(environment: Environment) -> None:
    told = ask(environment, "GET", "/v1/contracts")
    assert (told.json()["version"], told.headers["etag"]) == ("1", '"0"')
    body, headers = {"setting": {"review_capacity": 0.2}}, {"If-Match": told.headers["etag"]}
    assert ask(environment, "PUT", "/v1/contracts", json=body, headers=headers).json()["setting"]["suggest"] == 0.5
    assert ask(environment, "PUT", "/v1/contracts", json=body, headers=headers).status_code == 412


def test_a_promotion_and_its_rollback_are_followed_by_both_processes(environment: Environment) -> None:
    def is_live(version: str) -> bool:
        return all(ask(environment, "GET", "/v1/model").json()["version"] == version for _ in range(8))

    assert is_live("1")
    body = {"version": "2", "why": "newer", "expected": "1"}
    promoted = post(environment, "/v1/promotions", body, "promote")
    assert (promoted.status_code, promoted.json()["version"]) == (200, "2")
    assert post(environment, "/v1/promotions", body, "promote").content == promoted.content
    assert ask(environment, "POST", "/v1/promotions", json=body).status_code == 409
    until(lambda: is_live("2"))
    back = [post(environment, "/v1/promotions", {"rollback": True, "why": "x"}, "back") for _ in range(4)]
    assert {one.json()["version"] for one in back} == {"1"}
    assert until(lambda: is_live("1")) < SECONDS_UNTIL_LIVE
    engine = connect(environment.database_url)
    assert [one.version for one in promotions(engine)] == ["1", "2", "1"]
    engine.dispose()
    listed = ask(environment, "GET", "/v1/promotions?limit=1").json()
    assert (listed["promotions"][0]["returns_to"], listed["next"]) == (1, 3)


def test_a_version_that_the_registry_does_not_have_is_not_promoted(environment: Environment) -> None:
    response = ask(environment, "POST", "/v1/promotions", json={"version": "77", "why": "x"})
    assert response.status_code == 404
    assert str(environment.home) not in response.text


DYING = """
import os, signal, sys
from starlette.testclient import TestClient
from journal.environment import read_environment
from serving.app import build_app
from serving.composition import compose
from serving.journaling import Journaling

keep, moment = Journaling.keep, sys.argv[1]

async def kept(self, row):
    if moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    found = await keep(self, row)
    os.kill(os.getpid(), signal.SIGKILL)
    return found

Journaling.keep = kept
composed = compose(read_environment())
composed.desk.watch.looked.wait(30)
with TestClient(build_app(composed.house)) as client:
    client.post("/v1/triage", content=sys.argv[2], headers={
        "Idempotency-Key": "dying", "Content-Type": "application/json"})
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_request_whose_process_was_killed_is_answered_once(make_home: MakeHome, moment: str) -> None:
    environment, body = make_home("1"), json.dumps(TICKET)
    variables = {**os.environ, "POINTSMAN_HOME": str(environment.home), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", DYING, moment, body]
    died = subprocess.run(command, env=variables, cwd=Path.cwd(), capture_output=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    from starlette.testclient import TestClient

    from serving.app import build_app
    from serving.composition import compose

    composed = compose(environment)
    composed.desk.watch.looked.wait(30)
    headers = {"Idempotency-Key": "dying", "Content-Type": "application/json"}
    with TestClient(build_app(composed.house)) as client:
        first = client.post("/v1/triage", content=body, headers=headers)
        again = client.post("/v1/triage", content=body, headers=headers)
    composed.close()
    assert first.status_code == 200
    assert first.content == again.content
    assert ("idempotent-replay" in first.headers) == (moment == "after")
    assert predictions_of(environment) == 1
