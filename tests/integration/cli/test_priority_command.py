"""`pointsman priority`: what counts how much, seen, set, taken back, and followed by what scores."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from desk.factors import DEFAULT_POLICY
from journal.database import connect, migrate
from journal.environment import Environment
from journal.settings import get_setting, put_setting, setting_revisions

Pointsman = Callable[..., Any]


def test_what_counts_is_shown_before_anything_is_set(pointsman: Pointsman, tmp_path: Path) -> None:
    said = pointsman("priority", home=tmp_path)
    assert said.code == 0, said.err
    for words in ("customer_tier", "35%", "enterprise", "never set", "up to 30 %"):
        assert words in said.out
    told = json.loads(pointsman("priority", "--json", home=tmp_path).out)
    assert told == {"revision": 0, "setting": DEFAULT_POLICY.to_json()}


def test_a_weight_and_a_tier_are_set_shown_and_taken_back(pointsman: Pointsman, home_copy: Environment) -> None:
    assert pointsman("priority", "set", "sentiment", "0", home=home_copy).code == 0
    said = pointsman("priority", "set", "tiers.Partner", "70", home=home_copy)
    assert "partner" in said.out
    assert "revision 2" in said.out
    engine = connect(home_copy.database_url)
    kept = get_setting(engine, "priority_factors")
    assert kept is not None
    assert kept.value == {"sentiment": 0, "tiers": {"partner": 70}}
    assert pointsman("priority", "reset", "sentiment", home=home_copy).code == 0
    told = json.loads(pointsman("priority", "reset", "--json", home=home_copy).out)
    assert told == {"revision": 4, "setting": DEFAULT_POLICY.to_json()}
    assert len(setting_revisions(engine, "priority_factors")) == 4
    engine.dispose()


def test_what_scores_follows(pointsman: Pointsman, home_copy: Environment, tmp_path: Path) -> None:
    tickets = tmp_path / "tickets.jsonl"
    tickets.write_text('{"id": 1, "body": "the printer jams", "customer": {"tier": "Partner"}}\n')

    def factors() -> dict[str, int]:
        out = tmp_path / "answers.jsonl"
        assert pointsman("score", tickets, "--output", out, home=home_copy).code == 0
        found: dict[str, int] = json.loads(out.read_text())["priority"]["factors"]
        return found

    assert "customer_tier" not in factors()
    assert pointsman("priority", "set", "tiers.partner", "70", home=home_copy).code == 0
    assert factors()["customer_tier"] == 70


@pytest.mark.parametrize(
    "arguments",
    [
        ("set", "mood", "3"),
        ("set", "urgency", "101"),
        ("set", "urgency", "much"),
        ("set", "urgency"),
        ("set", "tiers", "3"),
        ("reset", "urgency"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_not_kept(
    pointsman: Pointsman, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    said = pointsman("priority", *arguments, home=tmp_path)
    assert said.code == 2
    assert said.err.count("\n") == 1


def test_a_setting_that_cannot_be_read_is_said_and_can_be_reset(pointsman: Pointsman, home_copy: Environment) -> None:
    engine = connect(home_copy.database_url)
    migrate(engine)
    put_setting(engine, "priority_factors", {"mood": 3}, who="by hand", at=datetime(2026, 11, 21, tzinfo=UTC))
    engine.dispose()
    assert "mood" in pointsman("priority", home=home_copy).err
    assert pointsman("priority", "set", "urgency", "50", home=home_copy).code == 2
    assert pointsman("priority", "reset", home=home_copy).code == 0
    assert pointsman("priority", home=home_copy).code == 0
