"""`GET` and `PUT /v1/contracts`."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from desk.demands import SETTING, Demands, read_demands
from desk.errors import SettingError
from desk.settings import check_setting
from desk.taxonomy import NO_CHANGES
from desk.taxonomy_setting import TAXONOMY_SETTING
from journal.settings import Setting, get_setting
from models.coverage import contracts_json
from serving.journaling import taxonomy_in
from serving.operation import ADMIN, BODY_PROBLEMS, PREDICT, UNREAD, Operation, Schema
from serving.receiving import LARGEST_SINGLE, receive_json
from serving.replying import asked_of_journal, json_response
from serving.revising import ETAG, IF_MATCH, REVISION_PROBLEMS, etag
from serving.routes.settings import setting_problem, write_setting
from serving.triage import Desk
from serving.validation import checked_body

__all__ = ["OPERATIONS", "SCHEMAS"]


class ContractsBody(BaseModel):
    """What shall be demanded."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    setting: dict[str, Any]


async def answer_contracts(desk: Desk, _: Request) -> Response:
    """`GET /v1/contracts`."""
    held = await asked_of_journal(get_setting, desk.journaling.engine, SETTING, desk.journaling.tenant)
    return await _told(desk, held)


async def answer_put(desk: Desk, request: Request) -> Response:
    """`PUT /v1/contracts`."""
    body = checked_body(ContractsBody, await receive_json(request, LARGEST_SINGLE))
    try:
        check_setting(SETTING, body.setting)
    except SettingError as error:
        raise setting_problem(error, "setting") from None
    return await _told(desk, await write_setting(desk, request, SETTING, body.setting))


async def _told(desk: Desk, held: Setting | None) -> Response:
    # Derived beside the loop: hundreds of bounds for a desk of many queues.
    covered = await asked_of_journal(_covered, desk, None if held is None else held.value)
    revision = 0 if held is None else held.revision
    set_by = {"who": None, "at": None} if held is None else {"who": held.who, "at": held.at}
    return json_response({"revision": revision, **set_by, **covered}, headers=etag(revision))


def _covered(desk: Desk, value: Any) -> dict[str, Any]:
    """What `value` demands and what it covers; one that an older build or a person left and that is none says so."""
    version = desk.watch.current.version
    try:
        demands, trouble = read_demands(value), None
    except SettingError as error:
        demands, trouble = Demands(), f"The setting cannot be read: {error.field or SETTING} {error.expected}."
    covered: dict[str, Any] = {"version": None, "setting": demands.to_json(), "heads": {}, "reviews": []}
    if version is not None and trouble is None:
        changes = taxonomy_in(get_setting(desk.journaling.engine, TAXONOMY_SETTING, desk.journaling.tenant))
        covered = contracts_json(version, demands, (changes or NO_CHANGES).as_of(desk.now()))
    return {**covered, "trouble": trouble}


OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        "GET",
        "/v1/contracts",
        answer_contracts,
        "What is demanded, and what it covers",
        "The precision that each label must have before it is applied by itself, the threshold from which the "
        "champion's evidence proves it, the share of tickets that reach it, and what other demands would give.",
        scopes=(PREDICT, ADMIN),
        gives="Contracts",
        problems=UNREAD,
        answer_headers=ETAG,
    ),
    Operation(
        "PUT",
        "/v1/contracts",
        answer_put,
        "Demand something else",
        "Writes the next revision of the setting `contracts` if the caller has seen the last, and says what it covers. "
        "Every process follows within 5 seconds.",
        scopes=(ADMIN,),
        gives="Contracts",
        takes="ContractsSetting",
        problems={**BODY_PROBLEMS, **REVISION_PROBLEMS, **UNREAD},
        headers=IF_MATCH,
        answer_headers=ETAG,
    ),
)

SHARE: Final[Schema] = {"type": "number", "minimum": 0, "maximum": 1}
SHARE_OR_NULL: Final[Schema] = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
DEMAND: Final[Schema] = {"type": "number", "minimum": 0.5, "maximum": 0.9999}
EXAMPLE_SETTING: Final[Schema] = {
    "queue": {"default": 0.96, "labels": {"Security": 0.99}},
    "priority": {"default": 0.95, "labels": {}},
    "suggest": 0.5,
    "review_capacity": 0.12,
}
EXAMPLE: Final[Schema] = {
    "revision": 3,
    "who": "key pk_7f3a",
    "at": "2026-11-21T10:02:00Z",
    "version": "12",
    "setting": EXAMPLE_SETTING,
    "heads": {
        "queue": {
            "demand": 0.96,
            "labels": [
                {
                    "label": "Billing",
                    "demand": 0.96,
                    "threshold": 0.88,
                    "share": 0.74,
                    "rows": 412,
                    "lacking": 0,
                    "is_known": True,
                }
            ],
            "prices": [{"demand": 0.96, "labels": 9, "share": 0.61}],
        }
    },
    "reviews": [{"capacity": 0.12, "cut": 0.62, "recall": 0.71, "precision": 0.44, "false_alarms": 0.07}],
    "trouble": None,
}


def _all_of(properties: dict[str, Schema], **more: Any) -> Schema:
    required = list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False, **more}


def _some_of(properties: dict[str, Schema], **more: Any) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}


LABEL: Final = _all_of(
    {
        "label": {"type": "string"},
        "demand": DEMAND,
        "threshold": {**SHARE_OR_NULL, "description": "null where the evidence does not prove the demand"},
        "share": {**SHARE, "description": "of the label's answers, those at or above the threshold"},
        "rows": {**COUNT, "description": "of evidence"},
        "lacking": {**COUNT, "description": "more rows without a miss that would prove the demand"},
        "is_known": {"type": "boolean", "description": "whether the version has the label"},
    }
)
PRICE: Final = _all_of({"demand": DEMAND, "labels": COUNT, "share": SHARE})
REVIEW: Final = _all_of(
    {"capacity": SHARE, **dict.fromkeys(("cut", "recall", "precision", "false_alarms"), SHARE_OR_NULL)}
)
HEAD: Final = _all_of(
    {"demand": DEMAND, "labels": {"type": "array", "items": LABEL}, "prices": {"type": "array", "items": PRICE}}
)
LABELS: Final = {
    "type": "object",
    # At least one character that Python takes for no space, and no NUL.
    "propertyNames": {"pattern": r"^[^\u0000]*[^\s\u0000\u001c-\u001f\u0085][^\u0000]*$"},
    "additionalProperties": DEMAND,
}
OF_A_HEAD: Final = _some_of({"default": DEMAND, "labels": LABELS})

SCHEMAS: Final[dict[str, Schema]] = {
    "Demands": _some_of(
        {
            "queue": OF_A_HEAD,
            "priority": OF_A_HEAD,
            "suggest": SHARE,
            "review_capacity": {"type": "number", "minimum": 0.001, "maximum": 0.5},
        },
        description="what is left out is as it comes",
        examples=[EXAMPLE_SETTING],
    ),
    "ContractsSetting": _all_of(
        {"setting": {"$ref": "#/components/schemas/Demands"}}, examples=[{"setting": EXAMPLE_SETTING}]
    ),
    "Contracts": _all_of(
        {
            "revision": {**COUNT, "description": "of the setting `contracts`; 0 where it was never set"},
            "who": {"type": ["string", "null"]},
            "at": {"type": ["string", "null"], "format": "date-time"},
            "version": {"type": ["string", "null"], "description": "whose evidence this is; null before there is one"},
            "setting": {"$ref": "#/components/schemas/Demands"},
            "heads": {"type": "object", "additionalProperties": HEAD},
            "reviews": {
                "type": "array",
                "items": REVIEW,
                "description": "what each capacity to review escalations gives",
            },
            "trouble": {"type": ["string", "null"], "description": "why the setting cannot be read; else null"},
        },
        examples=[EXAMPLE],
    ),
}
