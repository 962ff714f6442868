"""Questions from the journal: whose tickets they are of, in which order, and what keeps a ticket from being asked."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from cli.questions import command
from desk.feedback import OutcomeReport, Verdict
from desk.outcome import ResolvedTicket
from desk.ticket import Customer
from desk.ticket_json import ticket_json
from journal.database import connect, writing
from journal.environment import Environment
from journal.forgetting import erase_rows
from journal.outcomes import GivenReport
from journal.outcomes import record as record_outcomes
from journal.predictions import RecordedPrediction, find, record
from journal.questions import questions, settle, take_next
from journal.settings import put_setting
from journal.shadow import ShadowPrediction
from journal.shadow import record as record_shadow
from journal.verdicts import GivenVerdict
from journal.verdicts import record as record_verdicts
from models.storage import load_version
from models.version import Version
from tests.integration.cli.test_work_command import said, worker
from tests.integration.training.retraining import NOW, newer_rows
from training.asking.preparing import prepare_questions
from training.progress import Unwatched

AT = NOW + timedelta(hours=2)
COUNT = 60

BURST = (
    "the badge reader at the turnstile rejects my badge",
    "turnstile rejects every badge since monday",
    "my badge is rejected by the turnstile reader",
    "the turnstile does not read my badge please",
    "badge reader of the turnstile is broken",
    "please my badge does not open the turnstile",
)


@pytest.fixture
def engine(home_copy: Environment) -> Any:
    made = connect(home_copy.database_url)
    yield made
    made.dispose()


@pytest.fixture
def version(home_copy: Environment) -> Version:
    return load_version(home_copy.versions / "1")


def answered(engine: Engine, rows: tuple[ResolvedTicket, ...], at: datetime = NOW, **more: Any) -> list[str]:
    """Each ticket was answered; the names of the predictions."""
    recorded = []
    for row in rows:
        name = f"p-{row.ticket.id}-{at:%H%M%S}"
        queue = {"label": "Billing", "probability": 0.7, "mode": "suggest", **more}
        answer = {"prediction_id": name, "ticket_id": row.ticket.id, "queue": queue}
        recorded.append(RecordedPrediction(name, "default", at, "1", ticket_json(row.ticket), answer, 0.4))
    with writing(engine) as connection:
        record(connection, recorded)
    return [one.prediction_id for one in recorded]


def prepared(engine: Engine, version: Version, at: datetime = AT) -> list[str]:
    prepare_questions(engine, version, at=at, tenant="default", progress=Unwatched())
    return [one.ticket_id for one in questions(engine)]


def test_a_ticket_is_asked_about_once_by_its_newest_answer_in_the_same_order_each_time(
    engine: Engine, version: Version, write_sample: Callable[..., Path]
) -> None:
    rows = newer_rows(write_sample, 600, COUNT)
    answered(engine, rows)
    grown = answered(engine, rows[:5], NOW + timedelta(hours=1))
    found = prepared(engine, version)
    assert len(set(found)) == len(found)
    assert {one.prediction_id for one in questions(engine)} >= set(grown[:1])
    assert not {one.prediction_id for one in questions(engine)} & {f"p-{row.ticket.id}-090000" for row in rows[:5]}
    assert prepared(engine, version, AT + timedelta(minutes=1)) == found
    assert all(one.queue == "Billing" for one in questions(engine))


def test_what_is_labelled_settled_too_old_or_erased_is_not_asked(
    engine: Engine, version: Version, write_sample: Callable[..., Path]
) -> None:
    rows = newer_rows(write_sample, 600, COUNT)
    names = answered(engine, rows)
    old = replace(rows[0], ticket=replace(rows[0].ticket, id="old", body="of old"))
    answered(engine, (old,), NOW - timedelta(days=15))
    ids = [row.ticket.id for row in rows]
    everything = set(prepared(engine, version))
    assert "old" not in everything
    report = OutcomeReport(ids[0], NOW, {"queue": "Access"})
    untouched = OutcomeReport(ids[3], NOW, {"escalated": False})
    given = [GivenReport(report), GivenReport(untouched)]
    record_outcomes(engine, given, via="file", received_at=NOW)
    _said(engine, names[1], "Access")
    settle(engine, [names[2]], "ann", at=NOW)
    left = set(prepared(engine, version, AT + timedelta(minutes=1)))
    assert everything - left == everything & {ids[0], ids[1], ids[2]}
    assert ids[3] in left or ids[3] not in everything


def _said(engine: Engine, prediction: str, queue: str) -> None:
    recorded = find(engine, prediction)
    assert recorded is not None
    verdict = GivenVerdict(Verdict(prediction, "ann", NOW, queue=queue), recorded)
    record_verdicts(engine, [verdict], via="a test", received_at=NOW, secret=lambda: b"x" * 32)


def test_who_is_erased_is_not_asked_about(engine: Engine, version: Version, write_sample: Callable[..., Path]) -> None:
    rows = newer_rows(write_sample, 600, COUNT)
    answered(engine, rows)
    (first, *_) = prepared(engine, version)
    (customer,) = (row.ticket.customer.id for row in rows if row.ticket.id == first)
    assert customer is not None
    erase_rows(engine, "default", [customer], AT)
    assert first not in {one.ticket_id for one in questions(engine)}
    assert first not in prepared(engine, version, AT + timedelta(minutes=1))


def test_what_a_challenger_says_otherwise_is_a_reason(
    engine: Engine, version: Version, write_sample: Callable[..., Path]
) -> None:
    names = answered(engine, newer_rows(write_sample, 600, COUNT))
    put_setting(engine, "shadow", {"version": "2"}, who="ann", at=NOW)
    theirs = {"version": "2", "queue": {"top": [{"label": "Nowhere", "probability": 0.9}]}}
    with writing(engine) as connection:
        record_shadow(connection, [ShadowPrediction(name, "2", theirs, NOW) for name in names])
    prepared(engine, version)
    told = {"reason": "disagreement", "challenger": "2", "label": "Nowhere"}
    asked = [one for one in questions(engine) if one.topic is None]
    assert asked
    assert all(told in one.reasons for one in asked)


def burst(rows: tuple[ResolvedTicket, ...]) -> tuple[ResolvedTicket, ...]:
    """Six tickets of as many customers about something that the desk never had."""
    tickets = [
        replace(row.ticket, id=f"new-{number}", subject="", body=text, customer=Customer(f"n{number}", "standard"))
        for number, (row, text) in enumerate(zip(rows, BURST, strict=False))
    ]
    return tuple(replace(row, ticket=ticket) for row, ticket in zip(rows, tickets, strict=False))


def test_a_burst_is_a_card_before_all_others_and_its_words_are_in_no_log(
    engine: Engine, version: Version, write_sample: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    rows = newer_rows(write_sample, 600, COUNT)
    answered(engine, (*rows, *burst(rows)))
    with caplog.at_level(logging.DEBUG):
        prepared(engine, version)
    card, *others = questions(engine)
    (reason,) = card.reasons
    assert reason["reason"] == "topic"
    assert reason["tickets"] == reason["customers"] >= 5
    assert {"badge", "turnstile"} <= set(reason["words"])
    names = {one.ticket_id for one in questions(engine, topic=card.topic)}
    assert len(names) == reason["tickets"]
    assert names <= {f"new-{number}" for number in range(6)}
    assert all(one.topic == card.topic for one in others[1 - len(names) :])
    written = " ".join(f"{one.getMessage()} {vars(one)}" for one in caplog.records if one.name.startswith("pointsman"))
    assert "questions_prepared" in written
    assert "badge" not in written
    prepared(engine, version, AT + timedelta(minutes=1))
    assert questions(engine)[0].topic == card.topic


def test_with_nothing_to_ask_for_nothing_is_asked(
    engine: Engine, version: Version, write_sample: Callable[..., Path]
) -> None:
    assert prepared(engine, version) == []
    answered(engine, newer_rows(write_sample, 600, COUNT))
    put_setting(engine, "asking", {"most": 0}, who="ann", at=NOW)
    assert prepared(engine, version) == []
    put_setting(engine, "asking", {"most": 7, "random": 1}, who="ann", at=NOW)
    assert len(prepared(engine, version)) == 7
    assert all(one.reasons[-1] == {"reason": "unaided"} for one in questions(engine))


def rounds(home: Environment) -> int:
    """How often a worker prepared questions when it looked once."""
    return [line["event"] for line in said(worker(home, "--once"))].count("questions_prepared")


def test_the_worker_prepares_them_once_and_the_verb_shows_them(
    home_copy: Environment, engine: Engine, write_sample: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = newer_rows(write_sample, 600, COUNT)
    now = datetime.now(UTC) - timedelta(minutes=1)
    answered(engine, (*rows, *burst(rows)), now)
    put_setting(engine, "retraining", {"cron": "never", "new_labels": 0}, who="a test", at=now)
    assert rounds(home_copy) == 1
    first = questions(engine)
    assert rounds(home_copy) == 0
    held = take_next(engine, "ann", at=datetime.now(UTC), lasting=timedelta(minutes=5))
    assert held is not None
    monkeypatch.setenv("POINTSMAN_HOME", str(home_copy.home))
    told = CliRunner().invoke(command, ["--json"])
    shown = json.loads(told.stdout)
    assert [one["prediction_id"] for one in shown["questions"]] == [one.prediction_id for one in first]
    topic = held.question.topic
    card = sum(one.topic == topic for one in first) if topic is not None else 1
    assert shown["held"] == card
    assert "badge" not in told.stdout
    table = CliRunner().invoke(command, ["--prepare", "--most", "3"]).stdout
    assert "tickets of" in table
    assert f"of which 3 are shown; {card} are with somebody." in " ".join(table.split())
    assert "badge" not in table


def test_a_burst_on_which_a_lead_has_decided_is_no_card_again(
    engine: Engine, version: Version, write_sample: Callable[..., Path]
) -> None:
    rows = newer_rows(write_sample, 600, COUNT)
    answered(engine, (*rows, *burst(rows)[:-1]))
    prepared(engine, version)
    topic = questions(engine)[0].topic
    assert topic is not None
    dropped = [one.prediction_id for one in questions(engine, topic=topic)]
    settle(engine, dropped, "lena", at=AT)
    answered(engine, burst(rows)[-1:])
    found = prepared(engine, version, AT + timedelta(hours=1))
    assert burst(rows)[-1].ticket.id in found
    assert all(one.topic is None for one in questions(engine))
