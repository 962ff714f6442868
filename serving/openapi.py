"""The API document (OpenAPI 3.1), made from the table of operations and the schemas. Knows no HTTP server."""

import re
from typing import Any, Final

from serving.operation import Operation
from serving.operations import OPERATIONS, SCHEMAS
from serving.overload import NEVER_REFUSED
from serving.problems import MEDIA_TYPE
from serving.release import build
from serving.schemas import schemas

__all__ = ["api_document"]

ABOUT: Final = (
    "Answers, for a support ticket, which queue fits best, which priority it deserves, and how likely it is to "
    "escalate or to breach its SLA. Times are RFC 3339 with a zone. Errors are problem details (RFC 9457). Each answer "
    "carries `X-Request-Id`, the caller's own where one was sent."
)
REQUEST_ID_HEADER: Final = {
    "X-Request-Id": {"description": "names the request in the log", "required": True, "schema": {"type": "string"}},
}
RETRY_AFTER_HEADER: Final = {
    "Retry-After": {
        "description": "seconds until it is worth asking again",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
}
KEY_HEADER: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "pattern": "^[!-~]([ -~]*[!-~])?$",
        "examples": ["8e03978e-40d5-43dd-bc93-6894a57f9324"],
        "description": "names the request: sent again within 24 hours it gets the first answer again and does nothing",
    },
}
REPLAY_HEADER: Final = {
    "Idempotent-Replay": {
        "schema": {"const": "true", "description": "there where an earlier answer is sent again"},
    }
}
REPEATED: Final = "The `Idempotency-Key` was used for another request, or the first is still under way (`Retry-After`)."
LICENSE: Final = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
BEARER: Final = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key that `pointsman keys create` made, as `Authorization: Bearer pm_…`; or in `X-API-Key`.",
}
AT_THE_DOORS: Final = {
    401: "No key came along, or none that holds.",
    403: "The key lacks the scope.",
    429: "The key asks too often; `Retry-After` says when it may again.",
}
ANYWHERE: Final = {500: "The service failed; the log has the reason under the request's id."}
BUSY: Final = {503: "There is more to do than can be answered in time; `Retry-After` says when to try again."}


def api_document() -> dict[str, Any]:
    """The whole document as a JSON object."""
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pointsman", "version": build(), "description": ABOUT, "license": LICENSE},
        "paths": paths,
        "components": {"schemas": {**schemas(), **SCHEMAS}, "securitySchemes": {"key": BEARER}},
    }


def _operation(one: Operation) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": "_".join(re.findall(r"[a-z0-9]+", f"{one.method} {one.path}".lower())),
        "summary": one.summary,
        "description": one.description,
        "responses": {**_successes(one), **_problems(one)},
    }
    if one.takes:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(one.takes)}}}
    if one.scopes:
        made["security"] = [{"key": []}]
        made["description"] += f" Takes a key with the scope {' or '.join(f'`{scope}`' for scope in one.scopes)}."
    if parameters := _parameters(one):
        made["parameters"] = parameters
    return made


def _parameters(one: Operation) -> list[dict[str, Any]]:
    """Path parameters in words; those of the query and of headers as schemas, whose descriptions are theirs."""
    made: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "description": words, "schema": {"type": "string"}}
        for name, words in (one.parameters or {}).items()
    ]
    for place, found in (("query", one.query), ("header", one.headers)):
        made += [{"name": name, "in": place, "schema": schema} for name, schema in (found or {}).items()]
    return made if one.writes is None else [*made, KEY_HEADER]


def _successes(one: Operation) -> dict[str, Any]:
    again = {} if one.again is None else {"200": _success(one, one.again)}
    return {str(one.status): _success(one, "The answer."), **again}


def _success(one: Operation, words: str) -> dict[str, Any]:
    said = {name: {"schema": schema} for name, schema in (one.answer_headers or {}).items()}
    made: dict[str, Any] = {"description": words, "headers": {**REQUEST_ID_HEADER, **said}}
    if one.writes is not None:
        made["headers"] |= REPLAY_HEADER
    if one.media_type:
        plain = "string" if one.media_type.startswith("text/") else "object"
        schema = _ref(one.gives) if one.gives else {"type": plain}
        made["content"] = {one.media_type: {"schema": schema}}
    return made


def _problems(one: Operation) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": _ref("Problem")}}
    said = {
        **(BUSY if one.path not in NEVER_REFUSED else {}),
        **(one.problems or {}),
        **(AT_THE_DOORS if one.scopes else {}),
        **ANYWHERE,
    }
    if one.writes is not None:
        said[409] = " ".join(words for words in (said.get(409), REPEATED) if words)
    return {
        str(status): {"description": words, "headers": _headers_of(status), "content": content}
        for status, words in sorted(said.items())
    }


def _headers_of(status: int) -> dict[str, Any]:
    return {**REQUEST_ID_HEADER, **(RETRY_AFTER_HEADER if status in (429, 503) else {})}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
