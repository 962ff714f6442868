import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine, insert

from desk.errors import RowRefusedError
from desk.feedback import OutcomeReport, Verdict
from journal import outcomes, segments, verdicts
from journal.database import writing
from journal.drain import Drain
from journal.erasures import Person, bury, erasures, find_erasure, note_report
from journal.forgetting import Rows, customer_ids, erase_mentions, erase_outcomes, erase_rows, scrub, ticket_ids_of
from journal.log import Log
from journal.log_erasing import erase_set_aside, records_in
from journal.outcomes import GivenReport
from journal.predictions import Counts, RecordedPrediction, count, find, record
from journal.tables import repeats
from journal.tenants import add_tenant
from journal.verdicts import GivenVerdict

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
SECRET = b"a secret of the tests"
THEM = "c-unique-9"


def row(number: int, customer: object = THEM, *, at: datetime = NOW, tenant: str = "default") -> RecordedPrediction:
    ticket = {"id": f"t{number}", "body": "unmistakable words", "customer": {"id": customer}}
    return RecordedPrediction(f"{number:032x}", tenant, at, "1", ticket, {}, 0.4)


def person(tenant: str = "default") -> Person:
    return Person.of(THEM, tenant, SECRET)


def written(engine: Engine, *rows: RecordedPrediction) -> None:
    with writing(engine) as connection:
        record(connection, rows)


def said_of(engine: Engine, *rows: RecordedPrediction, at: datetime = NOW) -> None:
    """A verdict on each of them and a report of each one's ticket, received at `at`."""
    heard = [GivenVerdict(Verdict(one.prediction_id, "ann", at, queue="Billing"), one) for one in rows]
    verdicts.record(engine, heard, via="file", received_at=at, secret=lambda: SECRET)
    became = [GivenReport(OutcomeReport(str(one.ticket["id"]), at, {"resolution": "words"})) for one in rows]
    outcomes.record(engine, became, via="file", received_at=at)


def test_a_tombstone_can_be_told_by_who_has_secret_and_id_alone() -> None:
    assert THEM not in person().name
    assert person().has(THEM)
    assert not person().has("c-unique-8")
    assert person().name != person("other").name != Person.of(THEM, "other", b"another secret").name


def test_a_tombstone_is_renewed_and_never_put_back(engine: Engine) -> None:
    bury(engine, person(), who="ann", at=NOW)
    note_report(engine, erasures(engine)[0], {"complete": True, "versions": ["1"]})
    assert bury(engine, person(), who="bob", at=NOW - timedelta(days=1)).at == NOW
    found = find_erasure(engine, person())
    assert found is not None
    assert (found.who, found.report) == ("bob", {"complete": False, "versions": ["1"]})


def test_the_drain_drops_what_was_scored_before_and_takes_what_came_after(engine: Engine, tmp_path: Path) -> None:
    add_tenant(engine, "other", at=NOW)
    bury(engine, person(), who="ann", at=NOW)
    later = row(2, at=NOW + timedelta(seconds=1))
    with Log(tmp_path) as log:
        log.write(row(1), later, row(3, "c-8"), row(4, tenant="other"), row(5, None))
        drain = Drain(engine, log, secret=lambda: SECRET)
        assert drain.move()
        assert (drain.lag().erased, drain.lag().pending) == (1, 0)
    assert find(engine, row(1).prediction_id) is None
    assert find(engine, later.prediction_id) == later
    assert (count(engine), count(engine, "other")) == (Counts(3, 3), Counts(1, 1))


def test_what_became_of_a_ticket_that_the_drain_drops_goes_with_it(engine: Engine, tmp_path: Path) -> None:
    bury(engine, person(), who="ann", at=NOW)
    became = [GivenReport(OutcomeReport(f"t{number}", NOW, {"resolution": "words"})) for number in (1, 2, 3)]
    outcomes.record(engine, became, via="file", received_at=NOW)
    with Log(tmp_path) as log:
        log.write(row(1), row(2, at=NOW + timedelta(seconds=1)), row(3, "c-8"))
        assert Drain(engine, log, secret=lambda: SECRET).move()
    assert {one.ticket_id for one in outcomes.outcomes(engine)} == {"t2", "t3"}


def test_the_secret_is_asked_for_only_where_somebody_was_erased(engine: Engine, tmp_path: Path) -> None:
    def no_secret() -> bytes:
        raise AssertionError("nobody was erased")

    with Log(tmp_path) as log:
        log.write(row(1))
        assert Drain(engine, log, secret=no_secret).move()
    assert count(engine) == Counts(1, 1)


def test_nothing_slips_in_while_somebody_is_erased(engine: Engine, tmp_path: Path) -> None:
    """Drains at work on other threads have either seen the tombstone or are through before rows go."""
    with Log(tmp_path) as log:
        drain = Drain(engine, log, interval=timedelta(milliseconds=1), secret=lambda: SECRET)
        drain.start()
        for number in range(20):
            log.write(*[row(100 * number + one) for one in range(30)])
        until = bury(engine, person(), who="ann", at=NOW + timedelta(seconds=1)).at
        erase_rows(engine, "default", [THEM], until)
        waited = threading.Event()
        while drain.lag().pending and not waited.wait(0.01):
            pass
        drain.close()
    assert count(engine) == Counts(0, 0)


def test_rows_and_kept_answers_go_and_what_came_after_stays(engine: Engine) -> None:
    written(engine, row(1), row(2), row(3, "c-8"), row(4, at=NOW + timedelta(hours=1)))
    kept = {
        "one": {"prediction_id": row(1).prediction_id},
        "many": {"answers": [{"prediction_id": row(2).prediction_id}]},
    }
    kept["other"] = {"prediction_id": row(3).prediction_id}
    with writing(engine) as connection:
        rows = [
            {"tenant": "default", "name": name, "request": "r", "at": NOW, "answer": one} for name, one in kept.items()
        ]
        connection.execute(insert(repeats), rows)
    assert customer_ids(engine, person()) == [THEM]
    assert ticket_ids_of(engine, "default", [THEM]) == {"t1", "t2", "t4"}
    assert erase_rows(engine, "default", [THEM], NOW, dry_run=True) == Rows(2, 2, 2)
    assert count(engine).predictions == 4
    assert erase_rows(engine, "default", [THEM], NOW) == Rows(2, 2, 2)
    assert count(engine) == Counts(tickets=2, predictions=2)
    assert erase_rows(engine, "default", [THEM], NOW) == Rows(0, 0, 0)


def test_what_was_said_of_their_tickets_goes_and_what_came_after_stays(engine: Engine) -> None:
    """The verdict on the fifth ticket is here though its prediction is still in a local log."""
    written(engine, row(1), row(2), row(3, "c-8"), row(4, at=NOW + timedelta(hours=1)))
    said_of(engine, row(1), row(3, "c-8"), row(5))
    said_of(engine, row(2), row(4), at=NOW + timedelta(hours=1))
    assert ticket_ids_of(engine, "default", [THEM]) == {"t1", "t2", "t4", "t5"}
    # The verdict on the second goes with its prediction, however late it came; nobody can tell whose the report was.
    assert erase_rows(engine, "default", [THEM], NOW, dry_run=True) == Rows(2, 2, 0, verdicts=3, outcomes=2)
    assert len(verdicts.verdicts(engine)) == len(outcomes.outcomes(engine)) == 5
    assert erase_rows(engine, "default", [THEM], NOW) == Rows(2, 2, 0, verdicts=3, outcomes=2)
    assert {one.prediction_id for one in verdicts.verdicts(engine)} == {row(3).prediction_id, row(4).prediction_id}
    assert {one.ticket_id for one in outcomes.outcomes(engine)} == {"t2", "t3", "t4"}
    assert customer_ids(engine, person()) == [THEM]
    assert erase_rows(engine, "default", [THEM], NOW + timedelta(hours=1)) == Rows(1, 1, 0, verdicts=1, outcomes=1)


def test_somebody_of_whom_only_a_verdict_is_known_is_found(engine: Engine) -> None:
    said_of(engine, row(1))
    assert customer_ids(engine, person()) == [THEM]
    assert erase_rows(engine, "default", [THEM], NOW) == Rows(0, 0, 0, verdicts=1, outcomes=1)
    assert customer_ids(engine, person()) == []


def test_what_became_of_tickets_that_a_history_alone_knows_is_erased_by_their_ids(engine: Engine) -> None:
    add_tenant(engine, "other", at=NOW)
    said_of(engine, row(1), row(2), row(3))
    outcomes.record(engine, [GivenReport(OutcomeReport("t1", NOW))], via="file", received_at=NOW, tenant="other")
    assert erase_outcomes(engine, "default", {"t1", "t2", "t9"}, NOW, dry_run=True) == 2
    assert erase_outcomes(engine, "default", {"t1", "t2", "t9"}, NOW) == 2
    assert erase_outcomes(engine, "default", {"t3"}, NOW - timedelta(seconds=1)) == 0
    assert [one.ticket_id for one in outcomes.outcomes(engine)] == ["t3"]
    assert len(outcomes.outcomes(engine, "other")) == 1


def test_others_answers_list_their_tickets_no_more(engine: Engine) -> None:
    theirs, another = {"ticket_id": "t-gone", "resolution": "words"}, {"ticket_id": "t-kept"}
    answer = {"queue": {"probability": 0.1 + 0.2}, "similar": [theirs, another]}
    made = RecordedPrediction(f"{1:032x}", "default", NOW, "1", {"id": "a"}, answer, 0.4)
    written(engine, made, row(2, "c-8"))
    assert erase_mentions(engine, "default", {"t-gone"}, dry_run=True) == 1
    assert erase_mentions(engine, "default", {"t-gone"}) == 1
    found = find(engine, made.prediction_id)
    assert found is not None
    assert found.answer == {**answer, "similar": [another]}
    assert erase_mentions(engine, "default", {"t-gone"}) == 0


def test_nothing_can_be_read_in_sqlites_files(tmp_path: Path) -> None:
    from journal.database import connect, migrate

    engine = connect(f"sqlite:///{tmp_path / 'journal.db'}")
    migrate(engine)
    written(engine, *[row(number, f"c-{number}") for number in range(50)])
    written(engine, *[row(number) for number in range(50, 400)])
    assert any(b"c-unique-9" in one.read_bytes() for one in tmp_path.glob("journal.db*"))
    erase_rows(engine, "default", [THEM], NOW)
    assert scrub(engine)
    assert [one.name for one in tmp_path.glob("journal.db*") if b"c-unique-9" in one.read_bytes()] == []
    assert count(engine) == Counts(50, 50)
    engine.dispose()


def test_a_reader_keeps_the_write_ahead_log_from_being_emptied_and_it_is_said(tmp_path: Path) -> None:
    from journal.database import connect, migrate, snapshot

    engine = connect(f"sqlite:///{tmp_path / 'journal.db'}?timeout=0.1")
    migrate(engine)
    written(engine, row(1))
    with snapshot(engine) as reader:
        reader.execute(repeats.select())
        written(engine, row(2))
        assert not scrub(engine)
    assert scrub(engine)
    engine.dispose()


def test_the_logs_folder_holds_them_until_damaged_and_set_aside_records_are_written_anew(
    engine: Engine, tmp_path: Path
) -> None:
    with Log(tmp_path) as log:
        log.write(row(1), row(2, "c-8"))
        log.write(row(3))
        drain = Drain(engine, log)
        for one in (row(4), row(5, "c-8")):
            drain._put_aside(orjson.dumps(one), RowRefusedError("refused"))
        (name,) = (one.name for one in segments.segment_paths(tmp_path))
        assert records_in(tmp_path, person(), NOW) == {name: 2, "set-aside.jsonl": 1}
        assert records_in(tmp_path, person(), NOW - timedelta(seconds=1)) == {"set-aside.jsonl": 1}
        (tmp_path / "x.damaged").write_bytes((tmp_path / name).read_bytes() + b"unmistakable rest")
    (tmp_path / name).unlink()
    assert erase_set_aside(tmp_path, person()) == 3
    assert records_in(tmp_path, person(), NOW) == {}
    assert segments.payloads_of((tmp_path / "x.damaged").read_bytes()) == [orjson.dumps(row(2, "c-8"))]
    assert THEM.encode() not in (tmp_path / "set-aside.jsonl").read_bytes()
    assert b"c-8" in (tmp_path / "set-aside.jsonl").read_bytes()


@pytest.mark.parametrize("junk", [b"not json", b"[1]", b'{"ticket": 1}', b'{"record": {"ticket": {"customer": 7}}}'])
def test_records_that_are_none_are_nobodys(junk: bytes, tmp_path: Path) -> None:
    (tmp_path / "set-aside.jsonl").write_bytes(junk + b"\n")
    assert erase_set_aside(tmp_path, person()) == 0
    assert (tmp_path / "set-aside.jsonl").read_bytes() == junk + b"\n"
