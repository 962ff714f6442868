"""One operation of the API: method, path, the function that answers, who may ask, and what it may answer with.

Knows neither which operations there are nor any HTTP server.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from starlette.requests import Request
from starlette.responses import Response

from serving.receiving import LARGEST_SINGLE
from serving.triage import Desk

__all__ = ["ADMIN", "ANY_KEY", "BODY_PROBLEMS", "FEEDBACK", "PREDICT", "UNREAD", "Operation", "Schema"]

Schema = dict[str, Any]

PREDICT: Final = "predict"
FEEDBACK: Final = "feedback"
ADMIN: Final = "admin"
ANY_KEY: Final = (PREDICT, FEEDBACK, ADMIN)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path.

    `answer` is given the desk of the caller's tenant. `scopes` are those of which a key needs one; with none, no key is
    asked for. `takes` and `gives` name schemas of the document (None: no body, or none in JSON); `problems` holds what
    each error status means here besides those of the doors, `parameters` the path's parameters in words, `query` the
    schemas of query parameters, `headers` those of request headers, `answer_headers` those that come with the answer.

    `writes` says what a POST writes to: only the local log, whose rows `answer` marks with `repeat_of(request)`, or the
    database; it may then be repeated under an `Idempotency-Key` (`serving.repeating`). `largest` is the most bytes that
    its body may have. An answer that `is_secret` is kept by this process for some minutes and written nowhere. `again`
    says in words what 200 means where `status` is another one.
    """

    method: str
    path: str
    answer: Callable[[Desk, Request], Awaitable[Response]]
    summary: str
    description: str
    scopes: tuple[str, ...] = ()
    gives: str | None = None
    takes: str | None = None
    status: int = 200
    media_type: str = "application/json"
    problems: Mapping[int, str] | None = None
    parameters: Mapping[str, str] | None = None
    query: Mapping[str, Schema] | None = None
    headers: Mapping[str, Schema] | None = None
    answer_headers: Mapping[str, Schema] | None = None
    writes: Literal["log", "database"] | None = None
    largest: int = LARGEST_SINGLE
    is_secret: bool = False
    again: str | None = None


BODY_PROBLEMS: Final[Mapping[int, str]] = {
    400: "The body is not JSON, or a field cannot be used; `errors` names each field.",
    408: "The body did not arrive within 15 seconds.",
    413: "The body is too large.",
    415: "The body is not plain JSON in UTF-8, or is encoded (gzip).",
}
UNREAD: Final[Mapping[int, str]] = {503: "The journal cannot be reached now; `Retry-After` says when to try again."}
