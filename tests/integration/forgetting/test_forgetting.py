"""A person is erased from wherever a desk's home holds something of theirs, and others stay as they were."""

import gzip
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine

from desk.errors import RowRefusedError
from desk.feedback import OutcomeReport, Verdict
from desk.ticket import Customer, Ticket
from desk.ticket_json import ticket_json
from journal.database import connect
from journal.drain import Drain
from journal.environment import Environment
from journal.erasure_report import ErasureReport
from journal.erasures import erasures
from journal.identifiers import prediction_id
from journal.label_decisions import decide, decisions
from journal.log import Log
from journal.outcomes import GivenReport, outcomes
from journal.outcomes import record as record_outcomes
from journal.predictions import Counts, RecordedPrediction, count, find
from journal.secret import installation_secret
from journal.suspects import SuspectLabel, open_suspects, put_suspects
from journal.verdicts import GivenVerdict, verdicts
from journal.verdicts import record as record_verdicts
from models.check import check_version
from models.registry import MODEL_NAME, fetch
from models.registry_client import open_client
from models.scoring import predict
from models.storage import load_version
from training.forgetting.person import forget
from training.histories.store import load_history

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
THEM = "customer-7f3a"
TRACES = (b"customer-7f3a", b"Zephyrine", b"Quillfeather", b"theirs-")
THEIRS = ("t0", "t3", "theirs-9")
LISTED = [{"ticket_id": "theirs-19", "resolution": "Zephyrine"}, {"ticket_id": "T1", "resolution": "x"}]


@dataclass(frozen=True)
class Forgotten:
    """A home after the person was erased, the report, and what had been answered before."""

    environment: Environment
    engine: Engine
    report: ErasureReport
    rows: list[RecordedPrediction]


def answered(number: int, customer: str, at: datetime = AT, **answer: object) -> RecordedPrediction:
    said = "This is Zephyrine Oakhurst." if customer == THEM else "hello"
    ticket = Ticket(id=f"t{number}", body=f"{said} {number}", customer=Customer(customer))
    return RecordedPrediction(prediction_id(at), "default", at, "1", ticket_json(ticket), answer, 0.4)


def say_something(engine: Engine, rows: list[RecordedPrediction]) -> None:
    """A verdict on each of the answers, and outcomes of the first tickets and of two that only the history knows."""
    heard = [GivenVerdict(Verdict(one.prediction_id, "ann", AT, comment=one.ticket["body"]), one) for one in rows]
    record_verdicts(engine, heard, via="file", received_at=AT, secret=lambda: b"nobody was erased")
    became = [
        GivenReport(OutcomeReport(ticket, AT, {"resolution": "rerouted Zephyrine" if ticket in THEIRS else "x"}))
        for ticket in ("t0", "t1", "t3", "theirs-9", "T1")
    ]
    record_outcomes(engine, became, via="file", received_at=AT)


def suspect_some(engine: Engine) -> None:
    """Labels of two of their tickets that only the history knows, one decided on, and of somebody else's."""
    shown = {"subject": "hello", "body": "This is Zephyrine Oakhurst."}
    listed = [
        SuspectLabel("queue", one, "Billing", "Access", 0.1, 0.9, 0.1, THEM, AT, "words", shown)
        for one in ("theirs-9", "theirs-19")
    ]
    others = SuspectLabel("queue", "T1", "Billing", "Access", 0.1, 0.9, 0.1, "c1", AT, "words", {"body": "hello"})
    put_suspects(engine, "1", [*listed, others], at=AT, secret=lambda: b"nobody was erased")
    assert decide(engine, "queue", "theirs-9", "Access", who="lena", at=AT)


def traces_in(home: Path) -> dict[str, list[bytes]]:
    """Every file under `home` that holds a word of theirs, packed ones unpacked."""
    found = {}
    for path in home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            content = gzip.decompress(content) if path.suffix == ".gz" else content
            if path.suffix == ".parquet":
                content = repr(load_history(path).rows).encode()
            if seen := [trace for trace in TRACES if trace in content]:
                found[path.relative_to(home).as_posix()] = seen
    return found


@pytest.fixture(scope="module")
def forgotten(make_desk_home: Callable[..., Environment]) -> Iterator[Forgotten]:
    """Erased while records of theirs lie in the log of a process that lives no more, and in the file set aside."""
    environment = make_desk_home()
    engine = connect(environment.database_url)
    rows = [answered(number, THEM if number % 3 == 0 else f"c{number}") for number in range(9)]
    rows.append(answered(50, "c50", similar=LISTED))
    with Log(environment.log) as log:
        log.write(*rows)
        drain = Drain(engine, log)
        drain.move()
        say_something(engine, rows[::3])
        suspect_some(engine)
        drain._put_aside(orjson.dumps({"tenant": "default", "ticket": rows[0].ticket}), RowRefusedError("refused"))
        log.write(answered(99, THEM))
        before = traces_in(environment.home)
    places = (
        "log/",
        "versions/1/similar",
        "versions/1/columns",
        "histories/",
        "mlflow-artifacts/",
        "sample/",
        "journal.db",
    )
    assert [place for place in places if not any(name.startswith(place) for name in before)] == []
    report = forget(environment, engine, THEM, who="the tests", at=AT + timedelta(minutes=1))
    yield Forgotten(environment, engine, report, rows)
    engine.dispose()


def test_nothing_of_theirs_can_be_read_in_any_file(forgotten: Forgotten) -> None:
    assert forgotten.report.left == ()
    assert traces_in(forgotten.environment.home) == {}


def test_the_report_says_what_went_and_which_version_was_trained_on_them(forgotten: Forgotten) -> None:
    assert forgotten.report.versions == ("1",)
    assert forgotten.report.erased == {
        "predictions": 3,
        "tickets": 3,
        "repeats": 0,
        "verdicts": 3,
        "outcomes": 3,
        "shadows": 0,
        "suspects": 3,
        "mentions": 1,
        "log": 5,
        "histories": 12,
        "sample": 12,
        "vectors": 0,
        "similar": 12,
        "golden": 5,
        "facts": 2,
        "registered": 12,
        "runs": 24,
    }


def test_others_stay_as_they_were(forgotten: Forgotten) -> None:
    engine, rows = forgotten.engine, forgotten.rows
    assert count(engine) == Counts(tickets=7, predictions=7)
    assert find(engine, rows[1].prediction_id) == rows[1]
    assert [one.prediction_id for one in verdicts(engine)] == [rows[9].prediction_id]
    assert {one.ticket_id for one in outcomes(engine)} == {"t1", "T1"}
    assert [one.ticket_id for one in open_suspects(engine, most=9)] == ["T1"]
    assert decisions(engine) == []
    kept = find(engine, rows[-1].prediction_id)
    assert kept is not None
    assert kept.answer == {"similar": [{"ticket_id": "T1", "resolution": "x"}]}


def test_a_runs_worst_errors_keep_the_rows_of_others(forgotten: Forgotten, tmp_path: Path) -> None:
    client = open_client(forgotten.environment.mlflow_uri)
    run = client.get_model_version(MODEL_NAME, "1").run_id
    page = Path(client.download_artifacts(run, "worst_errors.html", str(tmp_path))).read_text()
    table = Path(client.download_artifacts(run, "worst_errors.csv", str(tmp_path))).read_text()
    assert page.count("<tr>") == len(table.splitlines()) == 1 + 108


def test_the_version_still_passes_its_check_and_answers_the_same(forgotten: Forgotten, tmp_path: Path) -> None:
    environment = forgotten.environment
    folder = environment.versions / "1"
    assert check_version(folder) == "1"
    fetched = fetch(environment.mlflow_uri, "1", tmp_path / "1")
    assert check_version(fetched) == "1"
    asked = Ticket(id="new", body="I was charged twice on my invoice")
    assert predict(load_version(folder), asked) == predict(load_version(fetched), asked)
    similar = load_version(folder).similar
    assert similar is not None
    assert len(similar) == 108


def test_the_history_keeps_its_name_and_loses_their_rows(forgotten: Forgotten) -> None:
    environment = forgotten.environment
    (path,) = environment.histories.glob("*.parquet")
    history = load_history(path)
    assert (len(history.rows), history.digest) == (108, path.stem)


def test_a_tombstone_names_nobody_and_says_that_it_is_done(forgotten: Forgotten) -> None:
    (one,) = erasures(forgotten.engine)
    assert THEM not in one.customer
    assert one.report["complete"] is True


def test_what_was_scored_before_is_dropped_when_it_comes_later_and_a_new_ticket_is_taken(forgotten: Forgotten) -> None:
    environment, engine = forgotten.environment, forgotten.engine
    before = count(engine).predictions
    with Log(environment.log) as log:
        drain = Drain(engine, log, secret=lambda: installation_secret(environment))
        log.write(answered(1, THEM), answered(2, THEM, at=AT + timedelta(hours=1)))
        assert drain.move()
        assert drain.lag().erased == 1
    assert count(engine).predictions == before + 1


LIVING = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path

import journal.drain
from journal.database import connect
from journal.environment import read_environment
from journal.log import Log
from journal.outcomes import GivenReport, outcomes
from journal.outcomes import record as record_outcomes
from journal.predictions import RecordedPrediction
from journal.secret import installation_secret
from journal.suspects import SuspectLabel, open_suspects, put_suspects
from journal.verdicts import GivenVerdict, verdicts
from journal.verdicts import record as record_verdicts

journal.drain.RETIRE_AFTER = 2.0
environment = read_environment()
log = Log(environment.log)
log.start()
drain = journal.drain.Drain(connect(environment.database_url), log, secret=lambda: installation_secret(environment))
drain.start()
ticket = {"id": "t-live", "body": "Zephyrine", "customer": {"id": "customer-7f3a"}}
log.write(RecordedPrediction("f" * 32, "default", datetime.now(UTC), "1", ticket, {}, 0.4))
print("acknowledged", flush=True)
sys.stdin.read()
drain.close()
"""


def test_the_log_of_a_living_process_is_waited_for(make_desk_home: Callable[..., Environment]) -> None:
    environment = make_desk_home()
    variables = {**os.environ, "POINTSMAN_HOME": str(environment.home)}
    engine = connect(environment.database_url)
    with subprocess.Popen(
        [sys.executable, "-c", LIVING], env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as living:
        assert living.stdout is not None
        assert living.stdin is not None
        assert living.stdout.readline() == b"acknowledged\n"
        assert any(name.startswith("log/") for name in traces_in(environment.home))
        report = forget(environment, engine, THEM, who="the tests", at=datetime.now(UTC))
        assert report.left == ()
        assert traces_in(environment.home) == {}
        living.stdin.close()
        assert living.wait(20) == 0
    engine.dispose()


def test_what_cannot_be_reached_is_said_and_done_the_next_time(make_desk_home: Callable[..., Environment]) -> None:
    environment = make_desk_home()
    engine = connect(environment.database_url)
    away = replace(environment, mlflow_uri="http://127.0.0.1:1")
    report = forget(away, engine, THEM, who="the tests", at=datetime.now(UTC))
    assert report.left == ("MLflow could not be reached or changed: try again when it answers",)
    (path,) = environment.histories.glob("*.parquet")
    assert len(load_history(path).rows) == 120
    again = forget(environment, engine, THEM, who="the tests", at=datetime.now(UTC))
    assert (again.left, again.versions, again.erased["registered"]) == ((), ("1",), 12)
    assert traces_in(environment.home) == {}
    engine.dispose()
