"""`GET /livez`, `/healthz` and `/readyz`."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.operation import Operation, Schema
from serving.problems import ProblemError
from serving.replying import json_response
from serving.standing import reason_not_ready
from serving.triage import Desk

__all__ = ["OPERATIONS", "SCHEMAS"]


async def answer_alive(_: Desk, __: Request) -> Response:
    """`GET /livez` and `GET /healthz`."""
    return json_response({"status": "alive"})


async def answer_ready(desk: Desk, _: Request) -> Response:
    """`GET /readyz`."""
    reason = reason_not_ready(desk.watch)
    if reason is not None:
        raise ProblemError(503, "unavailable", reason, headers={"Retry-After": "2"})
    return json_response({"status": "ready"})


OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        "GET",
        "/livez",
        answer_alive,
        "Is the process alive?",
        "Answers 200 as long as the process can answer at all.",
        gives="Health",
    ),
    Operation(
        "GET",
        "/readyz",
        answer_ready,
        "Does a version answer?",
        "Answers 503 with the reason until a version of the default tenant has been loaded.",
        gives="Health",
        problems={503: "No version answers yet; `detail` says why."},
    ),
    Operation(
        "GET",
        "/healthz",
        answer_alive,
        "The same as /livez",
        "For those who look here.",
        gives="Health",
    ),
)
SCHEMAS: Final[dict[str, Schema]] = {}
