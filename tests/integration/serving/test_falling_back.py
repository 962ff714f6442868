"""A label whose contract is in breach becomes a suggestion within seconds, in a running service, and returns."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from desk.demands import SETTING
from desk.fallbacks import FALLBACKS_SETTING
from desk.ticket_json import ticket_json
from journal.database import connect
from journal.environment import Environment
from journal.settings import put_setting
from journal.watch_reports import WatchReport, put_report
from serving.app import build_app
from serving.composition import Composed, compose
from serving.connections import Connections
from serving.vital_signs import VitalSigns

if TYPE_CHECKING:
    from training.histories.history import History

AT = datetime(2026, 11, 21, tzinfo=UTC)
PATIENCE = 5.0


@pytest.fixture
def engine(home_copy: Environment) -> Iterator[Engine]:
    made = connect(home_copy.database_url)
    put_setting(made, SETTING, {"queue": {"default": 0.8}}, who="a test", at=AT)
    yield made
    made.dispose()


@pytest.fixture
def composed(home_copy: Environment, engine: Engine) -> Iterator[Composed]:
    made = compose(home_copy)
    try:
        assert made.desk.watch.looked.wait(30)
        yield made
    finally:
        made.close()


@pytest.fixture
def client(composed: Composed) -> Iterator[TestClient]:
    with TestClient(build_app(composed.house)) as made:
        yield made


def soon(ask: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not wanted(found := ask()):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found


def test_a_label_in_breach_is_suggested_within_seconds_and_applied_again(
    client: TestClient, engine: Engine, sample_history: "History"
) -> None:
    def ask(ticket: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = client.post("/v1/triage", json={"ticket": ticket}).json()
        return found

    tickets = [ticket_json(row.ticket) for row in sample_history.rows[-60:]]
    ticket = next(one for one in tickets if ask(one)["queue"]["mode"] == "auto")
    label = ask(ticket)["queue"]["label"]
    other = next(one for one in tickets if (said := ask(one)["queue"])["mode"] == "auto" and said["label"] != label)
    fallen = {"1": {"queue": {label: {"since": AT.isoformat(), "why": "9 of 30 wrong"}}}}
    put_setting(engine, FALLBACKS_SETTING, fallen, who="watch", at=AT)
    answer = soon(lambda: ask(ticket), lambda found: found["queue"]["mode"] == "suggest")
    assert answer["queue"]["why"] == "contract_in_breach"
    assert answer["queue"]["probability"] >= answer["queue"]["threshold"]
    assert ask(other)["queue"]["mode"] == "auto"

    def replayed() -> Any:
        found = client.get(f"/v1/predictions/{answer['prediction_id']}", params={"replay": "true"})
        return found.json()["replay"] if found.status_code == 200 else None

    assert soon(replayed, bool)["same"]

    put_setting(engine, FALLBACKS_SETTING, {}, who="watch", at=AT)
    soon(lambda: ask(ticket), lambda found: found["queue"]["mode"] == "auto")
    again = replayed()
    assert again["same"]
    assert again["answer"]["queue"]["why"] == "contract_in_breach"


def test_what_another_version_did_is_not_held_against_this_one(
    client: TestClient, engine: Engine, sample_history: "History"
) -> None:
    labels = {one: {"since": AT.isoformat(), "why": "another version's"} for one in ("Access", "Billing", "Network")}
    put_setting(engine, FALLBACKS_SETTING, {"7": {"queue": labels}}, who="watch", at=AT)
    time.sleep(2)  # two looks at the journal
    tickets = [{"ticket": ticket_json(row.ticket)} for row in sample_history.rows[-60:]]
    modes = {client.post("/v1/triage", json=one).json()["queue"]["mode"] for one in tickets}
    assert "auto" in modes


def test_what_the_watch_found_is_told_to_prometheus(client: TestClient, composed: Composed, engine: Engine) -> None:
    signs = VitalSigns(composed.house, composed.drain, Connections(), lambda: AT + timedelta(hours=1))

    def told() -> str:
        signs.look()
        return client.get("/metrics").text

    figures = {"drift/features": 2, "drift/queues": 1, "contracts/in_breach": 1, "queue/expected": 0.83}
    put_report(engine, WatchReport(AT, "1", figures, {}))
    text = soon(told, lambda found: "pointsman_watch_drifted_features 2.0" in found)
    assert "pointsman_watch_age_seconds 3600.0" in text
    assert "pointsman_watch_drifted_queues 1.0" in text
    assert "pointsman_watch_contracts_in_breach 1.0" in text
    assert 'pointsman_watch_expected_accuracy{head="queue"} 0.83' in text
    assert 'pointsman_watch_measured_accuracy{head="queue"} 0.0' in text
