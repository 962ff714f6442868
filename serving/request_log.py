"""The app's outermost layer: a request id in and out, one log line a request, an answer for what nobody foresaw.

The line holds method, route template, status, milliseconds, request id, and of whoever asks tenant and key: never a
path as it came, a query or a body. Each request is counted, and none takes longer than `SECONDS_FOR_AN_ANSWER`.
"""

import asyncio
import logging
import os
import re
from time import perf_counter
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.doors import CALLER, Caller
from serving.metrics import Metrics
from serving.problems import ProblemError, problem_response

__all__ = ["BEGAN", "HEADER", "REQUEST_ID", "RequestLog", "request_id_in"]

BEGAN: Final = "pointsman.began"
"""Where the scope keeps when a request was let in, in the seconds of `perf_counter`, where that was known."""

REQUEST_ID: Final = "request_id"
"""Where the scope keeps the request's id."""

HEADER: Final = b"x-request-id"
SECONDS_FOR_AN_ANSWER: Final = 18.0
"""Below BentoML's own limit (`serving.service`), which would answer in another shape."""

ACCEPTABLE = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
CLIENT_GONE: Final = 499
"""As nginx logs a request whose caller went away before the answer."""

log = logging.getLogger("pointsman.request")


class RequestLog:
    """ASGI middleware. A caller's `X-Request-Id` is kept where it is 1 to 128 plain characters."""

    def __init__(self, app: ASGIApp, metrics: Metrics, seconds: float = SECONDS_FOR_AN_ANSWER) -> None:
        self.app, self._metrics, self._seconds = app, metrics, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = scope.get(BEGAN) or perf_counter()
        request_id = request_id_in(scope)
        scope[REQUEST_ID] = request_id.decode()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (HEADER, request_id)]
            await send(message)

        try:
            async with asyncio.timeout(self._seconds) as limit:
                await self.app(scope, receive, send_with_id)
        except ClientDisconnect:
            # Nobody reads it, but BentoML's timeout around us waits until something is sent.
            await Response(status_code=CLIENT_GONE)(scope, receive, send_with_id)
        except Exception as error:
            problem = self._problem(error, scope, is_overdue=limit.expired())
            if status == 0:
                await problem_response(problem)(scope, receive, send_with_id)
        finally:
            seconds = perf_counter() - started
            self._metrics.count_request(_route(scope), scope["method"], status, seconds)
            _write(scope, status, seconds)

    def _problem(self, error: Exception, scope: Scope, *, is_overdue: bool) -> ProblemError:
        if is_overdue and isinstance(error, TimeoutError):
            self._metrics.count("rejected_total", "deadline")
            detail = f"There was no answer within {self._seconds:g} seconds; try again."
            return ProblemError(503, "unavailable", detail, headers={"Retry-After": "5"})
        fields = {"error": type(error).__name__, "request_id": scope[REQUEST_ID]}
        log.error("request_failed", exc_info=True, extra={"fields": fields})
        return ProblemError(500, "internal", "Something here failed; the log has it under this request's id.")


def request_id_in(scope: Scope) -> bytes:
    """The request's id: the caller's own where it can be used, else a new one."""
    for name, value in scope["headers"]:
        if name == HEADER and ACCEPTABLE.fullmatch(value):
            return bytes(value)
    return os.urandom(8).hex().encode()


def _route(scope: Scope) -> str | None:
    return getattr(scope.get("route"), "path", None)


def _write(scope: Scope, status: int, seconds: float) -> None:
    caller: Caller | None = scope.get(CALLER)
    fields = {
        "method": scope["method"] if scope["method"].isalpha() and len(scope["method"]) < 16 else "other",
        "route": _route(scope),
        "status": status,
        "ms": round(seconds * 1000, 3),
        "request_id": scope[REQUEST_ID],
    }
    if caller is not None:
        fields["tenant"] = caller.tenant
        if caller.key_id is not None:
            fields["key"] = caller.key_id
    log.info("request", extra={"fields": fields})
