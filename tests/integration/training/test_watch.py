"""The watch on a real journal: quiet, a shift that is planted, a contract that is broken and kept again."""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from mlflow import MlflowClient
from sqlalchemy import Engine

from desk.demands import SETTING, Demands, read_demands
from desk.evidence import Answered
from desk.fallbacks import FALLBACKS_SETTING
from desk.feedback import OutcomeReport
from desk.outcome import ResolvedTicket
from journal.database import connect, writing
from journal.environment import Environment
from journal.outcomes import GivenReport
from journal.outcomes import record as record_outcomes
from journal.predictions import prediction_of, record
from journal.settings import get_setting, put_setting
from journal.watch_reports import last_report
from models.storage import load_version
from models.terms import version_terms
from models.version import Version
from serving.holding import Champion
from serving.journaling import fallbacks_in
from serving.triage import Question, answered
from training.histories.desk_config import DeskConfig
from training.histories.history import History
from training.histories.reading import read_history
from training.histories.store import load_history
from training.watch.report import Watched
from training.watch.watch import watch

START = datetime(2027, 1, 1, tzinfo=UTC)


@dataclass
class World:
    """A home of its own, whose champion answers what it is given, and whose desk resolves it."""

    environment: Environment
    engine: Engine
    version: Version
    at: datetime = START

    def answer(
        self, rows: Sequence[ResolvedTicket], *, right: Callable[[int], bool] | None = None
    ) -> list[dict[str, Any]]:
        """Answer tickets as the service would now, and report their outcomes; `right` says which answers were."""
        fallbacks = fallbacks_in(get_setting(self.engine, FALLBACKS_SETTING))
        assert fallbacks is not None
        demands = get_setting(self.engine, SETTING)
        assert demands is not None
        terms = version_terms(self.version, read_demands(demands.value), fallbacks=fallbacks)
        champion = Champion(self.version, terms=terms)
        answers, kept, reports = [], [], []
        for number, row in enumerate(rows):
            self.at += timedelta(minutes=10)
            ticket = replace(row.ticket, id=f"{row.ticket.id}-{self.at:%Y%m%d%H%M}")
            answer, journaled = answered(champion, ticket, Question(), self.at)
            answers.append(answer)
            kept.append(prediction_of(orjson.dumps({**journaled, "tenant": "default"})))
            if right is not None:
                label = answer["queue"]["label"]
                queue = label if right(number) else next(one for one in ("Access", "Billing") if one != label)
                reports.append(GivenReport(OutcomeReport(ticket.id, self.at, {"queue": queue, "resolved_at": self.at})))
        with writing(self.engine) as connection:
            record(connection, kept)
        record_outcomes(self.engine, reports, via="a test", received_at=self.at)
        return answers

    def look(self) -> Watched:
        self.at += timedelta(minutes=1)
        return watch(self.environment, self.engine, self.version, at=self.at)


@pytest.fixture
def world(home_copy: Environment) -> Iterator[World]:
    engine = connect(home_copy.database_url)
    put_setting(engine, SETTING, Demands().to_json(), who="a test", at=START)
    yield World(home_copy, engine, load_version(home_copy.versions / "1"))
    engine.dispose()


@pytest.fixture(scope="module")
def later(write_sample: Callable[..., Path]) -> list[ResolvedTicket]:
    return list(read_history(write_sample(1_600, seed=5), DeskConfig()).rows)


def test_a_quiet_desk_is_told_to_be_and_written_down(
    world: World, later: list[ResolvedTicket], caplog: pytest.LogCaptureFixture
) -> None:
    world.answer(later[:500])
    with caplog.at_level(logging.INFO, logger="pointsman.watch"):
        found = world.look()
    # These tickets come every ten minutes, those of the history every 13 hours: the calendar is no drift of theirs.
    assert found.is_quiet, found.reasons
    assert (found.version, found.tickets, found.reference) == ("1", 500, 600)
    kept = last_report(world.engine)
    assert kept is not None
    assert kept.report == json.loads(json.dumps(found.to_json()))
    assert kept.figures["drift/features"] == kept.figures["drift/queues"] == 0
    (line,) = caplog.records
    assert line.message == "watched"
    client = MlflowClient(world.environment.mlflow_uri)
    parent = client.get_run(str(world.version.about["run_id"]))
    (run,) = client.search_runs([parent.info.experiment_id], "tags.`pointsman.watched_version` = '1'")
    assert run.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert run.data.metrics["drift/tickets"] == 500
    assert {one.path for one in client.list_artifacts(run.info.run_id)} == {"watch.json", "watch.png"}
    page = parent.data.tags["mlflow.note.content"]
    assert "## Since it was trained\n\nNothing stands out, as of " in page
    assert "of 500 recent tickets" in page
    assert "## May it go live?" in page
    assert parent.data.metrics["since/drift.tickets"] == 500
    assert {one.path for one in client.list_artifacts(parent.info.run_id, "since")} == {
        "since/watch.json",
        "since/watch.png",
    }


def test_a_shift_of_ten_points_in_a_queue_is_seen_within_500_tickets(world: World, later: list[ResolvedTicket]) -> None:
    theirs = [row for row in later if row.outcome.queue == "Network"]
    others = [row for row in later if row.outcome.queue != "Network"]
    share = sum(row.outcome.queue == "Network" for row in later) / len(later)
    more = round(500 * (share + 0.1))
    world.answer(sorted([*theirs[:more], *others[: 500 - more]], key=lambda row: row.ticket.id))
    found = world.look()
    assert "Network" in [one.name for one in found.answered if one.is_drift]
    assert any("Network" in reason for reason in found.reasons)


def test_a_queue_that_is_applied_by_itself_and_leaves_no_labels_is_no_news(
    world: World, later: list[ResolvedTicket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after weeks of automation: four in five of Network's tickets have no label, so that no evidence is of them."""
    world.answer(later[:500])
    queue = "Network"
    before = {one.name: one.before for one in world.look().answered}

    def without_labels(path: Path) -> History:
        history = load_history(path)
        rows = [
            replace(row, outcome=replace(row.outcome, queue=None)) if row.outcome.queue == queue and place % 5 else row
            for place, row in enumerate(history.rows)
        ]
        return replace(history, rows=tuple(rows))

    monkeypatch.setattr("training.watch.watch.load_history", without_labels)
    evidence = world.version.evidence["queue"]
    fifth = Answered(evidence[queue].probabilities[::5], evidence[queue].hits[::5])
    world.version = replace(world.version, evidence={**world.version.evidence, "queue": {**evidence, queue: fifth}})
    found = world.look()
    assert not [one.name for one in found.answered if one.is_drift]
    assert {one.name: one.before for one in found.answered}[queue] == pytest.approx(before[queue], abs=0.03)


def test_a_feature_that_changed_is_named(world: World, later: list[ResolvedTicket]) -> None:
    world.answer([replace(row, ticket=replace(row.ticket, channel="chat")) for row in later[:300]])
    found = world.look()
    assert "channel" in [one.name for one in found.features if one.is_drift]


def test_too_few_tickets_are_said_to_be_too_few(world: World, later: list[ResolvedTicket]) -> None:
    world.answer(later[:20])
    found = world.look()
    assert found.is_quiet
    assert not found.features
    assert "20 tickets" in found.notes[0]


def test_without_its_history_and_without_mlflow_it_looks_at_the_rest(world: World, later: list[ResolvedTicket]) -> None:
    for path in world.environment.histories.iterdir():
        path.unlink()
    world.environment = replace(world.environment, mlflow_uri="http://127.0.0.1:1")
    world.answer(later[:200])
    found = world.look()
    assert len(found.notes) == 2
    assert found.heads["queue"].expected[""].rows == 200


def test_a_label_in_breach_is_only_suggested_and_returns_when_the_evidence_does(
    world: World, later: list[ResolvedTicket]
) -> None:
    put_setting(world.engine, SETTING, {"queue": {"default": 0.8}}, who="a test", at=world.at)
    label, modes = "Network", []
    rows = [row for row in later if row.outcome.queue == label]
    for wrong in (0, 3, 0):  # of ten answers
        answers = world.answer(rows[:120], right=lambda number, wrong=wrong: number % 10 >= 2 * wrong)
        modes.append({one["queue"]["mode"] for one in answers if one["queue"]["label"] == label})
        assert "auto" in modes[0]
        found = world.look()
        contract = next(one for one in found.heads["queue"].contracts if one.label == label)
        assert contract.watch.is_in_breach is (wrong > 0)
        if wrong:
            assert found.fell == (f"queue {label!r}",)
            assert any("in breach" in reason for reason in found.reasons)
            setting = get_setting(world.engine, FALLBACKS_SETTING)
            assert setting is not None
            assert setting.who == "watch"
            assert list(setting.value["1"]["queue"]) == [label]
    assert found.returned == (f"queue {label!r}",)
    after = world.answer(rows[:20])
    assert "contract_in_breach" not in {one["queue"].get("why") for one in after}
    assert modes[2] <= {"suggest", "abstain"}
