"""A challenger beside a service that answers: its answers are journaled, nobody gets them, and its end is its own."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from desk.shadow import is_in_shadow
from desk.ticket import Ticket
from desk.ticket_json import ticket_json
from journal.database import connect
from journal.environment import Environment
from journal.settings import put_setting
from journal.shadow import shadow_counts, shadow_pairs
from serving.launch import address_of, running_service

MakeHome = Callable[[str | None], Environment]
Tickets = list[dict[str, Any]]


@pytest.fixture(scope="module")
def home(make_home: MakeHome, write_leaning: Callable[[Path, float], Path]) -> Environment:
    made = make_home("1")
    write_leaning(made.versions / "2", 0.8)
    write_leaning(made.versions / "3", 0.4)
    return made


@pytest.fixture(scope="module")
def engine(home: Environment) -> Iterator[Engine]:
    made = connect(home.database_url)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def client(home: Environment) -> Iterator[TestClient]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POINTSMAN_HOME", str(home.home))
        patch.setenv("BENTOML_HOME", str(home.home / "bentoml"))
        patch.setenv("BENTOML_DO_NOT_TRACK", "true")
        patch.setattr("serving.composition.SECONDS_BETWEEN_LOOKS", 0.05)
        patch.setattr("serving.vital_signs.SECONDS_BETWEEN_LOOKS", 0.05)
        from serving.service import Pointsman

        with TestClient(Pointsman.to_asgi(), follow_redirects=False) as made:
            until(lambda: made.get("/v1/model").json()["version"] == "1")
            yield made


@pytest.fixture(scope="module")
def asked(sample_tickets: list[Ticket]) -> Tickets:
    return [ticket_json(ticket) for ticket in sample_tickets]


def until(
    holds: Callable[[], bool], seconds: float = 120
) -> None:  # the child gives way to whatever else the machine does
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def shadow(engine: Engine, value: dict[str, Any] | None) -> None:
    put_setting(engine, "shadow", value, who="the tests", at=datetime.now(UTC))


def told(client: TestClient) -> dict[str, Any]:
    return client.get("/v1/model").json()["shadow"] or {"version": None, "scores": False, "trouble": None}


def scores(client: TestClient, version: str, share: float = 1.0) -> bool:
    said = told(client)
    return bool(said["scores"] and said["version"] == version and said["share"] == share)


def counted(client: TestClient) -> dict[str, int]:
    lines = (line for line in client.get("/metrics").text.splitlines() if line.startswith("pointsman_shadow_total{"))
    return {line.split('"')[1]: int(float(line.split()[-1])) for line in lines}


def children() -> list[psutil.Process]:
    found = psutil.Process().children(recursive=True)
    return [one for one in found if one.is_running() and "serving.challenger" in _command(one)]


def _command(process: psutil.Process) -> Sequence[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return ()


def ask(client: TestClient | httpx.Client, tickets: Tickets) -> list[dict[str, Any]]:
    answers = [client.post("/v1/triage", json={"ticket": ticket}).json() for ticket in tickets]
    assert {answer["version"] for answer in answers} == {"1"}
    return answers


def test_a_share_is_scored_and_journaled_and_nobody_gets_it(client: TestClient, engine: Engine, asked: Tickets) -> None:
    plain = ask(client, asked)
    shadow(engine, {"version": "2", "share": 0.5})
    until(lambda: scores(client, "2", 0.5))
    answers = ask(client, asked)
    batch = client.post("/v1/triage/batch", json={"tickets": asked}).json()["answers"]
    mine = [one for one in [*answers, *batch] if is_in_shadow(one["ticket_id"], 0.5)]
    until(lambda: counted(client)["scored"] == len(mine))
    pairs = {pair.answer["prediction_id"]: pair for pair in shadow_pairs(engine, "2")}
    assert pairs.keys() == {one["prediction_id"] for one in mine}
    for one in mine:
        pair = pairs[one["prediction_id"]]
        assert pair.shadow["version"] == "2"
        assert pair.shadow["queue"]["probability"] != one["queue"]["probability"]
        assert client.get(f"/v1/predictions/{one['prediction_id']}").json()["answer"] == pair.answer == one

    def said(answer: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in answer.items() if name != "prediction_id"}

    assert [said(one) for one in answers] == [said(one) for one in plain] == [said(one) for one in batch]
    assert counted(client) == {"scored": len(mine), "dropped": 0, "failed": 0}


def test_it_speaks_in_the_names_of_today(client: TestClient, engine: Engine, asked: Tickets) -> None:
    shadow(engine, {"version": "3", "share": 1})
    until(lambda: scores(client, "3"))
    at = datetime.now(UTC)
    record = {"at": at.isoformat(), "kind": "renamed", "queues": ["Access"], "into": ["Identity"], "descriptions": {}}
    put_setting(engine, "taxonomy", {"records": [record]}, who="the tests", at=at)

    def named() -> set[str]:
        client.post("/v1/triage", json={"ticket": asked[0]})
        return {pair.shadow["queue"]["label"] for pair in shadow_pairs(engine, "3")}

    until(lambda: "Identity" in named())
    put_setting(engine, "taxonomy", {"records": []}, who="the tests", at=at)


def test_it_is_ended_with_the_setting_and_where_it_is_the_champion(client: TestClient, engine: Engine) -> None:
    shadow(engine, {"version": "2", "share": 1})
    until(lambda: scores(client, "2"))
    (child,) = children()
    shadow(engine, {"version": "2", "share": 0})
    until(lambda: told(client)["share"] == 0 and not children())
    until(lambda: not child.is_running())
    shadow(engine, {"version": "1", "share": 1})
    until(lambda: told(client)["version"] == "1")
    time.sleep(0.5)
    assert not children()
    assert told(client) == {"version": "1", "share": 1.0, "scores": False, "trouble": None}
    shadow(engine, None)
    until(lambda: client.get("/v1/model").json()["shadow"] is None)


def test_one_that_is_killed_is_ended_for_good_until_the_setting_is_set_anew(
    client: TestClient, engine: Engine, asked: Tickets
) -> None:
    shadow(engine, {"version": "2", "share": 1})
    until(lambda: scores(client, "2"))
    before = counted(client)
    (child,) = children()
    child.kill()
    assert len(ask(client, asked)) == len(asked)
    until(lambda: told(client)["trouble"] is not None)
    assert "-9" in told(client)["trouble"]
    assert len(ask(client, asked)) == len(asked)
    assert not children()
    until(lambda: counted(client)["failed"] == before["failed"] + 1)
    shadow(engine, {"version": "2", "share": 1})
    until(lambda: scores(client, "2"))
    assert told(client)["trouble"] is None


def test_what_it_does_not_come_to_is_dropped_and_nobody_waits(
    client: TestClient, engine: Engine, asked: Tickets
) -> None:
    shadow(engine, {"version": "2", "share": 1})
    until(lambda: scores(client, "2"))
    before = counted(client)
    (child,) = children()
    os.kill(child.pid, signal.SIGSTOP)
    long = [{**ticket, "body": "word " * 8_000} for ticket in asked]
    sent = 0
    while counted(client)["dropped"] == before["dropped"]:
        assert all(one["journaled"] for one in ask(client, long))
        sent += len(long)
        assert sent < 1_000
    os.kill(child.pid, signal.SIGCONT)
    until(lambda: sum(counted(client).values()) == sum(before.values()) + sent)
    assert counted(client)["scored"] > before["scored"]


def test_a_version_that_cannot_be_had_is_reported_and_touches_no_answer(
    client: TestClient, engine: Engine, home: Environment, asked: Tickets
) -> None:
    shadow(engine, {"version": "9", "share": 1})
    until(lambda: told(client)["trouble"] is not None)
    assert not told(client)["scores"]
    assert len(ask(client, asked)) == len(asked)
    assert client.get("/readyz").status_code == 200
    assert client.get("/v1/model").json()["trouble"] is None
    shadow(engine, None)
    until(lambda: not children())


@pytest.mark.long
def test_each_of_two_processes_has_its_own(
    make_home: MakeHome, write_leaning: Callable[[Path, float], Path], asked: Tickets, tmp_path: Path
) -> None:
    home = replace(make_home("1"), workers=2)
    write_leaning(home.versions / "2", 0.8)
    engine = connect(home.database_url)
    shadow(engine, {"version": "2", "share": 1})
    answered = 0
    output = tmp_path / "service.log"
    with output.open("wb") as file, running_service(home, file) as process:

        def challengers() -> list[psutil.Process]:
            found = psutil.Process(process.pid).children(recursive=True)
            return [one for one in found if "serving.challenger" in _command(one)]

        until(lambda: output.read_text().count("version_in_shadow") == 2)
        time.sleep(2)
        while len({one.ppid() for one in challengers()}) < 2 or answered < 300:
            with httpx.Client(base_url=address_of(home)) as client:  # another process may take the next connection
                answered += len(ask(client, asked[:10]))
        until(lambda: sum(one.predictions for one in shadow_counts(engine)) == answered)
        held = challengers()
    until(lambda: not any(one.is_running() for one in held))
    engine.dispose()
