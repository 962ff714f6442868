"""`GET` and `POST /v1/keys`, `DELETE /v1/keys/{key_id}`: the keys of the caller's own tenant."""

from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from starlette.requests import Request
from starlette.responses import Response

from desk.errors import SettingError
from journal.keys import LONGEST_NAME, SCOPES, Key, keys, make_key, revoke_key
from journal.secret import installation_secret
from serving.operation import ADMIN, BODY_PROBLEMS, UNREAD, Operation, Schema
from serving.problems import FieldError, ProblemError
from serving.receiving import LARGEST_SINGLE, receive_json
from serving.replying import asked_of_journal, caller_of, json_response
from serving.triage import Desk
from serving.validation import checked_body

__all__ = ["OPERATIONS", "SCHEMAS"]

MOST_DAYS: Final = 3_650
MOST_PER_MINUTE: Final = 1_000_000
PRINTABLE: Final = r"^[!-~]([ -~]*[!-~])?$"


class KeyBody(BaseModel):
    """What `POST /v1/keys` takes."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Annotated[
        str,
        Field(strict=True, min_length=1, max_length=LONGEST_NAME),
        WithJsonSchema(
            {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME, "pattern": r"^[!-~]([ -~]*[!-~])?$"}
        ),
    ]
    scopes: Annotated[
        list[Annotated[str, Field(strict=True)]],
        Field(min_length=1, max_length=len(SCOPES)),
        WithJsonSchema({"type": "array", "items": {"enum": list(SCOPES)}, "minItems": 1, "maxItems": len(SCOPES)}),
    ]
    expires_in_days: Annotated[int, Field(strict=True, ge=1, le=MOST_DAYS)] | None = None
    per_minute: Annotated[int, Field(strict=True, ge=1, le=MOST_PER_MINUTE)] | None = None
    person: (
        Annotated[
            str,
            Field(strict=True, min_length=1, max_length=LONGEST_NAME, pattern=PRINTABLE),
            Field(description="who speaks with it, and may speak as nobody else"),
        ]
        | None
    ) = None


async def answer_keys(desk: Desk, _: Request) -> Response:
    """`GET /v1/keys`."""
    found = await asked_of_journal(keys, desk.journaling.engine, desk.journaling.tenant)
    return json_response({"keys": [_json(key) for key in found]})


async def answer_made(desk: Desk, request: Request) -> Response:
    """`POST /v1/keys`."""
    asked = checked_body(KeyBody, await receive_json(request, LARGEST_SINGLE))
    now = desk.now()
    ends = None if asked.expires_in_days is None else now + timedelta(days=asked.expires_in_days)
    try:
        key, text = await asked_of_journal(
            make_key,
            desk.journaling.engine,
            installation_secret(desk.environment),
            asked.name,
            asked.scopes,
            who=caller_of(request).who,
            at=now,
            tenant=desk.journaling.tenant,
            expires_at=ends,
            per_minute=asked.per_minute,
            person=asked.person,
        )
    except SettingError:
        field = "scopes" if set(asked.scopes) - set(SCOPES) else "name"
        expected = f"must be of {', '.join(SCOPES)}" if field == "scopes" else "must be printable and not blank"
        raise ProblemError(400, "invalid-body", "1 field cannot be used.", (FieldError(field, expected),)) from None
    return json_response({**_json(key), "key": text}, 201, {"Cache-Control": "no-store"})


async def answer_revoked(desk: Desk, request: Request) -> Response:
    """`DELETE /v1/keys/{key_id}`."""
    found = await asked_of_journal(
        revoke_key,
        desk.journaling.engine,
        request.path_params["key_id"],
        who=caller_of(request).who,
        at=desk.now(),
        tenant=desk.journaling.tenant,
    )
    if found is None:
        raise ProblemError(404, "not-found", "There is no key of this id.")
    return json_response(_json(found))


def _json(key: Key) -> dict[str, Any]:
    shown = (
        "key_id",
        "name",
        "person",
        "scopes",
        "per_minute",
        "created_at",
        "created_by",
        "expires_at",
        "revoked_at",
        "revoked_by",
    )
    return {name: getattr(key, name) for name in shown}


OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        "GET",
        "/v1/keys",
        answer_keys,
        "The keys of your tenant",
        "Every key that was made, also those that expired or were revoked; never the key itself, which nobody keeps.",
        scopes=(ADMIN,),
        gives="Keys",
        problems=UNREAD,
    ),
    Operation(
        "POST",
        "/v1/keys",
        answer_made,
        "Make a key",
        "The answer holds the key, once: only a keyed hash of it is kept. It lets in within five seconds.",
        scopes=(ADMIN,),
        gives="MadeKey",
        takes="NewKey",
        status=201,
        problems={**BODY_PROBLEMS, **UNREAD},
        writes="database",
        is_secret=True,
    ),
    Operation(
        "DELETE",
        "/v1/keys/{key_id}",
        answer_revoked,
        "Revoke a key",
        "It lets nobody in any more, within five seconds. One that was revoked before stays as it is.",
        scopes=(ADMIN,),
        gives="Key",
        problems={404: "Your tenant has no key of this id.", **UNREAD},
        parameters={"key_id": "the `key_id` of a key"},
    ),
)

_TEXT: Final[Schema] = {"type": "string"}
_TIME: Final[Schema] = {"type": "string", "format": "date-time"}
_TIME_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
_KEY: Final[Schema] = {
    "key_id": {**_TEXT, "description": "the part of the key that may be shown"},
    "name": {**_TEXT, "description": "who holds it"},
    "person": {"type": ["string", "null"], "description": "who speaks with it; null: nobody in particular"},
    "scopes": {"type": "array", "items": {"enum": list(SCOPES)}, "minItems": 1},
    "per_minute": {"type": ["integer", "null"], "minimum": 1, "description": "requests; null: as the setting says"},
    "created_at": _TIME,
    "created_by": _TEXT,
    "expires_at": _TIME_OR_NULL,
    "revoked_at": _TIME_OR_NULL,
    "revoked_by": {"type": ["string", "null"]},
}
_SECRET: Final[Schema] = {"key": {**_TEXT, "description": "the key itself, shown this once"}}
_EXAMPLE: Final[Schema] = {
    "key_id": "4fGh7KpQx2Zt",
    "name": "helpdesk",
    "person": None,
    "scopes": ["predict"],
    "per_minute": 600,
    "created_at": "2026-11-21T10:02:00+00:00",
    "created_by": "key 9aBcDeFgHiJk",
    "expires_at": None,
    "revoked_at": None,
    "revoked_by": None,
}


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


SCHEMAS: Final[dict[str, Schema]] = {
    "Key": {**_object(_KEY), "examples": [_EXAMPLE]},
    "MadeKey": {**_object({**_KEY, **_SECRET}), "examples": [{**_EXAMPLE, "key": "pm_4fGh7KpQx2Zt_…"}]},
    "Keys": _object({"keys": {"type": "array", "items": {"$ref": "#/components/schemas/Key"}}}),
    "NewKey": {
        **KeyBody.model_json_schema(),
        "title": "NewKey",
        "examples": [{"name": "helpdesk", "scopes": ["predict"], "per_minute": 600}],
    },
}
