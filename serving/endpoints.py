"""What answers each route: takes a request apart, asks the desk, puts the answer into JSON.

Knows neither routes' paths nor how tickets are scored.
"""

import asyncio
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from desk.errors import JournalError
from desk.prediction import Extras
from desk.ticket import Ticket
from serving.problems import ProblemError
from serving.receiving import LARGEST_BATCH, LARGEST_SINGLE, receive_json
from serving.standing import model_json, reason_not_ready
from serving.triage import Desk, triage, triage_many
from serving.validation import batch_of, tickets_of, triage_of

__all__ = [
    "answer_alive",
    "answer_batch",
    "answer_docs",
    "answer_document",
    "answer_model",
    "answer_prediction",
    "answer_ready",
    "answer_root",
    "answer_triage",
]

LARGEST_INLINE = 64_000
"""Bytes of a body that is read and scored on the loop: about a millisecond of work, less than a thread's hand-over."""


async def answer_triage(desk: Desk, request: Request) -> Response:
    """`POST /v1/triage`."""
    raw = await receive_json(request, LARGEST_SINGLE)
    if len(raw) > LARGEST_INLINE:
        asked = await asyncio.get_running_loop().run_in_executor(desk.aside, triage_of, raw)
        return _json((await triage_many(desk, [asked.ticket], asked.extras))[0])
    asked = triage_of(raw)
    return _json(await triage(desk, asked.ticket, asked.extras))


async def answer_batch(desk: Desk, request: Request) -> Response:
    """`POST /v1/triage/batch`."""
    raw = await receive_json(request, LARGEST_BATCH)
    tickets, extras = await asyncio.get_running_loop().run_in_executor(desk.aside, _batch, raw)
    return _json({"answers": await triage_many(desk, tickets, extras)})


async def answer_prediction(desk: Desk, request: Request) -> Response:
    """`GET /v1/predictions/{prediction_id}`."""
    try:
        found = await asyncio.to_thread(desk.journaling.look_up, request.path_params["prediction_id"])
    except JournalError:
        detail = "The journal cannot be read now; try again."
        raise ProblemError(503, "unavailable", detail, headers={"Retry-After": "5"}) from None
    if found is None:
        raise ProblemError(404, "not-found", "There is no prediction of this id.")
    return _json(
        {
            "prediction_id": found.prediction_id,
            "at": found.at,
            "version": found.version,
            "latency_ms": found.latency_ms,
            "ticket": found.ticket,
            "answer": found.answer,
        }
    )


async def answer_model(desk: Desk, _: Request) -> Response:
    """`GET /v1/model`."""
    return _json(model_json(desk.watch, desk.journaling))


async def answer_alive(_: Desk, __: Request) -> Response:
    """`GET /livez` and `GET /healthz`."""
    return _json({"status": "alive"})


async def answer_ready(desk: Desk, _: Request) -> Response:
    """`GET /readyz`."""
    reason = reason_not_ready(desk.watch)
    if reason is not None:
        raise ProblemError(503, "unavailable", reason, headers={"Retry-After": "2"})
    return _json({"status": "ready"})


async def answer_document(_: Desk, request: Request) -> Response:
    """`GET /openapi.json`."""
    return _json(request.app.state.document)


async def answer_docs(_: Desk, request: Request) -> Response:
    """`GET /docs`."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"}
    return Response(request.app.state.page, media_type="text/html", headers=headers)


async def answer_root(_: Desk, __: Request) -> Response:
    """`GET /`."""
    return Response(status_code=307, headers={"Location": "docs"})


def _batch(raw: bytes) -> tuple[list[Ticket], Extras]:
    values, extras = batch_of(raw)
    return tickets_of(values), extras


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")
