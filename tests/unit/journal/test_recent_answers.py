"""Which tickets were answered lately, each by its newest answer."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from journal.database import writing
from journal.predictions import RecordedPrediction
from journal.predictions import record as record_predictions
from journal.recent_answers import count_answers, recent_answers, shadow_answers
from journal.shadow import ShadowPrediction
from journal.shadow import record as record_shadow
from journal.tenants import add_tenant

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def written(engine: Engine, number: int, ticket: str, days: float, tenant: str = "default") -> None:
    content = {"id": ticket, "subject": f"as it was {days} days ago", "customer": {"id": f"c-{ticket}"}}
    row = RecordedPrediction(f"{number:032x}", tenant, NOW - days * DAY, "1", content, {"number": number}, 0.4)
    with writing(engine) as connection:
        record_predictions(connection, [row])


def test_each_ticket_comes_once_as_it_was_answered_last_and_the_newest_first(engine: Engine) -> None:
    add_tenant(engine, "other", at=NOW)
    for number, (ticket, days) in enumerate([("a", 3), ("b", 2), ("a", 1), ("old", 20), ("future", -1)]):
        written(engine, number, ticket, days)
    written(engine, 9, "theirs", 1, "other")
    found = recent_answers(engine, NOW - 14 * DAY, NOW, 10)
    assert [(one.ticket_id, one.answer["number"], one.customer_id) for one in found] == [
        ("a", 2, "c-a"),
        ("b", 1, "c-b"),
    ]
    assert found[0].ticket["subject"] == "as it was 1 days ago"
    assert found[0].at == NOW - DAY
    assert [one.ticket_id for one in recent_answers(engine, NOW - 14 * DAY, NOW, 1)] == ["a"]
    assert count_answers(engine, NOW - 2 * DAY) == 2


def test_what_a_challenger_said_is_found_by_prediction_but_not_its_failures(engine: Engine) -> None:
    for number in range(3):
        written(engine, number, f"t{number}", 1)
    said = [{"version": "2", "queue": {}}, {"version": None}, {"version": "3"}]
    with writing(engine) as connection:
        rows = [ShadowPrediction(f"{n:032x}", "3" if n == 2 else "2", one, NOW) for n, one in enumerate(said)]
        record_shadow(connection, rows)
    assert shadow_answers(engine, "2", [f"{n:032x}" for n in range(4)]) == {f"{0:032x}": said[0]}
