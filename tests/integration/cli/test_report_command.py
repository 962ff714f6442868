"""`pointsman report`: a page from a real home, with what the journal, the history and the run hold."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from desk.feedback import OutcomeReport
from desk.gate import Judgement
from desk.gate_evidence import Figure, GateEvidence
from journal.database import connect, writing
from journal.environment import Environment
from journal.label_decisions import decide
from journal.outcomes import GivenReport
from journal.outcomes import record as record_outcomes
from journal.predictions import RecordedPrediction, record
from journal.suspects import SuspectLabel, put_suspects
from models.registry import versions
from models.storage import load_version
from training.lots import words_digest
from training.progress import Unwatched
from training.runs.judging import record_judgement
from training.runs.left_behind import read_left_behind
from training.story.material import material_of
from training.story.transfers import MINUTES_PER_TRANSFER

Pointsman = Callable[..., Any]
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


def told(pointsman: Pointsman, home: Environment, *arguments: str | Path) -> dict[str, Any]:
    said = pointsman("report", *arguments, "--json", home=home)
    assert said.code == 0, said.err
    found: dict[str, Any] = json.loads(said.out)
    return found


def come_to_an_end(engine: Engine, count: int, wrong: int, why: str | None, moves: int) -> None:
    """Tickets that were answered Billing, held back or applied, and resolved."""
    predictions, reports = [], []
    for place in range(count):
        name = f"{why}-{place}"
        mode = "auto" if why is None else "suggest"
        queue = {"label": "Billing", "probability": 0.99, "mode": mode} | ({} if why is None else {"why": why})
        answer = {"prediction_id": name, "ticket_id": name, "queue": queue}
        ticket = {"id": name, "subject": "secret words", "created_at": NOW.isoformat()}
        predictions.append(RecordedPrediction(name, "default", NOW, "1", ticket, answer, 0.4))
        said = {"queue": "Access" if place < wrong else "Billing", "reassignment_count": moves}
        reports.append(GivenReport(OutcomeReport(name, NOW + timedelta(hours=1), said)))
    with writing(engine) as connection:
        record(connection, predictions)
    record_outcomes(engine, reports, via="file", received_at=NOW + timedelta(hours=1))


def test_the_champions_page_is_written_and_tells_of_no_ticket(
    pointsman: Pointsman, trained_home: Environment, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    said = pointsman("report", "--out", page, home=trained_home)
    assert said.code == 0, said.err
    assert "version 1" in said.out
    html = page.read_text(encoding="utf-8")
    assert html.startswith("<!DOCTYPE html>")
    for words in ("Fatima", "printer jams", "VPN", "charged twice", "T17"):
        assert words not in html


def test_the_story_as_json_writes_no_page_unless_asked(
    pointsman: Pointsman, trained_home: Environment, tmp_path: Path
) -> None:
    found = told(pointsman, trained_home)
    assert (found["version"], found["page"], found["learned_from"]) == ("1", None, 600)
    assert found["minutes"] == MINUTES_PER_TRANSFER
    assert len(found["heads"]["queue"]["routing"]["labels"]) == 4
    assert found["mix_ups"] is not None
    assert (found["transfers"], found["second"], found["worth"]) == (None, None, {})
    page = tmp_path / "page.html"
    assert told(pointsman, trained_home, "1", "--out", page)["page"] == str(page)
    assert page.exists()


def test_held_back_tickets_are_measured_and_go_first(pointsman: Pointsman, home_copy: Environment) -> None:
    assert pointsman("contracts", "set", "queue", "0.9", home=home_copy).code == 0
    engine = connect(home_copy.database_url)
    come_to_an_end(engine, 50, 10, "held_back", 2)
    come_to_an_end(engine, 60, 0, None, 1)
    engine.dispose()
    found = told(pointsman, home_copy, "--minutes-per-transfer", "30")
    sent = found["heads"]["queue"]["routing"]["per_thousand"]["sent"]
    assert sent > 0
    assert found["wrong"]["measured"]
    assert round(found["wrong"]["tickets"], 6) == round(0.2 * sent, 6)
    assert found["wrong_estimated"] is not None
    assert round(found["saved"]["hours"], 6) == round(sent * 30 / 60, 6)  # a transfer less for each ticket sent


def test_the_gates_judgement_is_read_from_the_run_in_plain_words(pointsman: Pointsman, home_copy: Environment) -> None:
    (registered,) = versions(home_copy.mlflow_uri)
    assert registered.run_id is not None
    assert read_left_behind(home_copy.mlflow_uri, registered.run_id).gate is None
    figure = Figure("golden", "queue", "accuracy", 300, 0.7, 0.8, 0.04, 0.16)
    lost = Figure("golden", "queue", "macro_f1", 300, 0.7, 0.6, -0.16, -0.04)
    evidence = GateEvidence({"golden": 300, "newest": 0}, (figure, lost))
    judgement = Judgement(False, ("its macro-F1 is lower",))
    record_judgement(home_copy.mlflow_uri, registered.run_id, "0", evidence, judgement, "refused")
    gate = told(pointsman, home_copy)["gate"]
    assert (gate["outcome"], gate["against"], gate["tickets"]) == ("refused", "0", 300)
    assert re.search("800 in 1,000 tickets instead of 700", gate["better"][0])
    assert "macro" not in str(gate)


def test_labels_that_a_lead_put_right_are_told_as_right(home_copy: Environment) -> None:
    engine = connect(home_copy.database_url)
    version = load_version(home_copy.versions / "1")
    before = material_of(home_copy, engine, version, at=NOW, progress=Unwatched()).rows
    assert before is not None
    one = before[0]
    given, words = str(one.outcome.queue), words_digest(one.ticket)
    found = SuspectLabel("queue", one.ticket.id, given, "Nowhere", 0.1, 0.9, 0.1, words=words)
    put_suspects(engine, "1", [found], at=NOW, secret=lambda: b"s" * 32)
    assert decide(engine, "queue", one.ticket.id, "Nowhere", who="lena", at=NOW)
    after = material_of(home_copy, engine, version, at=NOW, progress=Unwatched()).rows
    engine.dispose()
    assert after is not None
    changed = [new.outcome.queue for old, new in zip(before, after, strict=True) if old != new]
    assert changed == ["Nowhere"]


def test_mistakes_are_told_in_a_line(pointsman: Pointsman, trained_home: Environment, tmp_path: Path) -> None:
    nowhere = pointsman("report", "--out", tmp_path / "no" / "such" / "page.html", home=trained_home)
    assert nowhere.code == 2
    assert "--out" in nowhere.err
    assert pointsman("report", "7", home=trained_home).code == 2
    assert pointsman("report", "--minutes-per-transfer", "0", home=trained_home).code == 2
    assert "pointsman train" in pointsman("report", home=tmp_path / "empty").err
