"""Tickets are found by their words, on each database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from journal.database import writing
from journal.predictions import RecordedPrediction
from journal.predictions import record as record_predictions
from journal.searching import search
from journal.tenants import add_tenant

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def written(engine: Engine, *tickets: dict[str, Any], tenant: str = "default", queue: str = "Access") -> None:
    """Each a minute after the one before."""
    rows = [
        RecordedPrediction(
            f"{tenant}{place:03x}", tenant, NOW + timedelta(minutes=place), "1", one, {"queue": {"label": queue}}, 0.4
        )
        for place, one in enumerate(tickets)
    ]
    with writing(engine) as connection:
        record_predictions(connection, rows)


def found(engine: Engine, text: str, **more: Any) -> list[str]:
    return [str(one.ticket["id"]) for one in search(engine, text, most=10, **more)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("VPN", ["a"]),
        ("down", ["b", "a"]),
        ('"quoted" \\ text', ["b"]),
        ("100%", ["b"]),
        ("00%", ["b"]),
        ("%", ["b"]),
        ("_", []),
        ("Größe", ["c"]),
        ("a later word", ["c"]),
        ("b", ["c", "b"]),
        ("acces", ["c", "b", "a"]),
        ("subject", []),
        ("label", []),
        ("\u202e🙈", []),
        ("  ", []),
    ],
)
def test_it_is_the_tickets_words_that_are_looked_at(engine: Engine, text: str, ids: list[str]) -> None:
    written(
        engine,
        {"id": "a", "subject": "vpn is down"},
        {"id": "b", "subject": "down", "body": 'it is "quoted" \\ text, 100%\nsure'},
        {"id": "c", "subject": "Größe", "messages": [{"at": "x", "author": "customer", "text": "A later word, by me"}]},
    )
    assert found(engine, text) == ids


def test_the_newest_answers_alone_are_looked_through_and_one_of_each_ticket_is_told(engine: Engine) -> None:
    written(engine, {"id": "a", "subject": "vpn"}, {"id": "b", "subject": "vpn"}, {"id": "b", "subject": "vpn again"})
    assert found(engine, "vpn") == ["b", "a"]
    assert found(engine, "vpn", among=2) == ["b"]
    assert len(search(engine, "vpn", most=1)) == 1


def test_each_tenant_finds_its_own(engine: Engine) -> None:
    add_tenant(engine, "other", at=NOW)
    written(engine, {"id": "a", "subject": "vpn"})
    written(engine, {"id": "z", "subject": "vpn"}, tenant="other")
    assert (found(engine, "vpn"), found(engine, "vpn", tenant="other")) == (["a"], ["z"])
