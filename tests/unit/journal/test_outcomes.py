from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine

from desk.errors import JournalError
from desk.feedback import OUTCOME_FIELDS, OutcomeReport
from journal.outcomes import GivenReport, outcomes, record, recorded_outcomes
from journal.tenants import add_tenant

NOW = datetime(2026, 11, 21, 10, 2, 3, 456789, tzinfo=UTC)
HOUR = timedelta(hours=1)


def report(ticket: str = "t1", at: datetime = NOW, **said: object) -> OutcomeReport:
    return OutcomeReport(ticket, at, said or {"queue": "Billing"})  # type: ignore[arg-type]


def told(
    engine: Engine, *said: OutcomeReport, has_time: bool = True, at: datetime = NOW, tenant: str = "default"
) -> int:
    given = [GivenReport(one, has_time) for one in said]
    return record(engine, given, via="file", received_at=at, tenant=tenant)


def test_a_report_comes_back_with_every_field_as_it_was_said(engine: Engine) -> None:
    east = timezone(timedelta(hours=1))
    said = {
        "queue": "Billing",
        "priority": None,
        "escalated": True,
        "sla_breached": False,
        "first_response_at": NOW.astimezone(east),
        "resolved_at": datetime.min.replace(tzinfo=UTC),
        "reassignment_count": 0,
        "reopen_count": 2,
        "satisfaction": 4.5,
        "resolver": "ann",
        "resolution": "naïve \0 “words”",
    }
    assert said.keys() == set(OUTCOME_FIELDS)
    told(engine, report(**said), at=NOW + HOUR)
    (kept,) = recorded_outcomes(engine)
    assert kept.report == report(**said)
    assert (kept.received_at, kept.via) == (NOW + HOUR, "file")


def test_a_report_that_comes_again_is_there_once(engine: Engine) -> None:
    assert told(engine, report(), report(), report("t2")) == 2
    assert told(engine, report(at=NOW.astimezone(timezone(timedelta(hours=2)))), at=NOW + HOUR) == 0
    assert told(engine, report(at=NOW + HOUR)) == 1
    assert len(outcomes(engine)) == 3


def test_without_a_time_what_was_said_last_is_said_once_and_what_changed_is_said_anew(engine: Engine) -> None:
    for hours, queue, new in ((0, "Billing", 1), (1, "Billing", 0), (2, "Orders", 1), (3, "Billing", 1)):
        assert told(engine, report(at=NOW + hours * HOUR, queue=queue), has_time=False) == new
    resolved = NOW - HOUR
    assert told(engine, report("t2", resolved_at=resolved), has_time=False) == 1
    assert told(engine, report("t2", at=NOW + HOUR, resolved_at=resolved), has_time=False) == 0


def test_reports_are_read_by_time_of_one_ticket_and_since(engine: Engine) -> None:
    add_tenant(engine, "north", at=NOW)
    first, second, third = report(at=NOW + HOUR), report("t2"), report(at=NOW - HOUR)
    told(engine, first, second)
    told(engine, third, at=NOW + HOUR)
    told(engine, report(), tenant="north")
    assert outcomes(engine) == [third, second, first]
    assert outcomes(engine, ticket_id="t1") == [third, first]
    assert outcomes(engine, received_since=NOW + HOUR) == [third]
    assert outcomes(engine, "north") == [report()]


def test_many_are_written_at_once(engine: Engine) -> None:
    said = [report(f"t{number}") for number in range(1_100)]
    assert told(engine, *said) == 1_100
    assert told(engine, *said[400:], report("another")) == 1


def test_a_field_that_no_outcome_has_is_refused_and_nothing_is_kept(engine: Engine) -> None:
    with pytest.raises(
        JournalError, match=r"An outcome has the fields queue, priority, .*, not 'colour'; leave it out"
    ):
        told(engine, report("t2"), report(colour="red"))
    assert outcomes(engine) == []
