"""`GET /v1/predictions/{prediction_id}`."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.operation import ANY_KEY, UNREAD, Operation, Schema
from serving.problems import ProblemError
from serving.replying import asked_of_journal, json_response
from serving.triage import Desk

__all__ = ["OPERATIONS", "SCHEMAS"]


async def answer_prediction(desk: Desk, request: Request) -> Response:
    """`GET /v1/predictions/{prediction_id}`."""
    found = await asked_of_journal(desk.journaling.look_up, request.path_params["prediction_id"])
    if found is None:
        raise ProblemError(404, "not-found", "There is no prediction of this id.")
    return json_response(
        {
            "prediction_id": found.prediction_id,
            "at": found.at,
            "version": found.version,
            "latency_ms": found.latency_ms,
            "request_id": found.request_id,
            "ticket": found.ticket,
            "answer": found.answer,
        }
    )


OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        "GET",
        "/v1/predictions/{prediction_id}",
        answer_prediction,
        "One prediction, as it was answered",
        "The ticket as it was scored, the answer, the version, when, and how long scoring took.",
        scopes=ANY_KEY,
        gives="RecordedPrediction",
        problems={404: "There is no prediction of this id.", **UNREAD},
        parameters={"prediction_id": "the `prediction_id` of an answer"},
    ),
)
SCHEMAS: Final[dict[str, Schema]] = {}
