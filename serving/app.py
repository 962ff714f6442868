"""The one Starlette app that answers every request: its routes from the table of operations, its errors as problems.

The console's pages (`serving.console`) are beside them, and have errors of their own.
Each operation is behind the doors: whoever gets through brings a tenant along, whose desk is asked. Given a house the
app is complete; where the house comes from is `serving.service`'s matter.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serving.console.routes import console_routes
from serving.docs_page import render_docs
from serving.doors import CALLER
from serving.house import House
from serving.openapi import api_document
from serving.operation import Operation
from serving.operations import OPERATIONS
from serving.problems import ProblemError, problem_response
from serving.receiving import CLOSE
from serving.repeating import Repeating, is_repeatable
from serving.request_log import RequestLog

__all__ = ["build_app"]


def build_app(house: House) -> Starlette:
    """The whole API over `house`."""
    app = Starlette(
        routes=[*_routes(house), *console_routes(house)],
        middleware=[Middleware(RequestLog, metrics=house.metrics)],
        exception_handlers={ProblemError: _answer_problem, HTTPException: _answer_http_exception},
    )
    app.router.redirect_slashes = False
    app.state.document = api_document()
    app.state.page = render_docs(app.state.document)
    return app


def _routes(house: House) -> list[Route]:
    """One route a path: a method that it does not take is then answered with those that it does."""
    repeating = Repeating()
    by_path: dict[str, dict[str, Operation]] = {}
    for one in OPERATIONS:
        by_path.setdefault(one.path, {})[one.method] = one
    return [
        Route(path, _behind_doors(house, repeating, methods), methods=list(methods))
        for path, methods in by_path.items()
    ]


def _behind_doors(
    house: House, repeating: Repeating, methods: dict[str, Operation]
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        # Starlette answers HEAD with what GET would say.
        operation = methods.get(request.method) or methods["GET"]
        try:
            caller = house.doors.admit(request, operation.scopes)
        except ProblemError as refused:
            raise _leaving_the_body(refused, request) from None
        request.scope[CALLER] = caller
        desk = house.desks(caller.tenant)
        if is_repeatable(operation, request):
            answered = await repeating.answer(operation, desk, request)
            if "idempotent-replay" in answered.headers:
                desk.metrics.count("replays_total")
            return answered
        return await operation.answer(desk, request)

    return answer


def _leaving_the_body(refused: ProblemError, request: Request) -> ProblemError:
    """The same; where a body was to follow, the connection is closed, so that nothing takes it for a request."""
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    return replace(refused, headers={**refused.headers, **CLOSE}) if has_body else refused


async def _answer_problem(_: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):
        raise error
    return problem_response(error)


async def _answer_http_exception(request: Request, error: Exception) -> Response:
    """Starlette's own exceptions: no such route, another method. OPTIONS is answered with what the address takes."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == 404:
        return problem_response(ProblemError(404, "not-found", "There is no such address; /docs lists them all."))
    if error.status_code != 405:
        raise error
    allow = _allowed(request)
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={"Allow": allow})
    detail = f"This address takes {allow}."
    return problem_response(ProblemError(405, "method-not-allowed", detail, headers={"Allow": allow}))


def _allowed(request: Request) -> str:
    methods: set[str] = getattr(request.scope.get("route"), "methods", None) or set()
    return ", ".join(sorted(methods | {"OPTIONS"}))
