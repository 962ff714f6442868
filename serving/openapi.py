"""The API document (OpenAPI 3.1), made from the table of operations and the schemas. Knows no HTTP server."""

import re
from typing import Any, Final

from serving.operation import Operation
from serving.operations import OPERATIONS, SCHEMAS
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
    "X-Request-Id": {"description": "names the request in the log", "schema": {"type": "string"}},
}
LICENSE: Final = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
ANYWHERE: Final = {500: "The service failed; the log has the reason under the request's id."}


def api_document() -> dict[str, Any]:
    """The whole document as a JSON object."""
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pointsman", "version": build(), "description": ABOUT, "license": LICENSE},
        "paths": paths,
        "components": {"schemas": {**schemas(), **SCHEMAS}},
    }


def _operation(one: Operation) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": "_".join(re.findall(r"[a-z0-9]+", f"{one.method} {one.path}".lower())),
        "summary": one.summary,
        "description": one.description,
        "responses": {str(one.status): _success(one), **_problems(one)},
    }
    if one.takes:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(one.takes)}}}
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
    return made


def _success(one: Operation) -> dict[str, Any]:
    made: dict[str, Any] = {"description": "The answer.", "headers": REQUEST_ID_HEADER}
    if one.media_type:
        schema = _ref(one.gives) if one.gives else {"type": "string" if one.media_type == "text/html" else "object"}
        made["content"] = {one.media_type: {"schema": schema}}
    return made


def _problems(one: Operation) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": _ref("Problem")}}
    said = {**(one.problems or {}), **ANYWHERE}
    return {
        str(status): {"description": words, "headers": REQUEST_ID_HEADER, "content": content}
        for status, words in sorted(said.items())
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
