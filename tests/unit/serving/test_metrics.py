"""What Prometheus is told: true after known traffic, and bounded whatever is asked."""

import random
import string
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from desk.heads import HEADS
from desk.prediction import Extras
from serving.app import build_app
from serving.connections import Connections
from serving.house import House, open_house
from serving.metrics import FAMILIES, PREFIX, Metrics
from serving.operations import OPERATIONS
from serving.triage import Desk
from serving.vital_signs import VitalSigns

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]
TICKET = {"ticket": {"id": 1, "body": "vpn"}}


@pytest.fixture
def house(desk: Desk) -> House:
    return open_house(replace(desk, metrics=Metrics()))


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with TestClient(build_app(house), follow_redirects=False) as made:
        yield made


def samples(text: str) -> Samples:
    return {
        (one.name.removeprefix(PREFIX), tuple(sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found.get((name, tuple(sorted(labels.items()))), 0.0)


def test_every_line_is_read_by_prometheus_own_parser_and_every_family_is_there(client: TestClient) -> None:
    client.post("/v1/triage", json=TICKET)
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = {one.name: one for one in text_string_to_metric_families(response.text)}
    for family in FAMILIES:
        assert families[PREFIX + family.name.removesuffix("_total")].samples, family.name
    assert set(families) == {PREFIX + one.name.removesuffix("_total") for one in FAMILIES} | {f"{PREFIX}version_info"}


def test_after_known_traffic_the_numbers_are_right(client: TestClient) -> None:
    for _ in range(3):
        client.post("/v1/triage", json=TICKET)
    client.post("/v1/triage/batch", json={"tickets": [TICKET["ticket"]] * 4})
    client.post("/v1/triage", content=b"{")
    client.get("/v1/predictions/unknown")
    found = samples(client.get("/metrics").text)
    assert value(found, "requests_total", route="/v1/triage", method="POST", status="200") == 3
    assert value(found, "requests_total", route="/v1/triage", method="POST", status="415") == 1
    assert value(found, "requests_total", route="/v1/triage/batch", method="POST", status="200") == 1
    assert value(found, "requests_total", route="/v1/predictions/{prediction_id}", method="GET", status="404") == 1
    assert value(found, "request_seconds_count", route="/v1/triage") == 4
    assert value(found, "decisions_total", head="queue", mode="abstain") == 7
    assert value(found, "abstains_total", head="escalation", why="head_missing") == 7
    assert value(found, "fallbacks_total", reason="no_version") == 7
    assert value(found, "not_journaled_total") == 0


def answer(**given: Any) -> dict[str, Any]:
    absent = {"mode": "abstain", "why": "head_missing"}
    return {"version": "1", "journaled": True, **dict.fromkeys(HEADS, absent), **given}


def test_decisions_confidence_and_what_was_done_without_are_counted() -> None:
    metrics = Metrics()
    queue = {"label": "secret queue", "probability": 0.3, "mode": "suggest"}
    sure = {"label": "secret queue", "probability": 0.9301, "mode": "auto"}
    breach = {"probability": 0.05}
    metrics.count_answers([answer(queue=queue, breach=breach), answer(queue=sure)], Extras(), has_version=True)
    metrics.count_answers([answer(version=None, journaled=False)], Extras(), has_version=True)
    metrics.count_answers([answer(), answer(similar=[])], Extras(similar=3), has_version=True)
    metrics.count_answers(
        [answer(notes=["text_cut"]), answer(queue={**queue, "reasons": []})], Extras(explain=True), has_version=True
    )
    found = samples(metrics.text().decode())
    assert value(found, "decisions_total", head="queue", mode="auto") == 1
    assert value(found, "decisions_total", head="queue", mode="suggest") == 2
    assert value(found, "decisions_total", head="breach", mode="stated") == 1
    assert value(found, "confidence_bucket", head="queue", le="0.2") == 0
    assert value(found, "confidence_bucket", head="queue", le="0.3") == 2
    assert value(found, "confidence_bucket", head="queue", le="0.9") == 2
    assert value(found, "confidence_bucket", head="queue", le="1.0") == 3
    assert value(found, "confidence_sum", head="queue") == pytest.approx(1.5301)
    assert value(found, "fallbacks_total", reason="version_failed") == 1
    assert value(found, "fallbacks_total", reason="extras_failed") == 2
    assert value(found, "not_journaled_total") == 1
    assert value(found, "texts_cut_total") == 1
    assert "secret" not in metrics.text().decode()


def test_whatever_is_asked_the_exposition_does_not_grow(client: TestClient) -> None:
    chance = random.Random(4)
    letters = string.ascii_letters + string.digits + "/%-._~"
    client.request("BREW", "/none")
    client.get("/none")
    before = samples(client.get("/metrics").text)
    for _ in range(2_000):
        method = "".join(chance.choices(string.ascii_uppercase, k=chance.randrange(3, 9)))
        client.request(chance.choice(["GET", "POST", method]), "/" + "".join(chance.choices(letters, k=12)))
    after = samples(client.get("/metrics").text)
    assert len(after) - len(before) < 60  # two routes' histograms, and a few statuses
    templates = {one.path for one in OPERATIONS} | {"other"}
    assert {dict(labels)["route"] for name, labels in after if name == "requests_total"} <= templates
    assert value(after, "requests_total", route="other", method="other", status="404") > 500


def test_two_processes_add_up(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("metrics")
    one, other = Metrics(folder), Metrics(folder)
    for metrics in (one, other):
        metrics.count_answers([answer(queue={"probability": 0.5, "mode": "auto"})], Extras(), has_version=True)
        metrics.level("pending_records", 4)
        metrics.level("pending_seconds", 1.5)
    other.level("pending_seconds", 2.5)
    found = samples(one.text().decode())
    assert found == samples(other.text().decode())
    assert value(found, "decisions_total", head="queue", mode="auto") == 2
    assert value(found, "confidence_bucket", head="queue", le="0.5") == 2
    assert value(found, "pending_records") == 8
    assert value(found, "pending_seconds") == 2.5
    other.close()
    found = samples(one.text().decode())
    assert value(found, "decisions_total", head="queue", mode="auto") == 2
    assert value(found, "pending_records") == 4


def test_levels_are_read_off_the_service(desk: Desk, house: House) -> None:
    connections = Connections(opened=3, cut_off=2)
    connections.gate.refused["overload"] = 5
    later = datetime.now(UTC) + timedelta(hours=1)
    signs = VitalSigns(house, desk.journaling.drain, connections, lambda: later)
    signs.look()
    connections.gate.refused["overload"] = 7
    signs.look()
    found = samples(house.metrics.text().decode())
    assert value(found, "connections") == 3
    assert value(found, "cut_off_total") == 2
    assert value(found, "rejected_total", reason="overload") == 7
    assert value(found, "processes") == 1
    assert value(found, "version_info", version="") == 0
    assert 10e6 < value(found, "resident_bytes") < 10e9
