"""The app's outermost layer: a request id in and out, one log line a request, an answer for what nobody foresaw.

The line holds method, route template, status, milliseconds and request id: never a path as it came, a query or a body.
"""

import logging
import os
import re
from time import perf_counter
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.problems import ProblemError, problem_response

__all__ = ["REQUEST_ID", "RequestLog"]

REQUEST_ID: Final = "request_id"
"""Where the scope keeps the request's id."""

HEADER: Final = b"x-request-id"
ACCEPTABLE = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
CLIENT_GONE: Final = 499
"""As nginx logs a request whose caller went away before the answer."""

log = logging.getLogger("pointsman.request")


class RequestLog:
    """ASGI middleware. A caller's `X-Request-Id` is kept where it is 1 to 128 plain characters."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = perf_counter()
        request_id = _request_id(scope)
        scope[REQUEST_ID] = request_id.decode()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (HEADER, request_id)]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except ClientDisconnect:
            # Nobody reads it, but BentoML's timeout around us waits until something is sent.
            await Response(status_code=CLIENT_GONE)(scope, receive, send_with_id)
        except Exception as error:
            fields = {"error": type(error).__name__, "request_id": scope[REQUEST_ID]}
            log.error("request_failed", exc_info=True, extra={"fields": fields})
            if status == 0:
                detail = "Something here failed; the log has it under this request's id."
                await problem_response(ProblemError(500, "internal", detail))(scope, receive, send_with_id)
        finally:
            _write(scope, status, perf_counter() - started)


def _request_id(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == HEADER and ACCEPTABLE.fullmatch(value):
            return bytes(value)
    return os.urandom(8).hex().encode()


def _write(scope: Scope, status: int, seconds: float) -> None:
    route = scope.get("route")
    fields = {
        "method": scope["method"] if scope["method"].isalpha() and len(scope["method"]) < 16 else "other",
        "route": getattr(route, "path", None),
        "status": status,
        "ms": round(seconds * 1000, 3),
        "request_id": scope[REQUEST_ID],
    }
    log.info("request", extra={"fields": fields})
