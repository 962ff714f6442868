"""What a verdict and a report of an outcome may hold."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from desk.errors import FeedbackError, UserError
from desk.feedback import OUTCOME_FIELDS, OutcomeReport, Verdict
from desk.feedback_bounds import (
    LONGEST_COMMENT,
    LONGEST_NAME,
    LONGEST_RESOLUTION,
    MOST_AHEAD,
    MOST_TIMES,
    check_report,
    check_verdict,
)

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
LATE = NOON + MOST_AHEAD + timedelta(seconds=1)
EARLIEST = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))
LATEST = datetime.max.replace(tzinfo=timezone(timedelta(hours=-12)))
SECRET = "my password is hunter2"


def verdict(**said: Any) -> Verdict:
    plain: dict[str, Any] = {"prediction_id": "p1", "who": "ann", "at": NOON, "queue": "Billing"}
    return Verdict(**plain | said)


def report(**said: Any) -> OutcomeReport:
    return OutcomeReport("4312", NOON, said)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"queue": None, "priority": "P1"},
        {"queue": None, "escalation": False},
        {"queue": None, "comment": "not ours"},
        {"comment": ""},
        {"at": NOON + MOST_AHEAD},
        {"at": EARLIEST},
        {"who": "x" * LONGEST_NAME, "comment": "x" * LONGEST_COMMENT},
    ],
)
def test_a_verdict_that_says_something_is_taken(said: dict[str, Any]) -> None:
    check_verdict(verdict(**said), NOON)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"queue": None}, ""),
        ({"queue": None, "comment": " "}, ""),
        ({"prediction_id": ""}, "prediction_id"),
        ({"who": ""}, "who"),
        ({"who": " \t"}, "who"),
        ({"who": None}, "who"),
        ({"who": "x" * (LONGEST_NAME + 1)}, "who"),
        ({"who": "a\0b"}, "who"),
        ({"queue": " "}, "queue"),
        ({"queue": 5}, "queue"),
        ({"priority": "\ud800"}, "priority"),
        ({"escalation": "yes"}, "escalation"),
        ({"escalation": 1}, "escalation"),
        ({"comment": "x" * (LONGEST_COMMENT + 1)}, "comment"),
        ({"comment": 5}, "comment"),
        ({"at": LATE}, "at"),
        ({"at": LATEST}, "at"),
        ({"at": datetime(2026, 11, 2)}, "at"),  # noqa: DTZ001 - a time without a zone is what is refused
        ({"at": "2026-11-02T12:00:00Z"}, "at"),
    ],
)
def test_a_verdict_that_makes_no_sense_is_refused_and_its_field_named(said: dict[str, Any], field: str) -> None:
    with pytest.raises(FeedbackError) as caught:
        check_verdict(verdict(**said), NOON)
    assert caught.value.field == field
    assert caught.value.expected in str(caught.value)
    assert isinstance(caught.value, UserError)


@pytest.mark.parametrize(
    "said",
    [
        {"queue": "Billing", "resolution": "x" * LONGEST_RESOLUTION},
        {"reassignment_count": 0, "reopen_count": MOST_TIMES, "satisfaction": -3},
        {"escalated": True, "sla_breached": False, "satisfaction": 4.5, "resolver": "bob", "priority": "P1"},
        {"first_response_at": EARLIEST, "resolved_at": NOON + MOST_AHEAD},
        dict.fromkeys(OUTCOME_FIELDS),
    ],
)
def test_a_report_that_says_something_is_taken(said: dict[str, Any]) -> None:
    check_report(report(**said), NOON)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, ""),
        ({"events": ()}, "events"),
        ({"mood": None}, "mood"),
        ({"queue": ""}, "queue"),
        ({"priority": 2}, "priority"),
        ({"escalated": "true"}, "escalated"),
        ({"sla_breached": 0}, "sla_breached"),
        ({"first_response_at": LATE}, "first_response_at"),
        ({"resolved_at": LATE}, "resolved_at"),
        ({"resolved_at": datetime(2026, 11, 2)}, "resolved_at"),  # noqa: DTZ001 - likewise
        ({"reassignment_count": -1}, "reassignment_count"),
        ({"reassignment_count": 1.0}, "reassignment_count"),
        ({"reopen_count": MOST_TIMES + 1}, "reopen_count"),
        ({"reopen_count": True}, "reopen_count"),
        ({"satisfaction": float("nan")}, "satisfaction"),
        ({"satisfaction": float("inf")}, "satisfaction"),
        ({"satisfaction": 10**400}, "satisfaction"),
        ({"satisfaction": True}, "satisfaction"),
        ({"resolver": " "}, "resolver"),
        ({"resolution": "x" * (LONGEST_RESOLUTION + 1)}, "resolution"),
        ({"resolution": "a\0b"}, "resolution"),
    ],
)
def test_a_report_that_makes_no_sense_is_refused_and_its_field_named(said: dict[str, Any], field: str) -> None:
    with pytest.raises(FeedbackError) as caught:
        check_report(report(**said), NOON)
    assert caught.value.field == field
    assert caught.value.expected in str(caught.value)


def test_a_report_has_a_ticket_and_a_time() -> None:
    for wrong, field in ((OutcomeReport("", NOON, {"queue": "Q"}), "ticket_id"), (OutcomeReport("1", LATE), "at")):
        with pytest.raises(FeedbackError) as caught:
            check_report(wrong, NOON)
        assert caught.value.field == field


def test_a_refusal_never_repeats_what_may_be_a_tickets_text() -> None:
    for said in ({"comment": SECRET + "\0"}, {"comment": SECRET * LONGEST_COMMENT}, {"comment": [SECRET]}):
        with pytest.raises(FeedbackError) as caught:
            check_verdict(verdict(**said), NOON)
        assert SECRET not in str(caught.value)
    with pytest.raises(FeedbackError, match="must be a text of at most 10000 characters, not one of 10001; cut it"):
        check_verdict(verdict(comment="x" * 10_001), NOON)
