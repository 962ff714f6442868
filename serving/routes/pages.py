"""`GET /docs`, `/openapi.json` and `/`."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.operation import Operation, Schema
from serving.replying import json_response
from serving.triage import Desk

__all__ = ["OPERATIONS", "SCHEMAS"]


async def answer_document(_: Desk, request: Request) -> Response:
    """`GET /openapi.json`."""
    return json_response(request.app.state.document)


async def answer_docs(_: Desk, request: Request) -> Response:
    """`GET /docs`."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"}
    return Response(request.app.state.page, media_type="text/html", headers=headers)


async def answer_root(_: Desk, __: Request) -> Response:
    """`GET /`."""
    return Response(status_code=307, headers={"Location": "docs"})


OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation("GET", "/openapi.json", answer_document, "This API as OpenAPI 3.1", "The document that /docs shows."),
    Operation(
        "GET",
        "/docs",
        answer_docs,
        "This API, to read",
        "One page that loads nothing from elsewhere.",
        media_type="text/html",
    ),
    Operation(
        "GET",
        "/",
        answer_root,
        "Leads to /docs",
        "For people who open the address.",
        status=307,
        media_type="",
        answer_headers={"Location": {"type": "string", "format": "uri-reference", "description": "the page"}},
    ),
)
SCHEMAS: Final[dict[str, Schema]] = {}
