"""What the service says when it cannot do what was asked: problem details (RFC 9457), one shape for every error.

A problem never holds a ticket's text, a path of this machine or a trace. Knows no routes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from starlette.responses import Response

from desk.errors import PointsmanError

__all__ = ["MEDIA_TYPE", "TITLES", "FieldError", "ProblemError", "problem_response"]

MEDIA_TYPE: Final = "application/problem+json"

TITLES: Final[Mapping[str, str]] = {
    "invalid-body": "The body cannot be used",
    "invalid-header": "A header cannot be used",
    "invalid-query": "The query cannot be used",
    "unauthorized": "A key is needed",
    "forbidden": "This key may not do that",
    "not-http": "This is no HTTP that can be read",
    "head-too-large": "Target and headers are too large",
    "not-found": "There is nothing here",
    "method-not-allowed": "This address does not take that method",
    "conflict": "Something else holds by now",
    "precondition-failed": "It has changed since",
    "precondition-required": "Say which revision is to be replaced",
    "not-replayable": "The answer cannot be made again",
    "too-slow": "The body did not arrive in time",
    "too-large": "The body is too large",
    "too-many-requests": "This key asks too often",
    "unsupported-media-type": "Only plain JSON is taken",
    "internal": "The service failed",
    "unavailable": "Not now",
    "overloaded": "Too much to do",
}
"""Every kind of problem and its title; `type` is `urn:pointsman:problem:` and the kind."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that cannot be used: its path in the body (`tickets[3].created_at`) and what is wrong with it."""

    field: str
    message: str


@dataclass(eq=False)
class ProblemError(PointsmanError):
    """Ends a request with a problem detail. `kind` is a key of `TITLES`, `detail` a sentence for the caller."""

    status: int
    kind: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def problem_response(problem: ProblemError) -> Response:
    """The problem as `application/problem+json`."""
    body: dict[str, Any] = {
        "type": f"urn:pointsman:problem:{problem.kind}",
        "title": TITLES[problem.kind],
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.errors:
        body["errors"] = [{"field": error.field, "message": error.message} for error in problem.errors]
    return Response(orjson.dumps(body), problem.status, headers=dict(problem.headers), media_type=MEDIA_TYPE)
