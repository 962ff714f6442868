"""`pointsman suspects`: what a training found, without what a lead decided on meanwhile."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from journal.database import connect
from journal.environment import Environment
from journal.label_decisions import decide
from journal.suspects import SuspectLabel, put_suspects

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


def test_what_was_decided_on_is_listed_no_more_and_said_in_the_json(
    pointsman: Callable[..., Any], trained_home: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {
            "ticket_id": name,
            "head": "queue",
            "given": "Orders",
            "likely": "Billing",
            "given_probability": "0.1",
            "likely_probability": "0.9",
        }
        for name in ("first", "second")
    ]
    monkeypatch.setattr("training.runs.suspect_list.read_suspects", lambda *_: rows)
    engine = connect(trained_home.database_url)
    found = SuspectLabel("queue", "first", "Orders", "Billing", 0.1, 0.9, 0.1)
    put_suspects(engine, "1", [found], at=NOW, secret=lambda: b"s" * 32)
    assert decide(engine, "queue", "first", "Billing", who="lena", at=NOW)
    said = pointsman("suspects", home=trained_home)
    assert said.code == 0, said.err
    assert "second" in said.out
    assert "first" not in said.out
    assert "1 more decided on" in " ".join(said.out.split())
    told = json.loads(pointsman("suspects", "--json", home=trained_home).out)
    assert [(one["ticket_id"], one["decided"]) for one in told] == [("first", "Billing"), ("second", None)]
