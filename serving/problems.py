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
    "invalid-query": "A parameter of the address cannot be used",
    "not-found": "There is nothing here",
    "method-not-allowed": "This address does not take that method",
    "not-replayable": "The answer cannot be made again",
    "too-slow": "The body did not arrive in time",
    "too-large": "The body is too large",
    "unsupported-media-type": "Only plain JSON is taken",
    "internal": "The service failed",
    "unavailable": "Not now",
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
