"""A customer is erased by `POST /v1/forget`: the rows at once, the files by a real child process."""

from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from journal.database import writing
from journal.erasures import erasures
from journal.predictions import RecordedPrediction, count, find, record
from serving.triage import Desk


def row(number: int, customer: str, at: datetime) -> RecordedPrediction:
    ticket = {"id": f"t{number}", "customer": {"id": customer}}
    return RecordedPrediction(f"{number:032x}", "default", at, "1", ticket, {}, 0.4)


@pytest.fixture
def asked(desk: Desk, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("POINTSMAN_ENCODER", "none")
    return client


def test_a_customer_is_erased_and_another_stays(asked: TestClient, desk: Desk) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    with writing(desk.journaling.engine) as connection:
        record(connection, [row(1, "c-9", before), row(2, "c-9", before), row(3, "c-10", before)])
    answer = asked.post("/v1/forget", json={"customer": "c-9"})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["erased"]["predictions"], told["erased"]["tickets"]) == (2, 2)
    if told["complete"]:  # on a machine that is busy the files may take longer than the answer
        assert told["left"] == []
    assert find(desk.journaling.engine, row(1, "c-9", before).prediction_id) is None
    assert find(desk.journaling.engine, row(3, "c-10", before).prediction_id) is not None
    assert "c-9" not in erasures(desk.journaling.engine)[0].customer
    assert count(desk.journaling.engine).predictions == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], ""),
        ({}, "customer"),
        ({"customer": ""}, "customer"),
        ({"customer": None}, "customer"),
        ({"customer": ["c-9"]}, "customer"),
        ({"customer": "c-9", "tenant": "other"}, "tenant"),
    ],
)
def test_a_body_that_names_no_customer_is_refused(body: object, field: str, asked: TestClient, desk: Desk) -> None:
    known = len(erasures(desk.journaling.engine))
    answer = asked.post("/v1/forget", json=body)
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert len(erasures(desk.journaling.engine)) == known
