"""What the routes share: answers in JSON, who asked, and calls of the journal that may wait. Knows no route."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

import orjson
from starlette.requests import Request
from starlette.responses import Response

from desk.errors import JournalUnavailableError
from serving.doors import CALLER, Caller
from serving.problems import ProblemError
from serving.request_log import REQUEST_ID

__all__ = ["REPEAT", "asked_of_journal", "caller_of", "json_response", "repeat_of", "request_id_of"]

REPEAT: Final = "pointsman.repeat"
"""Where the scope keeps under which name a request may be repeated."""

Given = ParamSpec("Given")
Found = TypeVar("Found")

ASKING: Final = ThreadPoolExecutor(8, thread_name_prefix="asks-journal")
"""Threads of their own: where the database hangs they do too, and nothing that a ticket needs may wait behind them."""

SECONDS_TO_ASK: Final = 10.0
"""Below BentoML's own limit (`serving.service`), which would answer in another shape."""


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """The value in JSON; times become RFC 3339."""
    return Response(orjson.dumps(value), status, headers, media_type="application/json")


def caller_of(request: Request) -> Caller:
    """Who asks: the doors let nobody through unnamed."""
    caller: Caller = request.scope[CALLER]
    return caller


def request_id_of(request: Request) -> str | None:
    """The request's id, as the log names it."""
    found: str | None = request.scope.get(REQUEST_ID)
    return found


def repeat_of(request: Request, *, is_batch: bool = False) -> dict[str, Any] | None:
    """Under which name the journal's row may be asked for again, as `RecordedPrediction.repeat` has it."""
    found: dict[str, Any] | None = request.scope.get(REPEAT)
    return found if found is None or not is_batch else {**found, "batch": True}


async def asked_of_journal(call: Callable[Given, Found], *given: Given.args, **named: Given.kwargs) -> Found:
    """What `call` returns, asked on a thread of its own: it waits for the database.

    Raises `ProblemError` 503 where the journal does not answer, or not in time, and whatever else `call` raises.
    """
    asked = asyncio.get_running_loop().run_in_executor(ASKING, partial(call, *given, **named))
    try:
        return await asyncio.wait_for(asked, SECONDS_TO_ASK)
    except (JournalUnavailableError, TimeoutError):
        detail = "The journal cannot be reached now; try again."
        raise ProblemError(503, "unavailable", detail, headers={"Retry-After": "5"}) from None
