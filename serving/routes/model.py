"""`GET /v1/model`."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.operation import ANY_KEY, Operation, Schema
from serving.replying import json_response
from serving.standing import model_json
from serving.triage import Desk

__all__ = ["OPERATIONS", "SCHEMAS"]


async def answer_model(desk: Desk, _: Request) -> Response:
    """`GET /v1/model`."""
    return json_response(model_json(desk.watch, desk.journaling, desk.shadow))


OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        "GET",
        "/v1/model",
        answer_model,
        "The version that answers",
        "The champion, what it can answer, and, where a promoted version could not be used, why.",
        scopes=ANY_KEY,
        gives="Model",
    ),
)
SCHEMAS: Final[dict[str, Schema]] = {}
