"""The one Starlette app that answers every request: its routes from the table of operations, its errors as problems.

Given a desk it is complete; where the desk comes from is `serving.service`'s matter.
"""

from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serving.docs_page import render_docs
from serving.openapi import api_document
from serving.operations import OPERATIONS
from serving.problems import ProblemError, problem_response
from serving.request_log import RequestLog
from serving.triage import Desk

__all__ = ["build_app"]


def build_app(desk: Desk) -> Starlette:
    """The whole API over `desk`."""
    app = Starlette(
        routes=[
            Route(one.path, partial(one.answer, desk), methods=[one.method], name=one.answer.__name__)
            for one in OPERATIONS
        ],
        middleware=[Middleware(RequestLog)],
        exception_handlers={ProblemError: _answer_problem, HTTPException: _answer_http_exception},
    )
    app.router.redirect_slashes = False
    app.state.document = api_document()
    app.state.page = render_docs(app.state.document)
    return app


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
