"""What a verdict and a report of an outcome may hold; whatever else came is refused with the name of its field.

The time is an argument. Knows neither which predictions and tickets there are nor who may speak.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn

from desk.errors import FeedbackError
from desk.feedback import OUTCOME_FIELDS, OutcomeReport, Verdict

__all__ = [
    "LONGEST_COMMENT",
    "LONGEST_NAME",
    "LONGEST_RESOLUTION",
    "MOST_AHEAD",
    "MOST_SATISFACTION",
    "MOST_TIMES",
    "check_report",
    "check_verdict",
]

LONGEST_NAME: Final = 256
"""Characters of an id, a person, a queue or a priority."""

LONGEST_COMMENT: Final = 10_000
LONGEST_RESOLUTION: Final = 100_000

MOST_TIMES: Final = 10_000
"""Reassignments, and reopenings, of one ticket."""

MOST_SATISFACTION: Final = 1_000_000
"""Either side of nought, in the desk's own scale."""

MOST_AHEAD: Final = timedelta(minutes=5)
"""How far a time may lie ahead of this machine's clock, as clocks differ."""


def check_verdict(verdict: Verdict, now: datetime) -> None:
    """See that a verdict makes sense at `now`. Raises `FeedbackError`."""
    _name("prediction_id", verdict.prediction_id)
    _name("who", verdict.who)
    _time("at", verdict.at, now)
    for name, check in _VERDICT.items():
        if getattr(verdict, name) is not None:
            check(name, getattr(verdict, name))
    says_nothing = (verdict.queue, verdict.priority, verdict.escalation) == (None, None, None)
    if says_nothing and not (verdict.comment or "").strip():
        expected = "must say something of queue, priority or escalation, or comment on the answer"
        raise FeedbackError(f"A verdict {expected}.", expected=expected)


def check_report(report: OutcomeReport, now: datetime) -> None:
    """See that a report makes sense at `now`. Raises `FeedbackError`."""
    _name("ticket_id", report.ticket_id)
    _time("at", report.at, now)
    if not report.said:
        expected = f"must say one of {', '.join(OUTCOME_FIELDS)} at least"
        raise FeedbackError(f"A report of an outcome {expected}.", expected=expected)
    for name, value in report.said.items():
        if name not in OUTCOME_FIELDS:
            expected = f"is no part of an outcome, which has {', '.join(OUTCOME_FIELDS)}"
            raise FeedbackError(f"{name!r} {expected}; take it out.", field=name, expected=expected)
        if value is not None and name in _TIMES:
            _time(name, value, now)
        elif value is not None:
            _OUTCOME[name](name, value)


def _name(field: str, value: Any) -> None:
    _text(field, value, LONGEST_NAME)
    if not value.strip():
        _refuse(field, f"must be a text of 1 to {LONGEST_NAME} characters", repr(value))


def _comment(field: str, value: Any) -> None:
    _text(field, value, LONGEST_COMMENT)


def _resolution(field: str, value: Any) -> None:
    _text(field, value, LONGEST_RESOLUTION)


def _text(field: str, value: Any, longest: int) -> None:
    # What came is told by its kind alone: it may be a ticket's text.
    expected = f"must be a text of at most {longest} characters"
    if not isinstance(value, str):
        _refuse(field, expected, type(value).__name__)
    if len(value) > longest:
        _refuse(field, expected, f"one of {len(value)}; cut it")
    # JSON can spell both; no database column and no JSON writer takes them.
    if "\0" in value or any("\ud800" <= one <= "\udfff" for one in value):
        _refuse(field, "must hold neither the NUL character nor half of a surrogate pair", "as it is; take it out")


def _time(field: str, value: Any, now: datetime) -> None:
    if not isinstance(value, datetime) or value.utcoffset() is None:
        _refuse(field, "must be a time with a zone", repr(value))
    if value > now + MOST_AHEAD:
        _refuse(field, f"must not lie ahead of the clock, which says {now.isoformat()}", value.isoformat())


def _yes_no(field: str, value: Any) -> None:
    if not isinstance(value, bool):
        _refuse(field, "must be true or false", repr(value))


def _count(field: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_TIMES:
        _refuse(field, f"must be a whole number from 0 to {MOST_TIMES}", repr(value))


def _number(field: str, value: Any) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (is_number and -MOST_SATISFACTION <= value <= MOST_SATISFACTION):
        _refuse(field, f"must be a number from -{MOST_SATISFACTION} to {MOST_SATISFACTION}", repr(value))


def _refuse(field: str, expected: str, came: str) -> NoReturn:
    raise FeedbackError(f"{field!r} {expected}, not {came}.", field=field, expected=expected)


_VERDICT: Final[Mapping[str, Callable[[str, Any], None]]] = {
    "queue": _name,
    "priority": _name,
    "escalation": _yes_no,
    "comment": _comment,
}
_TIMES: Final = ("first_response_at", "resolved_at")
_OUTCOME: Final[Mapping[str, Callable[[str, Any], None]]] = {
    "queue": _name,
    "priority": _name,
    "escalated": _yes_no,
    "sla_breached": _yes_no,
    "reassignment_count": _count,
    "reopen_count": _count,
    "satisfaction": _number,
    "resolver": _name,
    "resolution": _resolution,
}
