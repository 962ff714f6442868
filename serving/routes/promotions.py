"""`GET` and `POST /v1/promotions`."""

import re
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import Response

from journal.promotions import WHATEVER, Promotion, newest_promotions
from serving.operation import ADMIN, ANY_KEY, BODY_PROBLEMS, UNREAD, Operation, Schema
from serving.problems import FieldError, ProblemError
from serving.promoting import promote_version, roll_back
from serving.receiving import LARGEST_SINGLE, receive_json
from serving.replying import asked_of_journal, caller_of, json_response
from serving.ticket_body import Text
from serving.triage import Desk
from serving.validation import checked_body

__all__ = ["OPERATIONS", "SCHEMAS"]

MOST_AT_ONCE: Final = 200
AT_ONCE: Final = 50
LARGEST_NUMBER: Final = 2**31 - 1
VERSION: Final = r"^[1-9][0-9]{0,8}$"
LONGEST_WHY: Final = 1_000


def _is_version(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(VERSION, value):
        raise PydanticCustomError("not_a_version", "must be a version's number in text, such as 12")
    return value


def _is_true(value: object) -> bool:
    if value is not True:
        raise PydanticCustomError("not_true", "must be true")
    return True


def _is_why(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("blank", "must say why")
    return value


Name = Annotated[str, BeforeValidator(_is_version)]


class PromotionBody(BaseModel):
    """Which version shall answer, or that the one before shall again."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    why: Annotated[Text, Field(max_length=LONGEST_WHY), AfterValidator(_is_why)]
    version: Name = ""
    rollback: Annotated[bool, BeforeValidator(_is_true)] = False
    expected: Name | None = None

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        if bool(self.version) == self.rollback:
            raise PydanticCustomError("one_of_both", 'must hold either "version" or "rollback": true')
        return self


async def answer_promotions(desk: Desk, request: Request) -> Response:
    """`GET /v1/promotions`."""
    limit = _number(request, "limit", MOST_AT_ONCE) or AT_ONCE
    before = _number(request, "before", LARGEST_NUMBER)
    found = await asked_of_journal(
        newest_promotions, desk.journaling.engine, most=limit, before=before, tenant=desk.journaling.tenant
    )
    following = found[-1].number if found and found[-1].number > 1 else None
    return json_response({"promotions": [_promotion_json(one) for one in found], "next": following})


async def answer_post(desk: Desk, request: Request) -> Response:
    """`POST /v1/promotions`."""
    body = checked_body(PromotionBody, await receive_json(request, LARGEST_SINGLE))
    who = caller_of(request).who
    expected = body.expected if "expected" in body.model_fields_set else WHATEVER
    if body.rollback:
        done = await roll_back(desk, who=who, why=body.why, expected=expected)
    else:
        done = await promote_version(desk, body.version, who=who, why=body.why, expected=expected)
    return json_response(_promotion_json(done))


def _number(request: Request, name: str, most: int) -> int | None:
    given = request.query_params.getlist(name)
    if not given:
        return None
    if len(given) == 1 and re.fullmatch("[1-9][0-9]{0,9}", given[0]) and int(given[0]) <= most:
        return int(given[0])
    errors = (FieldError(name, f"must be one whole number from 1 to {most}"),)
    raise ProblemError(400, "invalid-query", "1 parameter cannot be used.", errors)


def _promotion_json(one: Promotion) -> dict[str, Any]:
    return {
        "number": one.number,
        "version": one.version,
        "since": one.since,
        "until": one.until,
        "who": one.who,
        "why": one.why,
        "returns_to": one.returns_to,
    }


OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        "GET",
        "/v1/promotions",
        answer_promotions,
        "Which version answered when",
        "Every promotion, the newest first: the first one listed holds now. `next`, where it is not null, is the "
        "`before` of the following page.",
        scopes=ANY_KEY,
        gives="Promotions",
        problems={400: "`limit` or `before` cannot be used; `errors` names it.", **UNREAD},
        query={
            "limit": {
                "type": "integer",
                "minimum": 1,
                "maximum": MOST_AT_ONCE,
                "default": AT_ONCE,
                "description": "how many at most",
            },
            "before": {
                "type": "integer",
                "minimum": 1,
                "maximum": LARGEST_NUMBER,
                "description": "only those with a lower number",
            },
        },
    ),
    Operation(
        "POST",
        "/v1/promotions",
        answer_post,
        "Promote a version, or roll back",
        "Makes a version the champion, or goes back to the one before; again goes further back. A version that is not "
        "on this machine is fetched first, and every one is tried. A rollback is live in every process within 5 "
        "seconds. A version that is champion already stays it.",
        scopes=(ADMIN,),
        gives="Promotion",
        takes="PromotionRequest",
        problems={
            **BODY_PROBLEMS,
            404: "There is no such version.",
            409: "Another version is the champion than `expected`, nothing came before, or the version fails its "
            "check; `detail` says what holds now.",
            503: "The journal or the version cannot be had now; `Retry-After` says when to try again.",
        },
        writes="database",
    ),
)
EXAMPLE: Final[Schema] = {
    "number": 7,
    "version": "12",
    "since": "2026-11-21T10:02:00Z",
    "until": None,
    "who": "key pk_7f3a",
    "why": "better on billing",
    "returns_to": None,
}
TIME_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
NUMBER: Final[Schema] = {"type": "integer", "minimum": 1}
NUMBER_OR_NULL: Final[Schema] = {"type": ["integer", "null"], "minimum": 1}
NAME: Final[Schema] = {"type": "string", "pattern": VERSION}
WHY: Final[Schema] = {"type": "string", "maxLength": LONGEST_WHY, "pattern": r"^[^\u0000]*[^\s\u0000][^\u0000]*$"}
EXPECTED: Final[Schema] = {
    "type": ["string", "null"],
    "pattern": VERSION,
    "description": "the champion that you have seen, null: none yet; absent: whichever it is",
}


def _object(properties: Schema, required: tuple[str, ...] | None = None, **more: Any) -> Schema:
    needed = list(properties) if required is None else list(required)
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False, **more}


SCHEMAS: Final[dict[str, Schema]] = {
    "Promotion": _object(
        {
            "number": NUMBER,
            "version": {"type": "string"},
            "since": {"type": "string", "format": "date-time"},
            "until": {**TIME_OR_NULL, "description": "null for the champion"},
            "who": {"type": "string"},
            "why": {"type": "string"},
            "returns_to": {**NUMBER_OR_NULL, "description": "of a rollback: the promotion that it goes back to"},
        },
        examples=[EXAMPLE],
    ),
    "Promotions": _object(
        {
            "promotions": {"type": "array", "items": {"$ref": "#/components/schemas/Promotion"}},
            "next": {**NUMBER_OR_NULL, "description": "the `before` of the next page; null on the last"},
        },
        examples=[{"promotions": [EXAMPLE], "next": None}],
    ),
    "PromotionRequest": {
        "oneOf": [
            _object({"version": NAME, "why": WHY, "expected": EXPECTED}, ("version", "why")),
            _object({"rollback": {"const": True}, "why": WHY, "expected": EXPECTED}, ("rollback", "why")),
        ],
        "examples": [
            {"version": "12", "why": "better on billing", "expected": "11"},
            {"rollback": True, "why": "too many wrong queues since noon"},
        ],
    },
}
