"""`pointsman shadow`: who scores beside the champion, how far the two agree, and who was right."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from desk.feedback import OutcomeReport
from journal import outcomes
from journal.database import connect, migrate, writing
from journal.outcomes import GivenReport
from journal.predictions import RecordedPrediction
from journal.predictions import record as record_predictions
from journal.promotions import promote
from journal.settings import get_setting, put_setting
from journal.shadow import ShadowPrediction, record
from tests.integration.serving.conftest import labelled_tickets, write_small_version

Pointsman = Callable[..., Any]
NOW = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Version 1 is the champion, version 2 is on this machine too."""
    made = tmp_path / "home"
    (made / "versions").mkdir(parents=True)
    for name in ("1", "2"):
        write_small_version(made / "versions" / name, [ticket for ticket, _ in labelled_tickets()])
    engine = opened(made)
    promote(engine, "1", who="ann", why="first", at=NOW)
    engine.dispose()
    return made


def opened(home: Path) -> Engine:
    engine = connect(f"sqlite:///{home / 'journal.db'}")
    migrate(engine)
    return engine


def told(pointsman: Pointsman, home: Path, *arguments: str) -> dict[str, Any]:
    said = pointsman("shadow", *arguments, "--json", home=home)
    assert said.code == 0, said.err
    found: dict[str, Any] = json.loads(said.out)
    return found


def test_a_version_is_put_in_shadow_and_taken_out_again(pointsman: Pointsman, home: Path) -> None:
    assert told(pointsman, home) == {"setting": None, "compared": None, "kept": {}}
    assert told(pointsman, home, "2")["setting"] == {"version": "2", "share": 0.1}
    assert "Version 2 scores 50%" in pointsman("shadow", "2", "--share", "0.5", home=home).out
    said = pointsman("shadow", home=home)
    assert "Version 2 scores 50% of the tickets in shadow.\nNothing is scored yet." in said.out
    assert told(pointsman, home, "off")["setting"] is None
    engine = opened(home)
    setting = get_setting(engine, "shadow")
    engine.dispose()
    assert setting is not None
    assert (setting.revision, setting.value) == (3, None)


@pytest.mark.parametrize(
    "arguments", [("1",), ("7",), ("../2",), ("2", "--share", "2"), ("off", "--share", "0.1"), ("--share", "0.1")]
)
def test_what_cannot_be_is_refused_in_one_line(arguments: tuple[str, ...], pointsman: Pointsman, home: Path) -> None:
    said = pointsman("shadow", *arguments, home=home)
    assert (said.code, said.out) == (2, "")
    assert len(said.err.strip().splitlines()) == 1
    assert told(pointsman, home)["setting"] is None


def answer(version: str | None, number: int, queue: str, escalates: bool, mode: str = "suggest") -> dict[str, Any]:
    """mode: of the queue; `held_back` is a suggestion that would have been applied."""
    why = {"mode": "suggest", "why": "held_back"} if mode == "held_back" else {"mode": mode}
    return {
        "prediction_id": f"{number:032x}",
        "ticket_id": f"t{number}",
        "version": version,
        "queue": {"label": queue, "probability": 0.8, **why},
        "priority": {"label": "P3", "mode": "suggest", "why": "head_missing"},
        "escalation": {"probability": 0.7 if escalates else 0.1, "mode": "escalate" if escalates else "none"},
    }


def answered(engine: Engine, number: int, champion: dict[str, Any], challenger: dict[str, Any]) -> None:
    name = f"{number:032x}"
    row = RecordedPrediction(
        name, "default", NOW, champion["version"], {"id": f"t{number}", "subject": "a"}, champion, 1
    )
    with writing(engine) as connection:
        record_predictions(connection, [row])
        record(connection, [ShadowPrediction(name, "2", challenger, NOW)])


def test_how_far_they_agree_and_who_was_right(pointsman: Pointsman, home: Path) -> None:
    """Ten tickets: the queue of six is said alike; of nine the outcome is known, and two of these judge nobody."""
    engine = opened(home)
    truth = ["A", "A", "A", "A", "B", "B", "C", "A", "A"]
    modes = {7: "auto", 8: "suggest"}
    for number in range(10):
        mode = modes.get(number, "held_back")
        champion = answer("1", number, "A", number < 2, mode)
        answered(engine, number, champion, answer("2", number, "A" if number < 6 else "C", number < 3))
    answered(engine, 10, answer("1", 10, "A", escalates=False), answer(None, 10, "unassigned", escalates=False))
    answered(engine, 11, answer(None, 11, "unassigned", escalates=False), answer("2", 11, "A", escalates=False))
    at = datetime.now(UTC)
    said = [{"queue": queue, "reassignment_count": 0, "reopen_count": int(n == 2)} for n, queue in enumerate(truth)]
    reports = [GivenReport(OutcomeReport(f"t{number}", at, one)) for number, one in enumerate(said)]
    outcomes.record(engine, reports, via="file", received_at=at)
    engine.dispose()
    found = told(pointsman, home)["compared"]
    assert (found["scored"], found["failed"], found["tickets"], found["other"]) == (12, 1, 10, 0)
    queue, escalation = found["heads"]["queue"], found["heads"]["escalation"]
    assert (queue["agreed"]["count"], queue["agreed"]["of"]) == (6, 10)
    # Newcombe, Statistics in Medicine 17 (1998), formula 3: (12 + 3.84 ± 1.96 √(3.84 + 4 · 6 · 0.4)) / 27.68
    assert (queue["agreed"]["low"], queue["agreed"]["high"]) == pytest.approx((0.3127, 0.8318), abs=1e-3)
    assert (queue["champion"]["count"], queue["champion"]["of"]) == (4, 7)
    assert (queue["challenger"]["count"], queue["challenger"]["of"]) == (5, 7)
    assert (queue["only_champion"], queue["only_challenger"]) == (0, 1)
    assert (escalation["agreed"]["count"], escalation["agreed"]["of"]) == (9, 10)
    assert "priority" not in found["heads"]
    shown = pointsman("shadow", home=home).out
    assert "12 answers of version 2 are kept, 1 of them failures; 10 tickets beside version 1." in shown


def test_queues_are_compared_by_their_names_of_today(pointsman: Pointsman, home: Path) -> None:
    engine = opened(home)
    answered(engine, 1, answer("1", 1, "Access", escalates=False), answer("2", 1, "Identity", escalates=False))
    record_of = {"kind": "renamed", "queues": ["Access"], "into": ["Identity"], "descriptions": {}}
    at = (NOW + timedelta(minutes=1)).isoformat()
    put_setting(engine, "taxonomy", {"records": [{"at": at, **record_of}]}, who="ann", at=NOW)
    engine.dispose()
    assert told(pointsman, home)["compared"]["heads"]["queue"]["agreed"]["count"] == 1
