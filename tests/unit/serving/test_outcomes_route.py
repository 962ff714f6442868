"""What became of tickets, over HTTP: one or many, in any order, kept once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from desk.feedback import OUTCOME_FIELDS, OutcomeReport
from journal.database import connect
from journal.outcomes import outcomes
from serving.app import build_app
from serving.house import open_house
from serving.metrics import Metrics
from serving.outcome_body import OutcomeBody
from serving.triage import Desk
from tests.unit.serving.answers import fits, is_misfit, problem

AT = "2026-11-21T10:02:00Z"
MOMENT = datetime(2026, 11, 21, 10, 2, tzinfo=UTC)


@pytest.fixture
def engine(desk: Desk) -> Engine:
    return desk.journaling.engine


def tell(client: TestClient, **outcome: Any) -> Any:
    return client.post("/v1/outcomes", json={"outcome": outcome})


def test_a_report_has_every_field_that_an_outcome_may_say() -> None:
    assert set(OutcomeBody.model_fields) == {"ticket_id", "at", *OUTCOME_FIELDS}


def test_a_report_is_kept_as_it_is_said(client: TestClient, engine: Engine) -> None:
    said = {
        "queue": " Billing ",
        "priority": None,
        "escalated": True,
        "sla_breached": False,
        "first_response_at": "2026-11-21T11:02:00+01:00",
        "resolved_at": AT,
        "reassignment_count": 0,
        "reopen_count": 2,
        "satisfaction": 4,
        "resolver": "N/A",
        "resolution": "Refunded “twice”.",
    }
    assert said.keys() == set(OUTCOME_FIELDS)
    response = tell(client, ticket_id=4711, at=AT, **said)
    assert (response.status_code, fits(response.json(), "KeptOutcomes")) == (200, {"new": 1, "known": 0})
    understood = {"queue": "Billing", "first_response_at": MOMENT, "resolved_at": MOMENT, "resolver": None}
    assert outcomes(engine, ticket_id="4711") == [OutcomeReport("4711", MOMENT, {**said, **understood})]


def test_what_is_not_said_is_not_kept_and_the_time_is_now(client: TestClient, engine: Engine) -> None:
    before = datetime.now(UTC)
    tell(client, ticket_id="now", queue=None)
    (kept,) = outcomes(engine, ticket_id="now")
    assert kept.said == {"queue": None}
    assert before <= kept.at <= datetime.now(UTC)


def test_many_are_taken_at_once_and_counted(client: TestClient, engine: Engine) -> None:
    many = [{"ticket_id": f"many-{number}", "at": AT, "reopen_count": number} for number in range(1_000)]
    for expected in ({"new": 1_000, "known": 0}, {"new": 0, "known": 1_000}):
        response = client.post("/v1/outcomes", json={"outcomes": many})
        assert (response.status_code, response.json()) == (200, expected)
    assert len(outcomes(engine, ticket_id="many-999")) == 1
    more = [{**many[0], "at": "2026-11-21T11:02:00+01:00"}, {**many[1], "reopen_count": 7}, many[2], many[2]]
    assert client.post("/v1/outcomes", json={"outcomes": more}).json() == {"new": 1, "known": 3}


def test_the_same_said_again_without_a_time_is_no_second_report(client: TestClient) -> None:
    assert [tell(client, ticket_id="again", queue="Billing").json()["new"] for _ in range(2)] == [1, 0]
    assert tell(client, ticket_id="again", queue="Orders").json()["new"] == 1


def test_sent_again_under_a_key_it_gets_the_first_answer(client: TestClient) -> None:
    body = {"outcome": {"ticket_id": "keyed", "queue": "Billing"}}
    first, again = (client.post("/v1/outcomes", json=body, headers={"Idempotency-Key": "o-1"}) for _ in range(2))
    assert (again.json(), again.headers["idempotent-replay"]) == ({"new": 1, "known": 0}, "true")
    assert first.content == again.content


def test_where_the_database_does_not_answer_nothing_is_acknowledged(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    away = connect("postgresql://nobody@127.0.0.1:1/none")
    broken = replace(desk, journaling=replace(desk.journaling, engine=away))
    with TestClient(build_app(open_house(broken))) as client:
        response = tell(client, ticket_id=1, queue="Billing")
        problem(response, 503, "unavailable")
        assert int(response.headers["retry-after"]) > 0
    away.dispose()


GOOD: dict[str, Any] = {"ticket_id": 1, "queue": "Billing"}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["body"]),
        ({"outcome": None}, ["body"]),
        ({"outcome": GOOD, "outcomes": [GOOD]}, ["body"]),
        ({"outcome": GOOD, "outcomes": None}, ["body"]),
        ({"outcomes": []}, ["outcomes"]),
        ({"outcomes": [GOOD] * 1_001}, ["outcomes"]),
        ({"outcome": {"ticket_id": 1}}, ["outcome"]),
        ({"outcome": {"ticket_id": 1, "at": AT}}, ["outcome"]),
        ({"outcome": {"queue": "Billing"}}, ["outcome.ticket_id"]),
        ({"outcome": {**GOOD, "ticket_id": ""}}, ["outcome.ticket_id"]),
        ({"outcome": {**GOOD, "colour": "red"}}, ["outcome.colour"]),
        ({"outcome": {**GOOD, "events": []}}, ["outcome.events"]),
        ({"outcomes": [GOOD, {**GOOD, "escalated": "no"}]}, ["outcomes[1].escalated"]),
        ({"outcomes": [{**GOOD, "reopen_count": -1}, GOOD]}, ["outcomes[0].reopen_count"]),
        ({"outcome": {**GOOD, "reopen_count": 1.5}}, ["outcome.reopen_count"]),
        ({"outcome": {**GOOD, "reopen_count": True}}, ["outcome.reopen_count"]),
        ({"outcome": {**GOOD, "reassignment_count": 10_001}}, ["outcome.reassignment_count"]),
        ({"outcome": {**GOOD, "satisfaction": "good"}}, ["outcome.satisfaction"]),
        ({"outcome": {**GOOD, "satisfaction": False}}, ["outcome.satisfaction"]),
        ({"outcome": {**GOOD, "satisfaction": 1e7}}, ["outcome.satisfaction"]),
        ({"outcome": {**GOOD, "resolved_at": "yesterday"}}, ["outcome.resolved_at"]),
        ({"outcome": {**GOOD, "queue": "x" * 257}}, ["outcome.queue"]),
        ({"outcome": {**GOOD, "resolution": "x" * 100_001}}, ["outcome.resolution"]),
    ],
)
def test_what_cannot_be_used_is_named_by_its_path(body: Any, fields: list[str], client: TestClient) -> None:
    assert is_misfit(body, "Outcomes") or fields == ["outcome.resolved_at"]  # no schema looks at the form of a time
    told = problem(client.post("/v1/outcomes", json=body), 400, "invalid-body")
    assert [one["field"] for one in told["errors"]] == fields


def test_one_that_cannot_be_used_refuses_all(client: TestClient, engine: Engine) -> None:
    ahead = (datetime.now(UTC) + timedelta(minutes=6)).isoformat()
    early = "1969-12-31T23:59:59Z"
    for wrong in ({"at": ahead, "queue": "a"}, {"at": early, "queue": "a"}, {"resolved_at": ahead}, {"queue": 1}):
        body = {"outcomes": [{"ticket_id": "all", "queue": "a"}, {"ticket_id": "all", **wrong}]}
        told = problem(client.post("/v1/outcomes", json=body), 400, "invalid-body")
        assert [one["field"] for one in told["errors"]] == [f"outcomes[1].{next(iter(wrong))}"]
    assert outcomes(engine, ticket_id="all") == []


def test_a_number_that_json_does_not_have_is_refused(client: TestClient) -> None:
    for spelling in ("NaN", "Infinity", "1e400", "1" + "0" * 70):
        raw = '{"outcome": {"ticket_id": 1, "satisfaction": @}}'.replace("@", spelling)
        response = client.post("/v1/outcomes", content=raw, headers={"Content-Type": "application/json"})
        assert [one["field"] for one in problem(response, 400, "invalid-body")["errors"]] == ["outcome.satisfaction"]


def test_reports_are_counted(desk: Desk) -> None:
    counting = replace(desk, metrics=Metrics())
    with TestClient(build_app(open_house(counting))) as client:
        for _ in range(2):
            tell(client, ticket_id="counted", at=AT, queue="Billing")
        tell(client, ticket_id="counted", at=AT, queue="Orders")
    text = counting.metrics.text().decode()
    assert 'pointsman_outcomes_total{kind="new"} 2.0' in text
    assert 'pointsman_outcomes_total{kind="known"} 1.0' in text
