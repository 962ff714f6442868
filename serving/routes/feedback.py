"""`POST /v1/feedback`: what a person says of an answer."""

import logging
from datetime import datetime
from functools import partial
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from desk.errors import FeedbackError, SettingError
from desk.feedback import Verdict
from desk.feedback_bounds import check_verdict
from desk.votes import person_of
from journal.secret import installation_secret
from journal.statements import check_age
from journal.verdicts import GivenVerdict, KeptVerdict, RecordedVerdict, record
from serving.doors import Caller
from serving.feedback_body import FeedbackBody, verdict_of
from serving.operation import ADMIN, BODY_PROBLEMS, FEEDBACK, UNREAD, Operation, Schema
from serving.problems import FieldError, ProblemError
from serving.receiving import LARGEST_SINGLE, receive_json
from serving.replying import asked_of_journal, caller_of, json_response
from serving.triage import Desk
from serving.validation import checked_body, fields_problem

__all__ = ["OPERATIONS", "SCHEMAS", "verdict_json"]

log = logging.getLogger("pointsman.feedback")


async def answer_feedback(desk: Desk, request: Request) -> Response:
    """`POST /v1/feedback`."""
    body = checked_body(FeedbackBody, await receive_json(request, LARGEST_SINGLE))
    caller, now = caller_of(request), desk.now()
    _check_may_speak(caller, body.who)
    if body.is_final:
        _check_may_settle(caller)
    verdict = verdict_of(body, now)
    try:
        check_verdict(verdict, now)
        check_age(verdict.at)
    except FeedbackError as error:
        raise fields_problem([FieldError(error.field or "body", error.expected)]) from None
    try:
        found = await asked_of_journal(_recorded, desk, verdict, body.at is not None, caller.who, now)
    except SettingError:
        log.exception("no_secret")
        detail = "The service has no secret; the log says why."
        raise ProblemError(503, "unavailable", detail, headers={"Retry-After": "5"}) from None
    if found is None:
        raise ProblemError(404, "not-found", "There is no prediction of this id.")
    kept, answer = found
    if kept.is_new:
        desk.metrics.count_verdict(verdict, answer)
    told = {"verdict_id": kept.verdict_id, "prediction_id": verdict.prediction_id, "at": kept.at}
    return json_response(told, 201 if kept.is_new else 200)


def verdict_json(one: RecordedVerdict) -> dict[str, Any]:
    """A verdict as `GET /v1/predictions/{prediction_id}` shows it."""
    verdict = one.verdict
    return {
        "verdict_id": one.verdict_id,
        "who": verdict.who,
        "at": verdict.at,
        "received_at": one.received_at,
        "via": one.via,
        "queue": verdict.queue,
        "priority": verdict.priority,
        "escalation": verdict.escalation,
        "comment": verdict.comment,
        "saw_suggestion": verdict.saw_suggestion,
        "is_final": verdict.is_final,
        "withdraws": verdict.withdraws,
    }


def _check_may_speak(caller: Caller, who: str) -> None:
    if caller.person is not None and person_of(who) != person_of(caller.person):
        raise ProblemError(403, "forbidden", f"This key speaks as {caller.person}; others need keys of their own.")


def _check_may_settle(caller: Caller) -> None:
    # Where keys are off, whoever is let in may do anything.
    if caller.key_id is not None and ADMIN not in caller.scopes:
        raise ProblemError(403, "forbidden", "A final verdict takes a key with the scope `admin` besides `feedback`.")


def _recorded(
    desk: Desk, verdict: Verdict, has_time: bool, via: str, now: datetime
) -> tuple[KeptVerdict, dict[str, Any]] | None:
    """How the verdict was kept, and the answer that it is of; None where the tenant has no such prediction any more."""
    prediction = desk.journaling.look_up(verdict.prediction_id)
    if prediction is None:
        return None
    (kept,) = record(
        desk.journaling.engine,
        [GivenVerdict(verdict, prediction, has_time)],
        via=via,
        received_at=now,
        secret=partial(installation_secret, desk.environment),
        tenant=desk.journaling.tenant,
    )
    return None if kept is None else (kept, prediction.answer)


OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        "POST",
        "/v1/feedback",
        answer_feedback,
        "Say what is right",
        "Keeps what a person says of an answer: the right queue or priority, whether escalating the ticket is "
        "justified, a comment. Each is one person's verdict, and their last one counts, by `at`; the same once more is "
        "no second one (200). Where the journal does not answer nothing is kept and nothing acknowledged. A verdict "
        "that `is_final` takes a key with the scope `admin` besides.",
        scopes=(FEEDBACK,),
        gives="KeptVerdict",
        takes="Feedback",
        status=201,
        again="The same was said before.",
        problems={**BODY_PROBLEMS, 404: "Your tenant has no prediction of this id.", **UNREAD},
        writes="database",
    ),
)

_TEXT: Final[Schema] = {"type": "string"}
_TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
_TIME: Final[Schema] = {"type": "string", "format": "date-time"}
_YES_NO: Final[Schema] = {"type": "boolean"}
_EXAMPLE_ID: Final = "019d0c6fa2c07d1f4b8e36a59c20e71b"
_EXAMPLE_VERDICT: Final = "5f0d7a1c39be48a2917f6c0e4d2b8a63"


def _object(properties: Schema, **more: Any) -> Schema:
    required = list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False, **more}


SCHEMAS: Final[dict[str, Schema]] = {
    "Feedback": {
        **FeedbackBody.model_json_schema(),
        "title": "Feedback",
        "examples": [
            {
                "prediction_id": _EXAMPLE_ID,
                "who": "ann.weber",
                "queue": "Orders",
                "priority": "P3",
                "escalation": False,
                "comment": "The second charge is the deposit.",
                "saw_suggestion": True,
                "at": "2026-11-21T10:30:00Z",
                "is_final": False,
            }
        ],
    },
    "KeptVerdict": _object(
        {
            "verdict_id": {**_TEXT, "description": "names what was said, the same whenever it is said again"},
            "prediction_id": _TEXT,
            "at": {**_TIME, "description": "when it was said"},
        },
        examples=[{"verdict_id": _EXAMPLE_VERDICT, "prediction_id": _EXAMPLE_ID, "at": "2026-11-21T10:30:00Z"}],
    ),
    "Verdict": _object(
        {
            "verdict_id": _TEXT,
            "who": _TEXT,
            "at": {**_TIME, "description": "when it was said"},
            "received_at": _TIME,
            "via": {**_TEXT, "description": "the key that brought it, or a file"},
            "queue": {**_TEXT_OR_NULL, "description": "the right one; null: nothing is said of it"},
            "priority": _TEXT_OR_NULL,
            "escalation": {"type": ["boolean", "null"], "description": "whether it is justified"},
            "comment": _TEXT_OR_NULL,
            "saw_suggestion": _YES_NO,
            "is_final": _YES_NO,
            "withdraws": {**_YES_NO, "description": "whether it takes back what its person said before"},
        },
        description="what one person says of an answer",
    ),
}
