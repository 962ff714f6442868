"""Queues that change while a service runs: followed within seconds, by the version that was trained before."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from journal.environment import Environment

ASKED = (
    {"ticket": {"id": 1, "subject": "vpn is down"}, "explain": True, "similar": 3},
    {"ticket": {"id": 2, "subject": "Charged twice"}, "explain": True, "similar": 3},
    {"ticket": {"id": 3, "body": "login code never came"}, "explain": True, "similar": 3},
    {"ticket": {"id": 4, "body": "?"}},
)


@pytest.fixture(scope="module")
def home(make_home: Callable[[str | None], Environment]) -> Environment:
    return make_home("1")


@pytest.fixture(scope="module")
def client(home: Environment) -> Iterator[TestClient]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POINTSMAN_HOME", str(home.home))
        patch.setenv("BENTOML_HOME", str(home.home / "bentoml"))
        patch.setenv("BENTOML_DO_NOT_TRACK", "true")
        patch.setattr("serving.composition.SECONDS_BETWEEN_LOOKS", 0.05)
        from serving.service import Pointsman

        with TestClient(Pointsman.to_asgi(), follow_redirects=False) as made:
            until(lambda: made.get("/v1/model").json()["version"] == "1")
            yield made


def until(holds: Callable[[], bool], seconds: float = 5) -> None:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)


def record(kind: str, queues: list[str], *into: str, at: datetime | None = None) -> dict[str, Any]:
    moment = datetime.now(UTC) if at is None else at
    described = dict.fromkeys(into, "what it is for") if kind == "split" else {}
    return {"at": moment.isoformat(), "kind": kind, "queues": queues, "into": list(into), "descriptions": described}


def put(client: TestClient, name: str, value: Any) -> None:
    tag = client.get(f"/v1/settings/{name}").headers["etag"]
    response = client.put(f"/v1/settings/{name}", json={"value": value}, headers={"If-Match": tag})
    assert response.status_code == 200, response.text


def answers(client: TestClient) -> list[dict[str, Any]]:
    return [client.post("/v1/triage", json=one).json() for one in ASKED]


def labels(client: TestClient) -> set[str]:
    """Every name that four tickets bring up: answers, runners-up, similar tickets."""
    told = answers(client)
    named = {one["label"] for answer in told for one in answer["queue"]["top"]}
    return named | {one["queue"] for answer in told for one in answer.get("similar", ())} - {None}


def assert_replays(client: TestClient, told: list[dict[str, Any]]) -> None:
    for answer in told:
        path = f"/v1/predictions/{answer['prediction_id']}"
        replay = client.get(path, params={"replay": "true"}).json()["replay"]
        assert replay == {"same": True, "answer": answer, "differences": []}


def test_queues_that_change_are_followed_and_what_was_said_before_can_be_said_again(client: TestClient) -> None:
    before = answers(client)
    assert labels(client) == {"Access", "Billing", "Network"}

    renamed = [record("renamed", ["Access"], "Identity")]
    put(client, "taxonomy", {"records": renamed})
    until(lambda: labels(client) == {"Identity", "Billing", "Network"})
    after = answers(client)
    for was, now in zip(before, after, strict=True):
        called = {"Access": "Identity"}
        assert [one["probability"] for one in now["queue"]["top"]] == [
            one["probability"] for one in was["queue"]["top"]
        ]
        assert now["queue"]["label"] == called.get(was["queue"]["label"], was["queue"]["label"])

    retired = [*renamed, record("retired", ["Network"])]
    put(client, "taxonomy", {"records": retired})
    until(lambda: labels(client) == {"Identity", "Billing"})
    gone = answers(client)
    assert before[0]["queue"]["label"] == "Network"
    assert (gone[0]["queue"]["mode"], gone[0]["queue"]["why"]) == ("abstain", "queue_gone")
    assert gone[0]["queue"]["reasons"]

    put(client, "taxonomy", {"records": [*retired, record("merged", ["Identity"], "Billing")]})
    until(lambda: labels(client) == {"Billing"})
    merged = answers(client)
    assert merged[2]["queue"]["label"] == "Billing"
    assert_replays(client, [*before, *after, *gone, *merged])
    put(client, "taxonomy", {"records": []})
    until(lambda: labels(client) == {"Access", "Billing", "Network"})


def test_a_record_of_the_future_comes_about_by_itself(client: TestClient) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1)
    put(client, "taxonomy", {"records": [record("retired", ["Network"], at=soon)]})
    told = answers(client)
    if datetime.now(UTC) < soon:
        assert told[0]["queue"]["label"] == "Network"
    until(lambda: labels(client) == {"Access", "Billing"})
    assert_replays(client, [*told, *answers(client)])
    put(client, "taxonomy", {"records": []})
    until(lambda: labels(client) == {"Access", "Billing", "Network"})


def test_the_default_queue_follows(client: TestClient) -> None:
    def default() -> Any:
        return client.get("/v1/model").json()["default_queue"]

    put(client, "default_queue", "First line")
    until(lambda: default() == "First line")
    put(client, "taxonomy", {"records": [record("renamed", ["First line"], "Front desk")]})
    until(lambda: default() == "Front desk")
    put(client, "taxonomy", {"records": [record("retired", ["First line"])]})
    until(lambda: default() == "unassigned")
    put(client, "taxonomy", {"records": []})
    until(lambda: default() == "First line")


def test_records_that_contradict_each_other_are_refused_by_field(client: TestClient) -> None:
    day = datetime(2026, 3, 1, tzinfo=UTC)
    records = [record("retired", ["A"], at=day), record("renamed", ["A"], "B", at=day + timedelta(days=1))]
    tag = client.get("/v1/settings/taxonomy").headers["etag"]
    response = client.put("/v1/settings/taxonomy", json={"value": {"records": records}}, headers={"If-Match": tag})
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["field"] == "value.records.1.queues"


def test_contracts_are_told_in_the_names_of_today(client: TestClient) -> None:
    put(client, "taxonomy", {"records": [record("renamed", ["Access"], "Identity"), record("retired", ["Network"])]})
    told = client.get("/v1/contracts").json()
    assert {one["label"] for one in told["heads"]["queue"]["labels"]} == {"Identity", "Billing"}
    put(client, "taxonomy", {"records": []})


def test_a_process_that_starts_without_the_journal_goes_by_the_last_records(tmp_path: Path) -> None:
    from desk.taxonomy_setting import read_taxonomy
    from serving.holding import SettingsFollowed, Standing
    from serving.last_good import recall, remember

    taxonomy = read_taxonomy({"records": [record("retired", ["Network"])]})
    followed = SettingsFollowed(lambda: datetime.now(UTC))
    followed.take(Standing(taxonomy=taxonomy, taxonomy_revision=3))
    remember(tmp_path / "champion.json", "1", followed.held)
    recalled = recall(tmp_path / "champion.json")
    assert (recalled.taxonomy, recalled.taxonomy_revision) == (taxonomy, 3)
    followed.take(Standing(taxonomy=None, taxonomy_revision=4))
    assert (followed.held.taxonomy, followed.held.taxonomy_revision) == (taxonomy, 3)
    assert followed.trouble is not None
