"""Every operation of the API: method, path, the function that answers, and what it may answer with.

The app's routes and the OpenAPI document are both made from this table, so neither can know of one that the other does
not. Knows no HTTP server.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving import endpoints
from serving.triage import Desk

__all__ = ["OPERATIONS", "Operation"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path.

    `takes` and `gives` name schemas of the document (None: no body, or none in JSON); `problems` holds what each error
    status means here, `parameters` the path's parameters in words.
    """

    method: str
    path: str
    answer: Callable[[Desk, Request], Awaitable[Response]]
    summary: str
    description: str
    gives: str | None = None
    takes: str | None = None
    status: int = 200
    media_type: str = "application/json"
    problems: Mapping[int, str] | None = None
    parameters: Mapping[str, str] | None = None


BODY_PROBLEMS: Final[Mapping[int, str]] = {
    400: "The body is not JSON, or a field cannot be used; `errors` names each field.",
    408: "The body did not arrive within 15 seconds.",
    413: "The body is too large.",
    415: "The body is not plain JSON in UTF-8, or is encoded (gzip).",
}

OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        "POST",
        "/v1/triage",
        endpoints.answer_triage,
        "Triage one ticket",
        "Says which queue fits best, which priority the ticket deserves, how likely it is to escalate and to breach "
        "its SLA. Before any version exists, and where a version fails on the ticket, the desk's default queue is the "
        "answer and `decided_by` says so: a ticket is never held up. At most 1 MB.",
        gives="Answer",
        takes="Triage",
        problems=BODY_PROBLEMS,
    ),
    Operation(
        "POST",
        "/v1/triage/batch",
        endpoints.answer_batch,
        "Triage up to 1,000 tickets",
        "Answers in the order of the tickets, each as the single route would, all by one version. One ticket that "
        "cannot be used refuses the batch, and the error names its place. At most 16 MB.",
        gives="Answers",
        takes="Batch",
        problems=BODY_PROBLEMS,
    ),
    Operation(
        "GET",
        "/v1/predictions/{prediction_id}",
        endpoints.answer_prediction,
        "One prediction, as it was answered",
        "The ticket as it was scored, the answer, the version, when, and how long scoring took.",
        gives="RecordedPrediction",
        problems={404: "There is no prediction of this id.", 503: "The journal cannot be read now."},
        parameters={"prediction_id": "the `prediction_id` of an answer"},
    ),
    Operation(
        "GET",
        "/v1/model",
        endpoints.answer_model,
        "The version that answers",
        "The champion, what it can answer, and, where a promoted version could not be used, why.",
        gives="Model",
    ),
    Operation(
        "GET",
        "/livez",
        endpoints.answer_alive,
        "Is the process alive?",
        "Answers 200 as long as the process can answer at all.",
        gives="Health",
    ),
    Operation(
        "GET",
        "/readyz",
        endpoints.answer_ready,
        "Does a version answer?",
        "Answers 503 with the reason until a version has been loaded.",
        gives="Health",
        problems={503: "No version answers yet; `detail` says why."},
    ),
    Operation(
        "GET",
        "/healthz",
        endpoints.answer_alive,
        "The same as /livez",
        "For those who look here.",
        gives="Health",
    ),
    Operation(
        "GET", "/openapi.json", endpoints.answer_document, "This API as OpenAPI 3.1", "The document that /docs shows."
    ),
    Operation(
        "GET",
        "/docs",
        endpoints.answer_docs,
        "This API, to read",
        "One page that loads nothing from elsewhere.",
        media_type="text/html",
    ),
    Operation(
        "GET",
        "/",
        endpoints.answer_root,
        "Leads to /docs",
        "For people who open the address.",
        status=307,
        media_type="",
    ),
)
