from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from desk.errors import JournalError, RowRefusedError
from desk.feedback import Verdict
from journal.erasures import Person, bury
from journal.predictions import RecordedPrediction
from journal.statements import digest_of
from journal.tenants import add_tenant
from journal.verdicts import (
    GivenVerdict,
    KeptVerdict,
    record,
    recorded_verdicts,
    verdicts,
    verdicts_by,
    verdicts_on,
)

NOW = datetime(2026, 11, 21, 10, 2, 3, 456789, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECRET = b"a secret of the tests"


def prediction(number: int, customer: str | None = None) -> RecordedPrediction:
    ticket = {"id": f"t{number}", "customer": {"id": customer}}
    return RecordedPrediction(f"{number:032x}", "default", NOW, "1", ticket, {}, 0.4)


def verdict(number: int = 1, who: str = "ann", at: datetime = NOW, queue: str | None = "Billing") -> Verdict:
    return Verdict(f"{number:032x}", who, at, queue=queue, comment="naïve \0 “words”")


def no_secret() -> bytes:
    raise AssertionError("nobody was erased")


def told(
    engine: Engine, *said: Verdict, has_time: bool = True, at: datetime = NOW, tenant: str = "default"
) -> list[KeptVerdict | None]:
    given = [GivenVerdict(one, prediction(int(one.prediction_id, 16)), has_time) for one in said]
    return record(engine, given, via="key 4fGh7KpQx2Zt", received_at=at, secret=no_secret, tenant=tenant)


def are_new(kept: list[KeptVerdict | None]) -> list[bool]:
    return [one is not None and one.is_new for one in kept]


def test_a_verdict_comes_back_as_it_was_said(engine: Engine) -> None:
    said = Verdict(f"{1:032x}", "ann", NOW, "Billing", "P2", False, "no\0", saw_suggestion=False, is_final=True)
    told(engine, said, at=NOW + HOUR)
    (kept,) = recorded_verdicts(engine)
    assert kept.verdict == said
    assert (kept.ticket_id, kept.received_at, kept.via) == ("t1", NOW + HOUR, "key 4fGh7KpQx2Zt")


def test_a_verdict_that_comes_again_is_there_once(engine: Engine) -> None:
    assert are_new(told(engine, verdict(), verdict())) == [True, False]
    assert are_new(told(engine, verdict(), verdict(who="bob"), at=NOW + HOUR)) == [False, True]
    assert len(verdicts(engine)) == 2


def test_whoever_says_again_what_they_said_last_without_a_time_has_said_it_once(engine: Engine) -> None:
    assert are_new(told(engine, verdict(), has_time=False)) == [True]
    (again,) = told(engine, verdict(at=NOW + HOUR), has_time=False)
    assert again is not None
    assert (again.is_new, again.at) == (False, NOW)
    assert are_new(told(engine, verdict(at=NOW + HOUR, queue="Orders"), has_time=False)) == [True]
    assert are_new(told(engine, verdict(at=NOW + 2 * HOUR), has_time=False)) == [True]
    assert [one.queue for one in verdicts(engine)] == ["Billing", "Orders", "Billing"]


def test_with_a_time_it_is_said_again_for_something_else_may_have_been_said_between(engine: Engine) -> None:
    assert are_new(told(engine, verdict(at=NOW + 2 * HOUR), verdict())) == [True, True]


def test_verdicts_are_read_by_time_of_one_prediction_of_one_ticket_and_since(engine: Engine) -> None:
    add_tenant(engine, "north", at=NOW)
    first, second, third = verdict(1, at=NOW + HOUR), verdict(2), verdict(1, "bob", at=NOW - HOUR)
    told(engine, first, second)
    told(engine, third, at=NOW + HOUR)
    told(engine, verdict(1), tenant="north")
    assert verdicts(engine) == [third, second, first]
    assert verdicts(engine, prediction_id=first.prediction_id) == [third, first]
    assert verdicts(engine, ticket_id="t2") == [second]
    assert verdicts(engine, received_since=NOW + HOUR) == [third]
    assert verdicts(engine, "north") == [verdict(1)]


def test_many_are_written_at_once_in_their_order(engine: Engine) -> None:
    said = [verdict(number % 700, who=f"w{number}") for number in range(1_100)]
    assert are_new(told(engine, *said)) == [True] * 1_100
    assert are_new(told(engine, *said[400:], verdict(701))) == [False] * 700 + [True]


def test_a_verdict_on_what_was_answered_to_somebody_who_was_erased_is_not_kept(engine: Engine) -> None:
    bury(engine, Person.of("c-9", "default", SECRET), who="ann", at=NOW)
    later = replace(prediction(3, "c-9"), at=NOW + HOUR)
    given = [GivenVerdict(verdict(one), prediction(one, customer)) for one, customer in ((1, "c-9"), (2, "c-8"))]
    given.append(GivenVerdict(verdict(3), later))
    kept = record(engine, given, via="file", received_at=NOW, secret=lambda: SECRET)
    assert [one is None for one in kept] == [True, False, False]
    assert {one.prediction_id for one in verdicts(engine)} == {f"{2:032x}", f"{3:032x}"}


def test_a_naive_time_and_a_tenant_that_is_none_are_refused_and_nothing_is_kept(engine: Engine) -> None:
    with pytest.raises(JournalError, match="with a zone"):
        told(engine, verdict(), replace(verdict(), at=NOW.replace(tzinfo=None)))
    with pytest.raises(RowRefusedError):
        told(engine, verdict(), tenant="nobody")
    assert verdicts(engine) == []


def test_what_takes_back_is_kept_and_the_names_of_other_verdicts_stay_as_they_were(engine: Engine) -> None:
    back = Verdict(f"{1:032x}", "ann", NOW + HOUR, withdraws=True)
    (first, second) = told(engine, verdict(), back)
    assert verdicts(engine) == [verdict(), back]
    fields = ("queue", "priority", "escalation", "comment", "saw_suggestion", "is_final")
    before = digest_of(NOW, verdict().prediction_id, "ann", {name: getattr(verdict(), name) for name in fields})
    assert first is not None
    assert second is not None
    assert (first.verdict_id, second.verdict_id == before) == (before, False)


def test_a_persons_own_are_read_the_newest_first_and_those_on_some_predictions(engine: Engine) -> None:
    said = [verdict(number, at=NOW + number * HOUR) for number in range(5)]
    told(engine, *said, verdict(2, "bob"))
    assert [one.verdict for one in verdicts_by(engine, "ann", most=2)] == [said[4], said[3]]
    between = verdicts_by(engine, "ann", most=9, since=NOW + HOUR, before=NOW + 3 * HOUR)
    assert [one.verdict for one in between] == [said[2], said[1]]
    assert [one.verdict for one in verdicts_on(engine, [f"{2:032x}", f"{9:032x}"])] == [verdict(2, "bob"), said[2]]
