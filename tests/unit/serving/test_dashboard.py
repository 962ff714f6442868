"""What is handed out for Grafana and Prometheus: every metric that it names is one that the service shows."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"


@pytest.fixture(scope="module")
def shown(client: TestClient) -> dict[str, set[str]]:
    """The names of all series after some traffic, each with its labels."""
    client.post("/v1/triage", json={"ticket": {"id": 1, "body": "vpn"}})
    client.get("/metrics")
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(client.get("/metrics").text):
        for one in family.samples:
            found.setdefault(one.name, set()).update(one.labels)
    return found


def dashboard() -> Any:
    return json.loads((DEPLOY / "grafana" / "pointsman.json").read_text(encoding="utf-8"))


def read_yaml(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


def queries() -> Iterator[str]:
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"]


def rules() -> list[dict[str, Any]]:
    return [rule for group in read_yaml("alerts.yml")["groups"] for rule in group["rules"]]


def named_in(query: str) -> Iterator[tuple[str, set[str]]]:
    """Each metric of ours in a query, with the labels that are asked of it."""
    for name, matchers in re.findall(r"(pointsman_\w+)(?:\{([^}]*)\})?", query):
        yield name, set(re.findall(r"(\w+)\s*(?:=|!)", matchers))


@pytest.mark.parametrize("query", [*queries(), *(rule["expr"] for rule in rules())])
def test_a_query_names_only_what_is_shown(query: str, shown: dict[str, set[str]]) -> None:
    for name, labels in named_in(query):
        assert name in shown
        assert labels <= shown[name] | {"job"}
    for labels in re.findall(r"by \(([^)]*)\)", query):
        wanted = {one.strip() for one in labels.split(",")}
        assert any(wanted <= shown[name] for name, _ in named_in(query))


def test_all_that_is_shown_stands_on_the_dashboard(shown: dict[str, set[str]]) -> None:
    on_it = {name for query in queries() for name, _ in named_in(query)}
    histograms = {"pointsman_request_seconds", "pointsman_confidence"}
    parts = {f"{name}{end}" for name in histograms for end in ("_bucket", "_count", "_sum")}
    assert shown.keys() - parts <= on_it
    assert all(any(one.startswith(name) for one in on_it) for name in histograms)


def test_panels_have_places_names_and_sources_of_their_own() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken
        taken |= cells
        assert panel["type"] == "row" or panel["datasource"]["uid"] == "${datasource}"


def test_every_alert_says_what_to_do() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))
    for rule in rules():
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert set(rule["annotations"]) == {"summary", "what_to_do"}


def test_the_scrape_asks_where_the_service_answers_and_reads_the_alerts(client: TestClient) -> None:
    settings = read_yaml("prometheus.yml")
    (job,) = settings["scrape_configs"]
    assert client.get(job["metrics_path"]).status_code == 200
    assert all((DEPLOY / name).is_file() for name in settings["rule_files"])
