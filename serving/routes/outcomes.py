"""`POST /v1/outcomes`: what became of tickets."""

import asyncio
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from desk.errors import FeedbackError
from desk.feedback_bounds import check_report
from journal.outcomes import GivenReport, record
from journal.statements import check_age
from serving.operation import BODY_PROBLEMS, FEEDBACK, UNREAD, Operation, Schema
from serving.outcome_body import MOST_OUTCOMES, OutcomeBody, OutcomesBody, report_of
from serving.problems import FieldError
from serving.receiving import LARGEST_BATCH, receive_json
from serving.replying import asked_of_journal, caller_of, json_response
from serving.triage import Desk
from serving.validation import checked_body, fields_problem

__all__ = ["OPERATIONS", "SCHEMAS"]

LARGEST_INLINE: Final = 16_000
"""Bytes of a body that is read on the loop: under a millisecond of work."""


async def answer_outcomes(desk: Desk, request: Request) -> Response:
    """`POST /v1/outcomes`."""
    raw, now = await receive_json(request, LARGEST_BATCH), desk.now()
    if len(raw) > LARGEST_INLINE:
        given = await asyncio.get_running_loop().run_in_executor(desk.aside, _given, raw, now)
    else:
        given = _given(raw, now)
    via = caller_of(request).who
    new = await asked_of_journal(
        record, desk.journaling.engine, given, via=via, received_at=now, tenant=desk.journaling.tenant
    )
    desk.metrics.count_outcomes(new, len(given) - new)
    return json_response({"new": new, "known": len(given) - new})


def _given(raw: bytes, now: datetime) -> list[GivenReport]:
    """The reports of a body; raises `ProblemError` 400 with the paths of the fields that are wrong."""
    bodies = checked_body(OutcomesBody, raw).by_path()
    given = [GivenReport(report_of(body, now), body.at is not None) for _, body in bodies]
    troubles = [_trouble(path, one, now) for (path, _), one in zip(bodies, given, strict=True)]
    if found := [one for one in troubles if one is not None]:
        raise fields_problem(found)
    return given


def _trouble(path: str, given: GivenReport, now: datetime) -> FieldError | None:
    """What of a report makes no sense, at its path in the body."""
    try:
        check_report(given.report, now)
        check_age(given.report.at)
    except FeedbackError as error:
        return FieldError(f"{path}.{error.field}" if error.field else path, error.expected)
    return None


OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        "POST",
        "/v1/outcomes",
        answer_outcomes,
        "Report what became of tickets",
        "Keeps what the desk's system knows of a ticket's outcome at one moment: one report, or up to 1,000, taken "
        "whole or not at all. What a later report does not say stays as an earlier one said it, by `at`, in whatever "
        "order they come; null takes it back. The same once more is no second report: the answer counts how many were "
        "new. Tickets need not have been scored here. At most 16 MB.",
        scopes=(FEEDBACK,),
        gives="KeptOutcomes",
        takes="Outcomes",
        problems={**BODY_PROBLEMS, **UNREAD},
        writes="database",
        largest=LARGEST_BATCH,
    ),
)

_EXAMPLE: Final[Schema] = {
    "ticket_id": "4312",
    "at": "2026-11-22T16:40:00Z",
    "queue": "Billing",
    "priority": "P2",
    "escalated": False,
    "sla_breached": False,
    "first_response_at": "2026-11-21T10:30:00Z",
    "resolved_at": "2026-11-22T16:40:00Z",
    "reassignment_count": 1,
    "reopen_count": 0,
    "satisfaction": 4.5,
    "resolver": "ann.weber",
    "resolution": "Refunded the second payment.",
}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_OUTCOME: Final[Schema] = {"$ref": "#/components/schemas/Outcome"}


def _object(properties: Schema, **more: Any) -> Schema:
    required = list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False, **more}


SCHEMAS: Final[dict[str, Schema]] = {
    "Outcome": {**OutcomeBody.model_json_schema(), "title": "Outcome", "examples": [_EXAMPLE]},
    "Outcomes": {
        "oneOf": [
            _object({"outcome": _OUTCOME}),
            _object({"outcomes": {"type": "array", "items": _OUTCOME, "minItems": 1, "maxItems": MOST_OUTCOMES}}),
        ],
        "examples": [{"outcome": _EXAMPLE}, {"outcomes": [_EXAMPLE, {"ticket_id": 4313, "reopen_count": 1}]}],
    },
    "KeptOutcomes": _object(
        {
            "new": {**_COUNT, "description": "reports that were not known"},
            "known": {**_COUNT, "description": "reports that had come before"},
        },
        examples=[{"new": 1, "known": 0}],
    ),
}
