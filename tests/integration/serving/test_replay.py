"""Journaled answers made again by the running service and by the command, to the bit, whichever version gave them."""

import asyncio
import json
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from cli.main import _run
from desk.demands import SETTING
from desk.factors import FACTOR_SETTING
from desk.ticket import Ticket
from journal.database import connect, writing
from journal.environment import Environment
from journal.predictions import RecordedPrediction
from journal.settings import put_setting
from journal.tables import predictions
from serving.holding import Champion
from serving.replaying import replay
from serving.triage import Desk, triage_many

ASKED = (
    {"ticket": {"id": 1, "subject": "vpn is down", "attributes": {"site": "site 1", "Impact": "high"}}},
    {"ticket": {"id": 2, "subject": "Charged twice", "created_at": "2026-11-21T10:02:00+05:30"}, "explain": True},
    {"ticket": {"id": 3, "body": "login code never came", "tags": ["b", "a"]}, "similar": 3, "explain": True},
    {"ticket": {"id": 4, "body": "?"}},
    {"ticket": {"id": 5, "attributes": {"x": 1.50}}},
)


@pytest.fixture(scope="module")
def home(
    make_home: Callable[[str | None], Environment],
    promote_version: Callable[..., None],
    write_leaning: Callable[[Path, float], Path],
) -> Environment:
    made = make_home("1")
    for name, lean in (("2", 0.5), ("3", 1.0)):
        write_leaning(made.versions / name, lean)
    return made


@pytest.fixture(scope="module")
def serve(home: Environment) -> Callable[[], Iterator[TestClient]]:
    def served() -> Iterator[TestClient]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("POINTSMAN_HOME", str(home.home))
            patch.setenv("BENTOML_HOME", str(home.home / "bentoml"))
            patch.setenv("BENTOML_DO_NOT_TRACK", "true")
            patch.setattr("serving.composition.SECONDS_BETWEEN_LOOKS", 0.05)
            from serving.service import Pointsman

            with TestClient(Pointsman.to_asgi(), follow_redirects=False) as made:
                yield made

    return served


@pytest.fixture(scope="module")
def client(serve: Callable[[], Iterator[TestClient]]) -> Iterator[TestClient]:
    yield from serve()


def answers_of(client: TestClient) -> list[dict[str, Any]]:
    return [client.post("/v1/triage", json=one).json() for one in ASKED]


def replayed(client: TestClient, answer: dict[str, Any]) -> dict[str, Any]:
    response = client.get(f"/v1/predictions/{answer['prediction_id']}", params={"replay": "true"})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    assert body["answer"] == answer
    return body["replay"]  # type: ignore[no-any-return]


def set_to(home: Environment, name: str, value: Any) -> None:
    engine = connect(home.database_url)
    put_setting(engine, name, value, who="the tests", at=datetime.now(UTC))
    engine.dispose()


def once_it_answers(client: TestClient, version: str) -> None:
    for _ in range(400):
        if client.get("/v1/model").json()["version"] == version:
            return
        time.sleep(0.05)
    pytest.fail(client.get("/v1/model").text)


def test_answers_are_made_again_by_every_version_and_on_the_settings_that_held(
    client: TestClient, home: Environment, promote_version: Callable[..., None]
) -> None:
    given = {"1": answers_of(client)}
    set_to(home, SETTING, {"queue": {"default": 0.6}, "suggest": 0.9, "review_capacity": 0.3})
    set_to(home, FACTOR_SETTING, {"urgency": 90})
    set_to(home, "default_queue", "First line")
    for version in ("2", "3"):
        promote_version(home, version)
        once_it_answers(client, version)
        given[version] = answers_of(client)
    first = [[answers[0]["queue"]["probability"], answers[0]["priority"]["score"]] for answers in given.values()]
    assert len({tuple(one) for one in first}) == 3
    for version, answers in given.items():
        for answer in answers:
            assert answer["version"] == version
            assert replayed(client, answer) == {"same": True, "answer": answer, "differences": []}


def test_without_being_asked_nothing_is_replayed(client: TestClient) -> None:
    answer = answers_of(client)[0]
    address = f"/v1/predictions/{answer['prediction_id']}"
    assert "replay" not in client.get(address).json()
    assert "replay" not in client.get(address, params={"replay": "false"}).json()
    problem = client.get(address, params={"replay": "yes"})
    assert (problem.status_code, problem.json()["type"]) == (400, "urn:pointsman:problem:invalid-query")


def test_a_record_that_was_tampered_with_is_found_out(client: TestClient, home: Environment) -> None:
    answer = answers_of(client)[2]
    row = row_once_there(home, answer["prediction_id"])
    forged = json.loads(json.dumps(row))
    forged["queue"]["top"][1]["probability"] += 1e-6
    forged["queue"]["mode"] = "auto"
    change(home, answer["prediction_id"], answer=forged)
    body = client.get(f"/v1/predictions/{answer['prediction_id']}", params={"replay": "true"}).json()
    assert body["replay"] == {
        "same": False,
        "answer": answer,
        "differences": ["queue.mode", "queue.top[1].probability"],
    }


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"basis": None}, "was not kept"),
        ({"version": "77"}, "neither on this machine nor in the registry"),
        ({"version": "../1"}, "neither on this machine nor in the registry"),
    ],
)
def test_what_cannot_be_made_again_says_why(
    client: TestClient, home: Environment, changed: dict[str, Any], words: str
) -> None:
    answer = answers_of(client)[0]
    row_once_there(home, answer["prediction_id"])
    change(home, answer["prediction_id"], **changed)
    problem = client.get(f"/v1/predictions/{answer['prediction_id']}", params={"replay": "true"})
    assert (problem.status_code, problem.json()["type"]) == (409, "urn:pointsman:problem:not-replayable")
    assert words in problem.json()["detail"]
    assert str(home.home) not in problem.text


def test_a_version_that_is_damaged_since_is_no_ground_for_another_answer(
    client: TestClient, home: Environment, promote_version: Callable[..., None], write_leaning: Callable[..., Path]
) -> None:
    folder = write_leaning(home.versions / "8", 0.7)
    promote_version(home, "8")
    once_it_answers(client, "8")
    answer = answers_of(client)[0]
    for version in ("2", "3"):  # so that it is not in memory any more
        promote_version(home, version)
        once_it_answers(client, version)
    assert replayed(client, answer)["same"] is True
    row_once_there(home, answer["prediction_id"])
    change(home, answer["prediction_id"], version="9")
    shutil.copytree(folder, home.versions / "9")
    (home.versions / "9" / "heads.json").write_text("{}")
    problem = client.get(f"/v1/predictions/{answer['prediction_id']}", params={"replay": "true"})
    assert (problem.status_code, "damaged" in problem.json()["detail"]) == (409, True)


class Rows:
    """Takes what would be journaled."""

    def __init__(self) -> None:
        self.kept: list[dict[str, Any]] = []

    def keep_all(self, rows: list[dict[str, Any]]) -> bool:
        self.kept += rows
        return True


def test_an_answer_without_a_version_is_made_again_without_one(home: Environment) -> None:
    watch: Any = SimpleNamespace(current=Champion(default_queue="Nobody's"))
    rows: Any = Rows()
    ticket = Ticket("1", subject="the outage is urgent", attributes={"impact": "high"})
    with ThreadPoolExecutor(1) as aside:
        desk = Desk(watch, rows, aside, lambda: datetime.now(UTC), home)
        (answer,) = asyncio.run(triage_many(desk, [ticket]))
    engine = connect(home.database_url)
    made = replay(engine, RecordedPrediction(**rows.kept[0], tenant="default"), pytest.fail)
    engine.dispose()
    assert (made.differences, made.answer) == ((), answer)
    assert answer["queue"]["label"] == "Nobody's"


def test_the_command_says_the_same(
    client: TestClient, home: Environment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POINTSMAN_HOME", str(home.home))
    answer = answers_of(client)[1]
    assert _run(["replay", answer["prediction_id"], "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {
        "prediction_id": answer["prediction_id"],
        "version": answer["version"],
        "same": True,
        "answer": answer,
        "differences": [],
    }
    assert _run(["replay", answer["prediction_id"]]) == 0
    assert capsys.readouterr().out == f"Version {answer['version']}: the same answer, to the bit.\n"
    row = row_once_there(home, answer["prediction_id"])
    change(home, answer["prediction_id"], answer={**row, "tags": ["High Complexity"]})
    assert _run(["replay", answer["prediction_id"]]) == 1
    assert "answers otherwise in tags[0]." in capsys.readouterr().out
    for nobodys in ("0" * 32, "nonsense"):
        assert _run(["replay", nobodys]) == 2
        assert "There is no prediction" in capsys.readouterr().err


def row_once_there(home: Environment, prediction_id: str) -> dict[str, Any]:
    """The answer as the database has it, once the drain has brought it there."""
    engine = connect(home.database_url)
    try:
        for _ in range(200):
            with writing(engine) as connection:
                row = connection.execute(
                    select(predictions.c.answer).where(predictions.c.prediction_id == prediction_id)
                ).one_or_none()
            if row is not None:
                found: dict[str, Any] = row.answer
                return found
            time.sleep(0.05)
    finally:
        engine.dispose()
    raise AssertionError(prediction_id)


def change(home: Environment, prediction_id: str, **values: Any) -> None:
    engine = connect(home.database_url)
    with writing(engine) as connection:
        connection.execute(update(predictions).where(predictions.c.prediction_id == prediction_id).values(**values))
    engine.dispose()
