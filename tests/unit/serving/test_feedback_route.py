"""What people say of answers, over HTTP: kept once, shown with the answer, refused by its fields."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine
from starlette.testclient import TestClient

from desk.errors import SettingError
from desk.feedback import Verdict
from journal.database import connect
from journal.erasures import Person, bury
from journal.log import Log
from journal.secret import installation_secret
from journal.verdicts import verdicts
from serving.app import build_app
from serving.house import open_house
from serving.metrics import Metrics
from serving.triage import Desk
from tests.unit.serving.answers import fits, is_misfit, problem

AT = "2026-11-21T10:02:00Z"


@pytest.fixture
def engine(desk: Desk) -> Engine:
    return desk.journaling.engine


@pytest.fixture
def name(client: TestClient) -> str:
    """Of an answer that was given just now."""
    return answered(client)


def answered(client: TestClient, **ticket: Any) -> str:
    answer = client.post("/v1/triage", json={"ticket": {"id": "4312", "body": "vpn", **ticket}}).json()
    return str(answer["prediction_id"])


def say(client: TestClient, name: str, **said: Any) -> Any:
    return client.post("/v1/feedback", json={"prediction_id": name, "who": "ann", **said})


def test_a_verdict_is_kept_with_all_that_is_said(client: TestClient, name: str, engine: Engine) -> None:
    said = {"queue": " Billing ", "priority": "P2", "escalation": False, "comment": " no “refund”", "at": AT}
    response = say(client, name, **said, saw_suggestion=False, is_final=True)
    assert response.status_code == 201
    told = fits(response.json(), "KeptVerdict")
    assert (told["prediction_id"], told["at"]) == (name, "2026-11-21T10:02:00+00:00")
    at = datetime(2026, 11, 21, 10, 2, tzinfo=UTC)
    (kept,) = verdicts(engine, prediction_id=name)
    assert kept == Verdict(name, "ann", at, "Billing", "P2", False, " no “refund”", saw_suggestion=False, is_final=True)


def test_one_thing_said_is_enough_and_the_time_is_now(client: TestClient, name: str, engine: Engine) -> None:
    for head, right in {"queue": "Billing", "priority": "P1", "escalation": True, "comment": "ask me"}.items():
        before = datetime.now(UTC)
        assert say(client, name, who=head, **{head: right}).status_code == 201
        kept = verdicts(engine, prediction_id=name)[-1]
        assert before <= kept.at <= datetime.now(UTC)
        assert kept == Verdict(name, head, kept.at, **{head: right})


def test_the_same_said_again_is_no_second_verdict(client: TestClient, name: str, engine: Engine) -> None:
    first, again = (say(client, name, queue="Billing", at=AT) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert fits(again.json(), "KeptVerdict") == first.json()
    first, again = (say(client, name, who="bob", queue="Billing") for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert say(client, name, who="bob", queue="Orders").status_code == 201
    assert len(verdicts(engine, prediction_id=name)) == 3


def test_sent_again_under_a_key_it_gets_the_first_answer(client: TestClient, name: str) -> None:
    body = {"prediction_id": name, "who": "ann", "queue": "Billing"}
    first, again = (client.post("/v1/feedback", json=body, headers={"Idempotency-Key": name}) for _ in range(2))
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert again.headers["idempotent-replay"] == "true"


def test_the_answer_shows_what_was_said_of_it_the_newest_first(client: TestClient, name: str) -> None:
    assert client.get(f"/v1/predictions/{name}").json()["feedback"] == []
    for hour in ("10", "12", "11"):
        say(client, name, queue=f"Q{hour}", at=f"2026-11-21T{hour}:00:00+01:00")
    shown = fits(client.get(f"/v1/predictions/{name}").json(), "RecordedPrediction")["feedback"]
    assert [one["queue"] for one in shown] == ["Q12", "Q11", "Q10"]
    assert (shown[0]["who"], shown[0]["at"], shown[0]["via"]) == ("ann", "2026-11-21T11:00:00+00:00", "api")
    assert client.get(f"/v1/predictions/{answered(client)}").json()["feedback"] == []


@pytest.fixture
def undrained(make_desk: Callable[[], Desk], tmp_path: Path) -> Iterator[Desk]:
    """A desk whose local log nobody brings to the database."""
    desk = make_desk()
    with Log(tmp_path / "undrained") as log:
        yield replace(desk, journaling=replace(desk.journaling, log=log))


def test_an_answer_that_is_still_in_the_local_log_can_be_spoken_of(undrained: Desk) -> None:
    with TestClient(build_app(open_house(undrained))) as client:
        name = answered(client)
        assert say(client, name, queue="Billing").status_code == 201
        assert client.get(f"/v1/predictions/{name}").json()["feedback"][0]["queue"] == "Billing"


def test_where_the_database_does_not_answer_nothing_is_acknowledged(undrained: Desk) -> None:
    away = connect("postgresql://nobody@127.0.0.1:1/none")
    broken = replace(undrained, journaling=replace(undrained.journaling, engine=away))
    with TestClient(build_app(open_house(broken))) as client:
        name = answered(client)
        body = {"prediction_id": name, "who": "ann", "queue": "Billing"}
        for headers in ({}, {"Idempotency-Key": "a"}):
            response = client.post("/v1/feedback", json=body, headers=headers)
            problem(response, 503, "unavailable")
            assert int(response.headers["retry-after"]) > 0
        shown = client.get(f"/v1/predictions/{name}").json()
        assert fits(shown, "RecordedPrediction")["feedback"] is None
    assert verdicts(undrained.journaling.engine) == []
    away.dispose()


def test_what_was_answered_to_somebody_who_was_erased_is_not_there(undrained: Desk) -> None:
    engine = undrained.journaling.engine
    with TestClient(build_app(open_house(undrained))) as client:
        name = answered(client, customer={"id": "c-9"})
        person = Person.of("c-9", "default", installation_secret(undrained.environment))
        bury(engine, person, who="ann", at=undrained.now())
        problem(say(client, name, queue="Billing"), 404, "not-found")
    assert verdicts(engine) == []


@pytest.mark.parametrize("unknown", ["0" * 32, "none", "019d0c6fa2c07d1f4b8e36a59c20e71b"])
def test_an_answer_that_was_never_given_is_not_found(unknown: str, client: TestClient) -> None:
    problem(say(client, unknown, queue="Billing"), 404, "not-found")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, "body"),
        ({"queue": None, "comment": None}, "body"),
        ({"saw_suggestion": False}, "body"),
        ({"comment": " \t"}, "body"),
        ({"queue": ""}, "queue"),
        ({"queue": " \u2003"}, "queue"),
        ({"queue": "x" * 257}, "queue"),
        ({"queue": 7}, "queue"),
        ({"priority": ["P1"]}, "priority"),
        ({"escalation": "yes"}, "escalation"),
        ({"escalation": 1}, "escalation"),
        ({"comment": "x" * 10_001}, "comment"),
        ({"queue": "a", "who": "\t"}, "who"),
        ({"queue": "a", "who": None}, "who"),
        ({"queue": "a", "prediction_id": ""}, "prediction_id"),
        ({"queue": "a", "saw_suggestion": None}, "saw_suggestion"),
        ({"queue": "a", "is_final": "true"}, "is_final"),
        ({"queue": "a", "at": "2026-11-21T10:02:00"}, "at"),
        ({"queue": "a", "breach": True}, "breach"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(
    change: dict[str, Any], field: str, client: TestClient, name: str, engine: Engine
) -> None:
    body = {"prediction_id": name, "who": "ann", **change}
    assert is_misfit(body, "Feedback") or field == "at"  # no schema of ours looks at the form of a time
    told = problem(client.post("/v1/feedback", json=body), 400, "invalid-body")
    assert [one["field"] for one in told["errors"]] == [field]
    assert verdicts(engine, prediction_id=name) == []


def test_nobody_has_said_anything_in_the_future_or_before_1970(client: TestClient, name: str) -> None:
    now = datetime.now(UTC)
    assert say(client, name, queue="a", at=(now + timedelta(minutes=4)).isoformat()).status_code == 201
    for at, words in ((now + timedelta(minutes=6), "ahead of the clock"), (datetime(1969, 12, 31, tzinfo=UTC), "1970")):
        told = problem(say(client, name, queue="a", at=at.isoformat()), 400, "invalid-body")
        assert (told["errors"][0]["field"], words in told["errors"][0]["message"]) == ("at", True)


def test_verdicts_are_counted_by_what_they_say_of_the_answer(desk: Desk) -> None:
    """The queue is the default one, the priority the score's; without a version nothing is said of escalation."""
    counting = replace(desk, metrics=Metrics())
    with TestClient(build_app(open_house(counting))) as client:
        name = answered(client)
        for who, queue in (("ann", "unassigned"), ("bob", "Billing"), ("bob", "Billing"), ("eve", "Orders")):
            say(client, name, who=who, queue=queue, escalation=True)
    assert {one: count for one, count in counted(counting.metrics).items() if count} == {
        ("queue", "agreed"): 1,
        ("queue", "differs"): 2,
        ("escalation", "unanswered"): 3,
    }


def test_an_escalation_agrees_where_the_answer_said_to_escalate() -> None:
    metrics, at = Metrics(), datetime.now(UTC)
    for mode, is_justified in (("escalate", True), ("watch", True), ("watch", False), ("none", False)):
        metrics.count_verdict(Verdict("p", "ann", at, escalation=is_justified), {"escalation": {"mode": mode}})
    metrics.count_verdict(Verdict("p", "ann", at, priority="P1", comment="x"), {"priority": {"label": "P1"}})
    found = counted(metrics)
    assert (found["escalation", "agreed"], found["escalation", "differs"], found["priority", "agreed"]) == (3, 1, 1)


def counted(metrics: Metrics) -> dict[tuple[str, str], float]:
    return {
        (one.labels["head"], one.labels["said"]): one.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for one in family.samples
        if one.name == "pointsman_verdicts_total"
    }


def test_where_the_secret_cannot_be_read_nothing_is_kept_and_the_caller_is_to_come_again(
    client: TestClient, name: str, desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person.of("somebody", desk.journaling.tenant, installation_secret(desk.environment))
    bury(engine, person, who="a test", at=datetime(2026, 1, 1, tzinfo=UTC))

    def unreadable(_: object) -> bytes:
        raise SettingError("It cannot be read.")

    monkeypatch.setattr("serving.routes.feedback.installation_secret", unreadable)
    response = say(client, name, queue="Billing")
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert problem(response, 503, "unavailable")["detail"] == "The service has no secret; the log says why."
    assert verdicts(engine, prediction_id=name) == []
