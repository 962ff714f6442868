"""A challenger that lacks a proof: people are asked what tells it from the champion, and what they say decides."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from desk.feedback import Verdict
from desk.outcome import ResolvedTicket
from desk.question import Question
from desk.taxonomy import NO_CHANGES
from desk.ticket_json import ticket_json
from journal.database import connect, writing
from journal.environment import Environment, read_environment
from journal.jobs import jobs
from journal.predictions import RecordedPrediction, find_all, record
from journal.promotions import champion, promote
from journal.questions import questions, settle
from journal.verdicts import GivenVerdict
from journal.verdicts import record as record_verdicts
from models.storage import load_version
from tests.integration.training.retraining import (
    ANYTHING_PASSES,
    NOW,
    newer_rows,
    outcomes_come_in,
    retrained,
    set_gate,
)
from training.asking.preparing import prepare_questions
from training.progress import Unwatched
from training.retraining.retraining import Retrained, retrain
from training.retraining.schedule import run_off_due
from training.run_off.differing import Differing, differing_since
from training.run_off.tallying import told_since
from training.run_off.undecided import RunOff, run_off_of, undecided

ASKING = {"reason": "differing", "challenger": "2", "head": "queue"}
CAME_IN = NOW + timedelta(hours=3)
ASKED = NOW + timedelta(hours=4)
LATER = NOW + timedelta(hours=5)


@pytest.fixture(scope="module")
def undecided_home(
    trained_home: Environment, write_sample: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """Version 2 is undecided: Billing moved to Access, which few said unaided. 300 tickets have come in since."""
    home = tmp_path_factory.mktemp("undecided") / "home"
    shutil.copytree(trained_home.home, home)
    environment = read_environment({"POINTSMAN_HOME": str(home), "POINTSMAN_ENCODER": "none"})
    engine = connect(environment.database_url)
    rows = newer_rows(write_sample, 600, 200)
    outcomes_come_in(engine, rows[:10], tells_risks=False)
    moved = tuple(
        replace(
            row, outcome=replace(row.outcome, queue="Access" if row.outcome.queue == "Billing" else row.outcome.queue)
        )
        for row in rows[10:]
    )
    outcomes_come_in(engine, moved, "suggest", tells_risks=False)
    set_gate(engine, {**ANYTHING_PASSES, "accuracy": 0.01, "auroc": 0.01})
    done = retrained(environment, engine)
    assert (done.outcome, done.champion) == ("refused", "1"), done.reasons
    assert done.notes[-1].startswith("people are asked about tickets that versions 1 and 2 answer otherwise")
    answered(engine, newer_rows(write_sample, 800, 300))
    engine.dispose()
    return environment


@pytest.fixture
def home(undecided_home: Environment, tmp_path: Path) -> Environment:
    """A copy to do as one likes with."""
    shutil.copytree(undecided_home.home, tmp_path / "home")
    return read_environment({"POINTSMAN_HOME": str(tmp_path / "home"), "POINTSMAN_ENCODER": "none"})


@pytest.fixture
def engine(home: Environment) -> Iterator[Engine]:
    made = connect(home.database_url)
    yield made
    made.dispose()


@pytest.fixture
def run_off(home: Environment, engine: Engine) -> RunOff:
    found = run_off_of(home, engine, at=ASKED)
    assert found is not None
    return found


def answered(engine: Engine, rows: Sequence[ResolvedTicket]) -> None:
    made = []
    for row in rows:
        name = f"q-{row.ticket.id}"
        queue = {"label": "Billing", "probability": 0.7, "mode": "suggest"}
        answer = {"prediction_id": name, "ticket_id": row.ticket.id, "queue": queue}
        made.append(RecordedPrediction(name, "default", CAME_IN, "1", ticket_json(row.ticket), answer, 0.4))
    with writing(engine) as connection:
        record(connection, made)


def asked(engine: Engine, run_off: RunOff, home: Environment) -> list[Question]:
    version = load_version(home.versions / "1")
    prepare_questions(engine, version, at=ASKED, tenant="default", progress=Unwatched(), run_off=run_off)
    return [one for one in questions(engine) if one.reasons[0]["reason"] == "differing"]


def said(
    engine: Engine,
    found: Differing,
    some: Sequence[Question],
    of: int,
    *,
    at: datetime = ASKED,
    saw: bool = False,
    settles: bool = True,
) -> None:
    """Ann says of these tickets what the champion (0) or the challenger (1) does."""
    rows = find_all(engine, [one.prediction_id for one in some], "default")
    given = []
    for one in some:
        labels = {head: labels[one.ticket_id][of] for head, labels in found.by_head.items() if one.ticket_id in labels}
        verdict = Verdict(one.prediction_id, "ann", at, saw_suggestion=saw, **labels)  # type: ignore[arg-type]
        given.append(GivenVerdict(verdict, rows[one.prediction_id]))
        if settles:
            settle(engine, [one.prediction_id], "ann", at=at)
    record_verdicts(engine, given, via="a test", received_at=at, secret=lambda: b"x" * 32)


def decided(home: Environment, engine: Engine, *, may_learn: bool = True) -> Retrained:
    return retrain(home, engine, at=LATER, who="a test", may_learn=may_learn, progress=Unwatched())


def test_what_people_say_promotes_the_challenger(
    home: Environment, engine: Engine, run_off: RunOff, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = differing_since(engine, run_off, NO_CHANGES, at=ASKED, tenant="default")
    assert found.tickets == 300
    waiting = asked(engine, run_off, home)
    first = questions(engine)[: len(waiting)]
    by_chance = [one for one in first if {"reason": "unaided"} in one.reasons and one not in waiting]
    assert len(by_chance) == len(first) - sum(one in waiting for one in first), (
        "they come first, with a tenth by chance"
    )
    assert 0.05 < len(by_chance) / len(first) < 0.15
    assert 20 < len(waiting) <= 60
    assert {one.ticket_id for one in waiting} <= {one.ticket_id for one in found.answers}
    assert sum(ASKING in one.reasons for one in waiting) > 20
    assert all({"reason": "unaided"} in one.reasons and one.queue == "Billing" for one in waiting)
    said(engine, found, waiting[:25], of=1)
    assert told_since(engine, None, "default") == 25
    why = run_off_due(home, engine, tried=None)
    assert why == "people told of 25 tickets what tells the champion and the last challenger apart"
    assert not {one.prediction_id for one in asked(engine, run_off, home)} & {one.prediction_id for one in waiting[:25]}
    following = Retrained("refused", "3", "2", ("it is no better",))
    monkeypatch.setattr("training.retraining.retraining._next", lambda *_, **__: following)
    done = decided(home, engine)
    assert (done.outcome, done.version, done.champion) == ("promoted", "2", "2"), done.reasons
    assert done.notes == ("version 3 was made after it, and refused: it is no better",)
    assert any(one.startswith("asked by chance about ") for one in done.reasons), done.reasons
    assert jobs(engine)[0].subject == "run-off of job 1"
    assert undecided(engine, "default") is None


def test_where_people_are_for_the_champion_the_next_version_is_made(
    home: Environment, engine: Engine, run_off: RunOff
) -> None:
    found = differing_since(engine, run_off, NO_CHANGES, at=ASKED, tenant="default")
    said(engine, found, asked(engine, run_off, home)[:25], of=0)
    still = decided(home, engine, may_learn=False)
    assert (still.outcome, still.version) == ("refused", "2")
    done = decided(home, engine)
    assert done.version == "3", "what was said is new, so there is something to learn"
    assert jobs(engine)[0].done["gathered"]["new_labels"] > 0


@pytest.mark.parametrize("how", ["few", "saw", "unasked"])
def test_few_words_words_of_who_saw_the_suggestion_and_words_unasked_decide_nothing(
    home: Environment, engine: Engine, run_off: RunOff, how: str
) -> None:
    found = differing_since(engine, run_off, NO_CHANGES, at=ASKED, tenant="default")
    some = asked(engine, run_off, home)[: 9 if how == "few" else 25]
    said(engine, found, some, of=1, saw=how == "saw", settles=how != "unasked")
    assert decided(home, engine, may_learn=False).outcome == "nothing_to_do"
    standing = champion(engine)
    assert standing is not None
    assert standing.version == "1"


def test_who_promotes_by_hand_ends_it(home: Environment, engine: Engine, run_off: RunOff) -> None:
    assert run_off.of.challenger == "2"
    promote(engine, "2", who="ann", why="by hand", at=ASKED)
    assert undecided(engine, "default") is None
    assert run_off_of(home, engine, at=ASKED) is None
    assert told_since(engine, None, "default") == 0
