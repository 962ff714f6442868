"""The next version from what came in: made once, judged, promoted or refused, whoever dies or comes between."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import mlflow
import pytest
from sqlalchemy import Engine

from desk.errors import HistoryError, LeaseHeldError
from desk.feedback import Verdict
from desk.question import UNAIDED, Question
from desk.taxonomy import NO_CHANGES
from journal.database import connect, migrate
from journal.environment import Environment, read_environment
from journal.jobs import jobs
from journal.label_decisions import decide
from journal.predictions import find_all
from journal.promotions import champion, promote, promotions
from journal.questions import prepare, settle
from journal.suspects import open_suspects, put_suspects
from journal.verdicts import GivenVerdict
from journal.verdicts import record as record_verdicts
from models.registry import versions
from models.storage import load_version
from tests.integration.training.retraining import (
    ANYTHING_PASSES,
    NOTHING_PASSES,
    NOW,
    newer_rows,
    outcomes_come_in,
    retrained,
    set_gate,
)
from training.evidence.suspects import Suspect
from training.histories.desk_config import DeskConfig
from training.histories.history import History
from training.histories.store import load_history
from training.listing import listed_suspects
from training.progress import Unwatched
from training.retraining.keeping import holding
from training.retraining.material import material
from training.retraining.retraining import KIND
from training.taught import taught
from training.training import train

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def engine(home_copy: Environment) -> Iterator[Engine]:
    made = connect(home_copy.database_url)
    yield made
    made.dispose()


@pytest.fixture
def new_outcomes(engine: Engine, write_sample: Callable[..., Path]) -> None:
    outcomes_come_in(engine, newer_rows(write_sample, 600, 200))


def champion_of(engine: Engine) -> str:
    standing = champion(engine)
    assert standing is not None
    return standing.version


def gate_tags(environment: Environment, version: str) -> dict[str, str]:
    (listed,) = (one for one in versions(environment.mlflow_uri) if one.version == version)
    client = mlflow.MlflowClient(environment.mlflow_uri)
    assert listed.run_id is not None
    return dict(client.get_run(listed.run_id).data.tags)


def test_without_anything_new_there_is_nothing_to_do_and_it_says_why(home_copy: Environment, engine: Engine) -> None:
    done = retrained(home_copy, engine)
    assert (done.outcome, done.version, done.champion) == ("nothing_to_do", None, "1")
    assert done.reasons[0].startswith("no label is new since version 1 was trained")
    assert jobs(engine) == []


def test_a_desk_without_history_and_outcomes_has_nothing_to_learn_from(tmp_path: Path) -> None:
    environment = read_environment({"POINTSMAN_HOME": str(tmp_path), "POINTSMAN_ENCODER": "none"})
    engine = connect(environment.database_url)
    migrate(engine)
    done = retrained(environment, engine)
    engine.dispose()
    assert done.outcome == "nothing_to_do"
    assert done.reasons[0].startswith("there is nothing to learn from: no history was ever given to `pointsman train`")


@pytest.mark.usefixtures("new_outcomes")
def test_what_passes_the_gate_is_promoted_once(home_copy: Environment, engine: Engine) -> None:
    set_gate(engine, ANYTHING_PASSES)
    done = retrained(home_copy, engine)
    assert (done.outcome, done.version, done.champion) == ("promoted", "2", "2")
    version = load_version(home_copy.versions / "2")
    assert version.about["rows"] == 800
    assert [one.version for one in promotions(engine)] == ["1", "2"]
    (job,) = jobs(engine)
    assert (job.state, set(job.done)) == ("done", {"gathered", "registered", "judged"})
    evidence = job.done["judged"]["evidence"]
    assert evidence["rows"] == {"golden": 0, "newest": 200}
    tags = gate_tags(home_copy, "2")
    assert (tags["pointsman.gate"], tags["pointsman.gate.against"]) == ("promoted", "1")
    page = tags["mlflow.note.content"]
    assert page.startswith("## May it go live? Yes\n\nThe gate compared it with version 1 on 200 of the newest")
    assert "| queue: accuracy | 200 of the newest labelled tickets |" in page
    assert "## What was found" in page
    assert "Not judged yet" not in page
    again = retrained(home_copy, engine)
    assert again.outcome == "nothing_to_do"
    assert again.reasons[0].startswith("no label is new since version 2 was trained")
    assert not list((home_copy.home / "jobs").iterdir())


@pytest.mark.usefixtures("new_outcomes")
def test_what_does_not_pass_is_refused_and_stays_in_the_registry(home_copy: Environment, engine: Engine) -> None:
    set_gate(engine, NOTHING_PASSES)
    done = retrained(home_copy, engine)
    assert (done.outcome, done.version, done.champion) == ("refused", "2", "1")
    assert done.reasons[0].startswith("too few rows judge it: 0 of the golden set and 200 new labelled tickets")
    tags = gate_tags(home_copy, "2")
    assert tags["pointsman.gate"] == "refused"
    assert tags["mlflow.note.content"].startswith("## May it go live? No\n")
    assert "Version 1 goes on answering." in tags["mlflow.note.content"]
    assert champion_of(engine) == "1"
    again = retrained(home_copy, engine)
    assert again.reasons == ("nothing is new since job 1, which learned version 2 from the very same labels: refused",)


def test_two_at_once_one_works_and_the_other_is_told(home_copy: Environment, engine: Engine) -> None:
    with holding(engine, KIND, "default"), pytest.raises(LeaseHeldError, match="is at it already"):
        retrained(home_copy, engine)
    assert retrained(home_copy, engine).outcome == "nothing_to_do"


@pytest.mark.usefixtures("new_outcomes")
def test_who_promotes_by_hand_meanwhile_wins(
    home_copy: Environment, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.retraining import retraining as module

    set_gate(engine, ANYTHING_PASSES)
    judge = module._judged

    def judged_and_overtaken(*given: Any) -> Any:
        found = judge(*given)
        promote(engine, "7", who="ann", why="by hand", at=NOW + timedelta(hours=3))
        return found

    monkeypatch.setattr(module, "_judged", judged_and_overtaken)
    done = retrained(home_copy, engine)
    assert (done.outcome, done.version, done.champion) == ("overtaken", "2", "7")
    assert champion_of(engine) == "7"


@pytest.mark.usefixtures("new_outcomes")
def test_a_job_that_fails_says_why_and_the_next_goes_on(
    home_copy: Environment, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_gate(engine, ANYTHING_PASSES)

    def failing(*_: object, **__: object) -> None:
        raise HistoryError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("training.retraining.retraining.make_version", failing)
        with pytest.raises(HistoryError, match="the disk is full"):
            retrained(home_copy, engine)
    (job,) = jobs(engine)
    assert (job.state, job.result) == ("failed", {"outcome": "failed", "reasons": ["the disk is full"]})
    assert retrained(home_copy, engine).outcome == "promoted"


DEATHS = {
    "at the start": "training.retraining.retraining._begun",
    "once the job stands": "training.retraining.retraining.note_step",
    "before it learns": "training.retraining.retraining.make_version",
    "while it learns": "training.making.learn_factors",
    "before the run": "training.making.record_run",
    "before the version is registered": "training.making.register",
    "once it is registered": "training.making.Made",
    "before it is judged": "training.retraining.retraining._judged",
    "while it is judged": "training.retraining.judging.contested",
    "once it is judged": "training.retraining.retraining._was_promoted",
    "before it is promoted": "training.retraining.retraining.promote",
    "once it is promoted": "training.retraining.retraining.end_job",
}
"""What it is about to call when it dies."""

DIE = """
import os, sys, json
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch
from journal.database import connect
from journal.environment import read_environment
from tests.integration.training.retraining import retrained
import training.retraining.keeping as keeping

environment = read_environment()
engine = connect(environment.database_url)
with patch(sys.argv[1], side_effect=lambda *_, **__: os._exit(9)):
    holding = keeping.holding
    with patch("training.retraining.retraining.holding", lambda *a: holding(*a, lasting=timedelta(seconds=1))):
        retrained(environment, engine)
"""


@pytest.mark.long
@pytest.mark.parametrize("where", DEATHS.values(), ids=DEATHS)
@pytest.mark.usefixtures("new_outcomes")
def test_whoever_dies_wherever_the_state_is_right_in_the_end(
    home_copy: Environment, engine: Engine, where: str
) -> None:
    set_gate(engine, ANYTHING_PASSES)
    environment = {
        **os.environ,
        "POINTSMAN_HOME": str(home_copy.home),
        "POINTSMAN_ENCODER": "none",
        "PYTHONPATH": str(ROOT),
    }
    died = subprocess.run(
        [sys.executable, "-c", DIE, where], env=environment, cwd=ROOT, capture_output=True, check=False
    )
    assert died.returncode == 9, died.stderr.decode()
    _wait_for_the_lease(engine)
    done = retrained(home_copy, engine)
    if done.outcome == "nothing_to_do":
        assert where.endswith("end_job"), done.reasons
    answering = champion_of(engine)
    assert answering != "1"
    assert [one.version for one in promotions(engine)] == ["1", answering]
    assert [job.state for job in jobs(engine) if job.state == "running"] == []
    registered = versions(home_copy.mlflow_uri)
    tags = [one.tags.get("pointsman.job") for one in registered if one.tags.get("pointsman.job")]
    assert len(tags) == len(set(tags)), "no job registers twice"
    client = mlflow.MlflowClient(home_copy.mlflow_uri)
    runs = client.search_runs([one.experiment_id for one in client.search_experiments()])
    assert "RUNNING" not in [run.info.status for run in runs]
    assert retrained(home_copy, engine).outcome == "nothing_to_do"


def _wait_for_the_lease(engine: Engine) -> None:
    """Nobody renews it any more."""
    import time

    from journal.leases import find_lease

    while (lease := find_lease(engine, KIND)) is not None and lease.until.timestamp() > time.time():
        time.sleep(0.1)


def test_the_command_says_what_became_of_it_and_so_does_its_exit_code(home_copy: Environment) -> None:
    environment = {**os.environ, "POINTSMAN_HOME": str(home_copy.home), "POINTSMAN_ENCODER": "none"}
    command = [sys.executable, "-m", "cli.main", "retrain", "--json"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["outcome"] == "nothing_to_do"


def test_hearsay_teaches_and_judges_nobody(
    home_copy: Environment, engine: Engine, write_sample: Callable[..., Path]
) -> None:
    """Mistakes of what was applied by itself, seen by who corrected them: right labels, and a biased sample."""
    rows = newer_rows(write_sample, 600, 200)
    outcomes_come_in(engine, rows, mode="auto")
    set_gate(engine, ANYTHING_PASSES)
    done = retrained(home_copy, engine)
    assert done.outcome == "promoted"
    (job,) = jobs(engine)
    assert job.done["gathered"]["origins"]["queue"] == {"corrected": 200}
    newest = {one["head"] for one in job.done["judged"]["evidence"]["figures"] if one["on"] == "newest"}
    assert newest == {"priority", "escalation", "breach"}


def test_what_a_desk_does_not_send_when_it_scores_is_no_column_that_knows_the_future(
    home_copy: Environment, engine: Engine, write_sample: Callable[..., Path]
) -> None:
    """Tickets from the journal lack a channel, and outcomes of them a priority: the two seem to come together."""
    rows = newer_rows(write_sample, 600, 200)
    bare = [
        replace(row, ticket=replace(row.ticket, channel=None), outcome=replace(row.outcome, priority=None))
        for row in rows
    ]
    outcomes_come_in(engine, tuple(bare))
    set_gate(engine, ANYTHING_PASSES)
    assert retrained(home_copy, engine).outcome == "promoted"


def test_a_label_that_only_judges_is_new_as_well(
    home_copy: Environment, engine: Engine, write_sample: Callable[..., Path]
) -> None:
    rows = newer_rows(write_sample, 700, 5)
    outcomes_come_in(engine, rows, "suggest")
    name = f"p-{rows[0].ticket.id}"
    label = next(label for label in ("Access", "Billing") if label != rows[0].outcome.queue)
    verdict = Verdict(name, "ann", NOW, queue=label, saw_suggestion=False)
    given = [GivenVerdict(verdict, find_all(engine, [name], "default")[name])]
    record_verdicts(engine, given, via="a test", received_at=NOW, secret=lambda: b"x" * 32)
    prepare(engine, [Question(name, rows[0].ticket.id, reasons=({"reason": UNAIDED},))], at=NOW)
    before = material(home_copy, engine, NOW + timedelta(hours=2))
    settle(engine, [name], "ann", at=NOW)
    after = material(home_copy, engine, NOW + timedelta(hours=2))
    assert before.rows == after.rows, "one person does not overrule what others did"
    assert after.found.fair["queue"][rows[0].ticket.id] == label
    assert before.subject != after.subject


def test_what_a_lead_put_right_in_the_history_is_new_once_and_then_learned(
    home_copy: Environment, engine: Engine, sample_history: History
) -> None:
    row = next(one for one in sample_history.rows if one.outcome.queue == "Billing")
    found = Suspect(row.ticket.id, "queue", "Billing", "Access", 0.1, 0.9, 0.0)
    put_suspects(engine, "1", listed_suspects([found], [row]), at=NOW, secret=lambda: b"nobody was erased")
    before = material(home_copy, engine, NOW)
    assert decide(engine, "queue", row.ticket.id, "Access", who="lena", at=NOW)
    after = material(home_copy, engine, NOW)
    queues = {one.ticket.id: one.outcome.queue for one in after.rows}
    changed = [one.ticket.id for one in before.rows if queues[one.ticket.id] != one.outcome.queue]
    assert (changed, queues[row.ticket.id]) == ([row.ticket.id], "Access")
    assert before.subject != after.subject
    version = load_version(home_copy.versions / "1")
    assert taught(home_copy, engine, version, NO_CHANGES).new_labels(after.rows) == 1
    at = NOW + timedelta(hours=1)
    made = train(sample_history, DeskConfig(), home_copy, engine, at=at, who="a test", progress=Unwatched())
    kept = load_history(home_copy.histories / f"{sample_history.digest}.parquet")
    assert kept.rows == sample_history.rows, "the file is as it was given"
    assert row.ticket.id not in {one.ticket_id for one in open_suspects(engine, most=999) if one.head == "queue"}
    learned = taught(home_copy, engine, load_version(home_copy.versions / made.version), NO_CHANGES)
    assert learned.labels[row.ticket.id]["queue"] == "Access"
    promote(engine, made.version, who="a test", why="it has learned it", at=at)
    done = retrained(home_copy, engine)
    assert done.reasons[0].startswith(f"no label is new since version {made.version} was trained")
