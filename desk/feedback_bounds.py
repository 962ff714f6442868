"""What a verdict and a report of an outcome may hold; whatever else came is refused with the name of its field.

The time is an argument. Knows neither which predictions and tickets there are nor who may speak.
"""

import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from desk.errors import FeedbackError
from desk.feedback import OUTCOME_FIELDS, OutcomeReport, Verdict

__all__ = [
    "LONGEST_COMMENT",
    "LONGEST_NAME",
    "LONGEST_RESOLUTION",
    "MOST_AHEAD",
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

MOST_AHEAD: Final = timedelta(minutes=5)
"""How far a time may lie ahead of this machine's clock, as clocks differ."""


def check_verdict(verdict: Verdict, now: datetime) -> None:
    """See that a verdict makes sense at `now`. Raises `FeedbackError`."""
    _name("prediction_id", verdict.prediction_id)
    _name("who", verdict.who)
    _time("at", verdict.at, now)
    if verdict.queue is not None:
        _name("queue", verdict.queue)
    if verdict.priority is not None:
        _name("priority", verdict.priority)
    _known("escalation", _yes_no, verdict.escalation, now)
    if verdict.comment is not None:
        _text("comment", verdict.comment, LONGEST_COMMENT)
    if (verdict.queue, verdict.priority, verdict.escalation) == (None, None, None) and not (
        verdict.comment or ""
    ).strip():
        _refuse("", "must say something of queue, priority or escalation, or hold a comment", verdict.comment)


def check_report(report: OutcomeReport, now: datetime) -> None:
    """See that a report makes sense at `now`. Raises `FeedbackError`."""
    _name("ticket_id", report.ticket_id)
    _time("at", report.at, now)
    if not report.said:
        _refuse("", f"must say one of {', '.join(OUTCOME_FIELDS)} at least", dict(report.said))
    for name, value in report.said.items():
        if name not in _CHECKS:
            _refuse(name, f"is no part of an outcome; there are {', '.join(OUTCOME_FIELDS)}", value)
        _known(name, _CHECKS[name], value, now)


def _known(name: str, check: Callable[[str, Any, datetime], None], value: Any, now: datetime) -> None:
    if value is not None:
        check(name, value, now)


def _name(field: str, value: Any, now: datetime | None = None) -> None:
    _text(field, value, LONGEST_NAME)
    if not value.strip():
        _refuse(field, f"must be a text of 1 to {LONGEST_NAME} characters", value)


def _resolution(field: str, value: Any, now: datetime) -> None:
    _text(field, value, LONGEST_RESOLUTION)


def _text(field: str, value: Any, longest: int) -> None:
    # JSON can spell the two that are excluded; no database column takes them.
    expected = f"must be a text of at most {longest} characters, without NUL and halves of surrogate pairs"
    if not isinstance(value, str):
        _refuse(field, expected, value)
    if len(value) > longest:
        raise FeedbackError(f"{field!r} {expected}; it has {len(value)}: cut it.", field=field, expected=expected)
    if "\0" in value or any("\ud800" <= one <= "\udfff" for one in value):
        _refuse(field, expected, value)


def _time(field: str, value: Any, now: datetime) -> None:
    if not isinstance(value, datetime) or value.utcoffset() is None:
        _refuse(field, "must be a time with a zone", value)
    if value - MOST_AHEAD > now:
        _refuse(field, f"must not lie ahead of the clock, which says {now.isoformat()}", value.isoformat())


def _yes_no(field: str, value: Any, now: datetime) -> None:
    if not isinstance(value, bool):
        _refuse(field, "must be true or false", value)


def _count(field: str, value: Any, now: datetime) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_TIMES:
        _refuse(field, f"must be a whole number from 0 to {MOST_TIMES}", value)


def _number(field: str, value: Any, now: datetime) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not -math.inf < value < math.inf:
        _refuse(field, "must be a finite number", value)


def _refuse(field: str, expected: str, came: object) -> None:
    what = repr(field) if field else "It"
    raise FeedbackError(f"{what} {expected}, not {came!r}.", field=field, expected=expected)


_CHECKS: Final[Mapping[str, Callable[[str, Any, datetime], None]]] = {
    "queue": _name,
    "priority": _name,
    "escalated": _yes_no,
    "sla_breached": _yes_no,
    "first_response_at": _time,
    "resolved_at": _time,
    "reassignment_count": _count,
    "reopen_count": _count,
    "satisfaction": _number,
    "resolver": _name,
    "resolution": _resolution,
}
