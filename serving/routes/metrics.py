"""`GET /metrics`."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.operation import Operation, Schema
from serving.triage import Desk

__all__ = ["OPERATIONS", "SCHEMAS"]

TEXT_FORMAT: Final = "text/plain; version=0.0.4; charset=utf-8"


async def answer_metrics(desk: Desk, _: Request) -> Response:
    """`GET /metrics`."""
    return Response(desk.metrics.text(), media_type=TEXT_FORMAT)


OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        "GET",
        "/metrics",
        answer_metrics,
        "What the service counts, for Prometheus",
        "Of all processes on this port, since the service was started; levels are at most a second old. No key is "
        "asked for, as with the probes: nothing here names a customer, a queue or a tenant.",
        media_type="text/plain",
    ),
)
SCHEMAS: Final[dict[str, Schema]] = {}
