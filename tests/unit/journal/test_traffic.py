"""What a version said of late about escalation, from the predictions of whole days."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine

from journal import traffic
from journal.database import writing
from journal.identifiers import prediction_id
from journal.predictions import RecordedPrediction, record
from journal.traffic import escalation_scores

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
TODAY = datetime(2026, 11, 21, tzinfo=UTC)


def said(at: datetime, ticket: str, escalation: Any, version: str = "1") -> RecordedPrediction:
    answer = {"queue": {"label": "Nul \0"}, "escalation": escalation}
    return RecordedPrediction(prediction_id(at), "default", at, version, {"id": ticket}, answer, 0.4)


def written(engine: Engine, *rows: RecordedPrediction) -> None:
    with writing(engine) as connection:
        record(connection, rows)


def test_it_is_the_thirty_whole_days_before_today_of_this_version(engine: Engine) -> None:
    inside = [TODAY - timedelta(microseconds=1), TODAY - timedelta(days=12), TODAY - timedelta(days=30)]
    outside = [TODAY, NOW, TODAY - timedelta(days=30, microseconds=1)]
    rows = [said(at, f"in {n}", {"probability": 0.3 + n / 10}) for n, at in enumerate(inside)]
    rows += [said(at, f"out {n}", {"probability": 0.9}) for n, at in enumerate(outside)]
    rows += [said(inside[0], "of another", {"probability": 0.8}, version="2")]
    written(engine, *rows)
    assert escalation_scores(engine, "1", NOW) == (0.3, 0.4, 0.5)
    assert escalation_scores(engine, "3", NOW) == ()


def test_a_ticket_counts_once_as_it_was_scored_last_and_not_without_an_answer(engine: Engine) -> None:
    at = TODAY - timedelta(days=3)
    written(
        engine,
        said(at + timedelta(hours=2), "a", {"probability": 0.7}),
        said(at, "a", {"probability": 0.1}),
        said(at, "b", {"mode": "abstain", "why": "head_missing"}),
        said(at, "c", {"probability": None}),
    )
    assert escalation_scores(engine, "1", NOW) == (0.7,)


def test_of_much_traffic_a_fair_draw_is_taken_that_stays_the_same(engine: Engine, monkeypatch: Any) -> None:
    monkeypatch.setattr(traffic, "_DRAWN", 300)
    chance = Random(5)
    rows = [
        said(TODAY - timedelta(minutes=n + 1), str(n), {"probability": chance.randrange(10) / 10}) for n in range(1200)
    ]
    written(engine, *rows)
    found = escalation_scores(engine, "1", NOW)
    assert found == escalation_scores(engine, "1", NOW)
    # 300 of 1,200 are due, with a standard deviation of 15; the mean of what they said is 0.45, with one of 0.017.
    assert 225 < len(found) < 375
    assert abs(sum(found) / len(found) - 0.45) < 0.09
