"""`POST /v1/triage` and `POST /v1/triage/batch`."""

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from desk.prediction import Extras
from desk.ticket import Ticket
from serving.operation import BODY_PROBLEMS, PREDICT, Operation, Schema
from serving.receiving import LARGEST_BATCH, LARGEST_SINGLE, receive_json
from serving.replying import json_response, repeat_of, request_id_of
from serving.triage import Desk, Question, triage, triage_many
from serving.validation import batch_of, tickets_of, triage_of

__all__ = ["OPERATIONS", "SCHEMAS"]

LARGEST_INLINE: Final = 64_000
"""Bytes of a body that is read and scored on the loop: about a millisecond of work, less than a thread's hand-over."""


async def answer_triage(desk: Desk, request: Request) -> Response:
    """`POST /v1/triage`."""
    raw = await receive_json(request, LARGEST_SINGLE)
    if len(raw) > LARGEST_INLINE:
        asked = await asyncio.get_running_loop().run_in_executor(desk.aside, triage_of, raw)
        question = _question(asked.extras, request)
        return json_response((await triage_many(desk, [asked.ticket], question))[0])
    asked = triage_of(raw)
    return json_response(await triage(desk, asked.ticket, _question(asked.extras, request)))


async def answer_batch(desk: Desk, request: Request) -> Response:
    """`POST /v1/triage/batch`."""
    desk.backlog.check()
    raw = await receive_json(request, LARGEST_BATCH)
    tickets, extras = await asyncio.get_running_loop().run_in_executor(desk.aside, _batch, raw)
    question = _question(extras, request, is_batch=True)
    return json_response({"answers": await triage_many(desk, tickets, question)})


def _question(extras: Extras, request: Request, *, is_batch: bool = False) -> Question:
    return Question(extras, request_id_of(request), repeat_of(request, is_batch=is_batch))


def _batch(raw: bytes) -> tuple[list[Ticket], Extras]:
    values, extras = batch_of(raw)
    return tickets_of(values), extras


OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        "POST",
        "/v1/triage",
        answer_triage,
        "Triage one ticket",
        "Says which queue fits best, which priority the ticket deserves, how likely it is to escalate and to breach "
        "its SLA. Before any version exists, and where a version fails on the ticket, the desk's default queue is the "
        "answer and `decided_by` says so: a ticket is never held up. At most 1 MB.",
        scopes=(PREDICT,),
        gives="Answer",
        takes="Triage",
        problems=BODY_PROBLEMS,
        writes="log",
    ),
    Operation(
        "POST",
        "/v1/triage/batch",
        answer_batch,
        "Triage up to 1,000 tickets",
        "Answers in the order of the tickets, each as the single route would, all by one version. One ticket that "
        "cannot be used refuses the batch, and the error names its place. At most 16 MB.",
        scopes=(PREDICT,),
        gives="Answers",
        takes="Batch",
        problems=BODY_PROBLEMS,
        writes="log",
        largest=LARGEST_BATCH,
    ),
)
SCHEMAS: Final[dict[str, Schema]] = {}
