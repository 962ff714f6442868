"""The BentoML service in this process, with a real version, journal and log: `to_asgi` behind a test client."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from cli.scorers import Asked
from cli.scoring import answerer
from desk.answer import answer_of
from desk.demands import Demands
from desk.ticket import Ticket
from desk.ticket_json import ticket_json
from journal.database import connect
from journal.environment import Environment
from journal.predictions import find
from models.manifest import check_hashes
from models.scoring import predict
from models.storage import load_version
from models.terms import version_terms

MakeHome = Callable[[str | None], Environment]


@pytest.fixture(scope="module")
def client(promoted: Environment) -> Iterator[TestClient]:
    yield from served(promoted)


def served(environment: Environment) -> Iterator[TestClient]:
    """The service over a home, looking at the journal ten times a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POINTSMAN_HOME", str(environment.home))
        patch.setenv("BENTOML_HOME", str(environment.home / "bentoml"))
        patch.setenv("POINTSMAN_KEYS", "off")
        patch.setenv("BENTOML_DO_NOT_TRACK", "true")
        patch.setattr("serving.composition.SECONDS_BETWEEN_LOOKS", 0.1)
        from serving.service import Pointsman

        with TestClient(Pointsman.to_asgi(), follow_redirects=False) as made:
            yield made


def model_once(client: TestClient, wanted: Any) -> dict[str, Any]:
    """What `/v1/model` says once `wanted` holds of it, or after ten seconds."""
    give_up = time.monotonic() + 10
    while True:
        model: dict[str, Any] = client.get("/v1/model").json()
        if wanted(model) or time.monotonic() > give_up:
            return model
        time.sleep(0.05)


def test_single_batch_and_direct_scores_are_the_same_to_the_bit(
    client: TestClient, promoted: Environment, sample_tickets: list[Ticket]
) -> None:
    version = load_version(promoted.versions / "1")
    terms = version_terms(version, Demands())
    tickets = (sample_tickets * 7)[:500]
    sent = [ticket_json(ticket) for ticket in tickets]
    batch = client.post("/v1/triage/batch", json={"tickets": sent}).json()["answers"]
    single = [client.post("/v1/triage", json={"ticket": one}).json() for one in sent[:75]]
    direct = [
        answer_of(ticket, predict(version, ticket), terms, prediction_id=None, journaled=True) for ticket in tickets
    ]
    for answer in batch + single:
        assert answer.pop("prediction_id")
    for answer in direct:
        del answer["prediction_id"]
    assert batch == direct
    assert single == direct[:75]


def test_an_answer_names_its_version_and_what_it_lacks(client: TestClient) -> None:
    answer = client.post("/v1/triage", json={"ticket": {"id": 1, "subject": "vpn is down"}}).json()
    assert (answer["version"], answer["decided_by"], answer["queue"]["label"]) == ("1", ["model", "score"], "Network")
    assert len(answer["queue"]["top"]) == 3
    assert (answer["priority"]["mode"], answer["priority"]["why"]) == ("suggest", "head_missing")
    assert answer["priority"]["label"] in ("P1", "P2", "P3", "P4")
    assert set(answer["escalation"]) == {"probability", "mode", "threshold"}


def test_similar_tickets_are_answered_where_asked_for_and_kept(client: TestClient) -> None:
    asked = {"ticket": {"id": 1, "subject": "vpn is down"}, "similar": 4}
    answer = client.post("/v1/triage", json=asked).json()
    assert len(answer["similar"]) == 4
    assert answer["similar"][0]["queue"] == "Network"
    kept = client.get(f"/v1/predictions/{answer['prediction_id']}").json()
    assert kept["answer"] == answer
    large = {"ticket": {"id": 1, "subject": "vpn is down", "body": " " * 70_000}, "similar": 4}
    assert client.post("/v1/triage", json=large).json()["similar"] == answer["similar"]
    assert "similar" not in client.post("/v1/triage", json={"ticket": asked["ticket"]}).json()


def test_reasons_are_answered_where_asked_for_and_kept_the_same_in_a_batch(client: TestClient) -> None:
    ticket = {"id": 1, "subject": "vpn is down", "body": "The VPN is down again."}
    answer = client.post("/v1/triage", json={"ticket": ticket, "explain": True}).json()
    assert answer["queue"]["reasons"][0]["text"].startswith("mentions ‘vpn")
    assert client.get(f"/v1/predictions/{answer['prediction_id']}").json()["answer"] == answer
    (batched,) = client.post("/v1/triage/batch", json={"tickets": [ticket], "explain": True}).json()["answers"]
    assert {**batched, "prediction_id": answer["prediction_id"]} == answer
    assert "reasons" not in client.post("/v1/triage", json={"ticket": ticket}).json()["queue"]
    assert "reasons" not in answer["priority"]  # this version has no such head


def test_text_that_is_too_long_to_be_read_to_its_end_is_noted_and_kept(
    client: TestClient, promoted: Environment
) -> None:
    ticket = {"id": "1", "subject": "vpn is down", "body": "x " * 50_000}
    answer = client.post("/v1/triage", json={"ticket": ticket}).json()
    assert answer["notes"] == ["text_cut"]
    assert client.get(f"/v1/predictions/{answer['prediction_id']}").json()["answer"] == answer
    short = {"id": "2", "subject": "vpn is down"}
    (long, other) = client.post("/v1/triage/batch", json={"tickets": [ticket, short]}).json()["answers"]
    assert long["notes"] == ["text_cut"]
    assert "notes" not in other
    folder = promoted.versions / "1"
    said = answerer(Asked(folder, check_hashes(folder)))([Ticket(**ticket)])
    assert json.loads(said)["notes"] == ["text_cut"]


def test_it_is_ready_and_says_what_it_can(client: TestClient) -> None:
    assert client.get("/readyz").json() == {"status": "ready"}
    model = client.get("/v1/model").json()
    assert (model["version"], model["heads"]) == ("1", {"queue": {"labels": 3}, "escalation": {"labels": 2}})


@pytest.mark.parametrize("path", ["/docs.json", "/schema.json", "/assets/x", "/static_content/x"])
def test_bentomls_own_addresses_are_none_of_ours(client: TestClient, path: str) -> None:
    assert client.get(path).headers["content-type"] == "application/problem+json"


def test_a_promotion_and_a_rollback_are_followed(
    client: TestClient, promoted: Environment, promote_version: Callable[..., None]
) -> None:
    shutil.copytree(promoted.versions / "1", promoted.versions / "2")
    promote_version(promoted, "2")
    assert model_once(client, lambda model: model["version"] == "2")["version"] == "2"
    promote_version(promoted, "1")
    assert model_once(client, lambda model: model["version"] == "1")["version"] == "1"


def test_a_damaged_version_leaves_the_old_one_answering_and_is_reported(
    client: TestClient, promoted: Environment, promote_version: Callable[..., None]
) -> None:
    folder = promoted.versions / "3"
    shutil.copytree(promoted.versions / "1", folder)
    weights = bytearray((folder / "linear.weights.npy").read_bytes())
    weights[-1] ^= 1
    (folder / "linear.weights.npy").write_bytes(weights)
    promote_version(promoted, "3")
    model = model_once(client, lambda model: model["trouble"] is not None)
    assert model["version"] == "1"
    assert model["trouble"]["version"] == "3"
    assert "linear.weights.npy" in model["trouble"]["error"]
    assert client.get("/readyz").status_code == 200


def test_a_version_that_is_nowhere_is_reported_and_the_default_queue_answers(make_home: MakeHome) -> None:
    for client in served(make_home("9")):
        assert client.get("/v1/model").json()["trouble"]["version"] == "9"
        assert client.get("/readyz").status_code == 503
        answer = client.post("/v1/triage", json={"ticket": {"id": 1, "body": ""}}).json()
        assert (answer["version"], answer["decided_by"]) == (None, ["default"])


def test_after_a_restart_without_a_journal_the_last_good_version_goes_on(make_home: MakeHome, tmp_path: Path) -> None:
    home = make_home("1")
    for client in served(home):
        answer = client.post("/v1/triage", json={"ticket": {"id": 1, "body": "wifi drops"}}).json()
    assert_recorded(home, answer)
    (home.home / "journal.db").rename(tmp_path / "away.db")
    (home.home / "journal.db").mkdir()
    for client in served(home):
        answer = client.post("/v1/triage", json={"ticket": {"id": 1, "body": "wifi drops"}}).json()
        assert (answer["version"], answer["journaled"]) == ("1", True)
        assert client.get("/v1/model").json()["trouble"]["version"] is None
        assert client.get(f"/v1/predictions/{answer['prediction_id']}").status_code == 200
        assert client.get(f"/v1/predictions/{'0' * 32}").status_code == 503
    (home.home / "journal.db").rmdir()
    (tmp_path / "away.db").rename(home.home / "journal.db")
    for _ in served(home):
        pass
    assert_recorded(home, answer)


def assert_recorded(home: Environment, answer: dict[str, Any]) -> None:
    engine = connect(home.database_url)
    found = find(engine, answer["prediction_id"])
    engine.dispose()
    assert found is not None
    assert found.answer == answer
