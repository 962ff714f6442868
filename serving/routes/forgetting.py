"""`POST /v1/forget`."""

import asyncio
import logging
from concurrent.futures import Future
from threading import Event, Thread
from typing import Any, Final

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from desk.errors import PointsmanError, SettingError
from journal.erasure_report import PLACES, ErasureReport
from journal.erasures import Person
from serving.forgetting import erase_files, erase_person
from serving.operation import ADMIN, BODY_PROBLEMS, UNREAD, Operation, Schema
from serving.problems import FieldError, ProblemError
from serving.receiving import LARGEST_SINGLE, receive_json
from serving.replying import asked_of_journal, caller_of, json_response
from serving.strict_json import parse_json
from serving.ticket_body import NAME_SCHEMA, CustomerBody
from serving.triage import Desk

__all__ = ["OPERATIONS", "SCHEMAS"]

SECONDS_FOR_AN_ANSWER: Final = 10.0
"""Within BentoML's own limit; the files go on being erased behind the answer."""

log = logging.getLogger("pointsman.forgetting")


async def answer_forget(desk: Desk, request: Request) -> Response:
    """`POST /v1/forget`."""
    customer = _customer_in(await receive_json(request, LARGEST_SINGLE))
    engine, tenant, who = desk.journaling.engine, desk.journaling.tenant, caller_of(request).who
    try:
        person, report, known = await asked_of_journal(
            erase_person, desk.environment, engine, tenant, customer, who, desk.now()
        )
    except SettingError:
        log.exception("no_secret")
        detail = "The service has no secret; the log says why."
        raise ProblemError(503, "unavailable", detail, headers={"Retry-After": "5"}) from None
    files = asyncio.wrap_future(_begin(desk, person, known))
    done, _ = await asyncio.wait((files,), timeout=SECONDS_FOR_AN_ANSWER)
    found = files.result() if done else None
    return json_response((report if found is None else report + found).to_json())


def _begin(desk: Desk, person: Person, known: frozenset[str]) -> Future[ErasureReport | None]:
    """Erase the files on a thread that a service which ends need not wait for."""
    done: Future[ErasureReport | None] = Future()
    Thread(target=lambda: done.set_result(_erase_files(desk, person, known)), name="forgetting", daemon=True).start()
    return done


def _erase_files(desk: Desk, person: Person, known: frozenset[str]) -> ErasureReport | None:
    """The child's report; None where it failed: housekeeping tries again."""
    try:
        return erase_files(desk.environment, person, known, Event())
    except (PointsmanError, OSError) as error:
        log.error("erasing_failed", extra={"fields": {"error": str(error)}})
        return None


def _customer_in(raw: bytes) -> str:
    """The customer's id; raises `ProblemError` 400 with what is wrong."""
    body: Any = parse_json(raw)
    if not isinstance(body, dict):
        raise _refused("", "must be an object")
    unknown = sorted(set(body) - {"customer"})
    if unknown:
        raise _refused(unknown[0] if unknown[0].isidentifier() else "", "is not known here")
    try:
        customer = CustomerBody.model_validate({"id": body.get("customer")}).id
    except ValidationError:
        customer = None
    if customer is None:
        raise _refused("customer", "must be a customer's id, as tickets give it")
    return str(customer)


def _refused(field: str, words: str) -> ProblemError:
    return ProblemError(400, "invalid-body", "1 field cannot be used.", (FieldError(field, words),))


OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        "POST",
        "/v1/forget",
        answer_forget,
        "Erase a customer for good",
        "Erases every ticket of the customer and what was answered to it. From the answer on the journal's database "
        "holds nothing of theirs, and what was scored before never gets into it again; new tickets are taken as ever. "
        "Files (the local log, histories, versions) follow within a minute: `complete` says whether they are through, "
        "`left` what is not. Ask again to see, or to try again what failed. `versions` were trained on the customer.",
        scopes=(ADMIN,),
        gives="Erasure",
        takes="Forget",
        problems={**BODY_PROBLEMS, **UNREAD},
        writes="database",
    ),
)
SCHEMAS: Final[dict[str, Schema]] = {
    "Forget": {
        "type": "object",
        "additionalProperties": False,
        "required": ["customer"],
        "properties": {
            "customer": {**NAME_SCHEMA, "description": "the id that tickets give as `customer.id`"},
        },
        "examples": [{"customer": "c-9"}],
    },
    "Erasure": {
        "type": "object",
        "additionalProperties": False,
        "required": ["complete", "erased", "versions", "left"],
        "properties": {
            "complete": {"type": "boolean", "description": "whether nothing is left to do"},
            "erased": {
                "type": "object",
                "description": "how much went by place; what this call found to erase",
                "additionalProperties": False,
                "properties": {
                    place: {"type": "integer", "minimum": 0, "description": words} for place, words in PLACES.items()
                },
            },
            "versions": {
                "type": "array",
                "items": {"type": "string"},
                "description": "versions that were trained on the customer; what they learned stays learned",
            },
            "left": {"type": "array", "items": {"type": "string"}, "description": "what could not be erased yet"},
        },
        "examples": [
            {"complete": True, "erased": {"predictions": 3, "tickets": 2}, "versions": ["1"], "left": []},
        ],
    },
}
