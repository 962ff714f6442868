"""`GET /v1/settings`, `GET` and `PUT /v1/settings/{name}`."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from desk.errors import SettingConflictError, SettingError
from desk.settings import SETTINGS, KnownSetting, check_setting
from journal.settings import Setting, get_setting, last_settings, put_setting
from serving.operation import ADMIN, BODY_PROBLEMS, UNREAD, Operation, Schema
from serving.problems import FieldError, ProblemError
from serving.receiving import LARGEST_SINGLE, receive_json
from serving.replying import asked_of_journal, caller_of, json_response
from serving.revising import ETAG, IF_MATCH, REVISION_PROBLEMS, changed_since, check_revision, etag
from serving.strict_json import printable
from serving.triage import Desk
from serving.validation import checked_body

__all__ = ["OPERATIONS", "SCHEMAS", "setting_problem", "write_setting"]


class SettingBody(BaseModel):
    """What a setting shall be."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    value: Any


async def answer_settings(desk: Desk, _: Request) -> Response:
    """`GET /v1/settings`."""
    held = await asked_of_journal(last_settings, desk.journaling.engine, desk.journaling.tenant)
    return json_response({"settings": [_setting_json(known, held.get(known.name)) for known in SETTINGS.values()]})


async def answer_setting(desk: Desk, request: Request) -> Response:
    """`GET /v1/settings/{name}`."""
    known = _known(request)
    held = await asked_of_journal(get_setting, desk.journaling.engine, known.name, desk.journaling.tenant)
    return json_response(_setting_json(known, held), headers=etag(0 if held is None else held.revision))


async def answer_put(desk: Desk, request: Request) -> Response:
    """`PUT /v1/settings/{name}`."""
    known = _known(request)
    body = checked_body(SettingBody, await receive_json(request, LARGEST_SINGLE))
    try:
        check_setting(known.name, body.value)
    except SettingError as error:
        raise setting_problem(error, "value") from None
    written = await write_setting(desk, request, known.name, body.value)
    return json_response(_setting_json(known, written), headers=etag(written.revision))


async def write_setting(desk: Desk, request: Request, name: str, value: Any) -> Setting:
    """The next revision, written if the caller has seen the last.

    Raises `ProblemError` 412, 428, and 503 where the journal does not answer.
    """
    engine, tenant = desk.journaling.engine, desk.journaling.tenant
    held = await asked_of_journal(get_setting, engine, name, tenant)
    revision = 0 if held is None else held.revision
    check_revision(request, revision)
    who = caller_of(request).who
    try:
        return await asked_of_journal(
            put_setting, engine, name, value, who=who, at=desk.now(), expected=revision, tenant=tenant
        )
    except SettingConflictError:
        raise changed_since(revision + 1) from None


def setting_problem(error: SettingError, member: str) -> ProblemError:
    """The error as a problem that names the field below the body's `member` and does not repeat what came."""
    field = f"{member}.{error.field}" if error.field else member
    errors = (FieldError(".".join(printable(step) for step in field.split(".")), error.expected),)
    return ProblemError(400, "invalid-body", "1 field cannot be used.", errors)


def _known(request: Request) -> KnownSetting:
    found = SETTINGS.get(request.path_params["name"])
    if found is None:
        raise ProblemError(404, "not-found", "There is no setting of this name; GET /v1/settings lists them all.")
    return found


def _setting_json(known: KnownSetting, held: Setting | None) -> dict[str, Any]:
    return {
        "name": known.name,
        "about": known.about,
        "value": known.default if held is None else held.value,
        "default": known.default,
        "revision": 0 if held is None else held.revision,
        "who": None if held is None else held.who,
        "at": None if held is None else held.at,
    }


NO_SUCH: Final = {404: "There is no setting of this name."}
NAME: Final = {"name": "the setting's name, such as `default_queue`"}

OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        "GET",
        "/v1/settings",
        answer_settings,
        "All settings",
        "What operators change without a deploy: of each what it is, its value, its default, and who set it when.",
        scopes=(ADMIN,),
        gives="Settings",
        problems=UNREAD,
    ),
    Operation(
        "GET",
        "/v1/settings/{name}",
        answer_setting,
        "One setting",
        "Its value, or its default where it was never set; `ETag` names the revision.",
        scopes=(ADMIN,),
        gives="Setting",
        problems={**NO_SUCH, **UNREAD},
        parameters=NAME,
        answer_headers=ETAG,
    ),
    Operation(
        "PUT",
        "/v1/settings/{name}",
        answer_put,
        "Change a setting",
        "Writes the next revision if the caller has seen the last. Every process follows within 5 seconds.",
        scopes=(ADMIN,),
        gives="Setting",
        takes="SettingValue",
        problems={**BODY_PROBLEMS, **NO_SUCH, **REVISION_PROBLEMS, **UNREAD},
        parameters=NAME,
        headers=IF_MATCH,
        answer_headers=ETAG,
    ),
)
EXAMPLE: Final[Schema] = {
    "name": "default_queue",
    "about": SETTINGS["default_queue"].about,
    "value": "First line",
    "default": SETTINGS["default_queue"].default,
    "revision": 3,
    "who": "key pk_7f3a",
    "at": "2026-11-21T10:02:00Z",
}
SCHEMAS: Final[dict[str, Schema]] = {
    "Setting": {
        "type": "object",
        "properties": {
            "name": {"enum": list(SETTINGS)},
            "about": {"type": "string"},
            "value": {"description": "what holds now: any JSON value that the setting takes"},
            "default": {"description": "what holds where it was never set"},
            "revision": {"type": "integer", "minimum": 0, "description": "0 where it was never set"},
            "who": {"type": ["string", "null"]},
            "at": {"type": ["string", "null"], "format": "date-time"},
        },
        "required": ["name", "about", "value", "default", "revision", "who", "at"],
        "additionalProperties": False,
        "examples": [EXAMPLE],
    },
    "Settings": {
        "type": "object",
        "properties": {"settings": {"type": "array", "items": {"$ref": "#/components/schemas/Setting"}}},
        "required": ["settings"],
        "additionalProperties": False,
        "examples": [{"settings": [EXAMPLE]}],
    },
    "SettingValue": {
        "type": "object",
        "properties": {"value": {"description": "any JSON value that the setting takes"}},
        "required": ["value"],
        "additionalProperties": False,
        "examples": [{"value": "First line"}],
    },
}
