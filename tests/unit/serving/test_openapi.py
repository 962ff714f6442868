"""The API document: valid, complete, and true of what the models take."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from serving.app import build_app
from serving.house import open_house
from serving.openapi import api_document
from serving.operations import OPERATIONS
from serving.problems import TITLES, ProblemError
from serving.schemas import EXAMPLE_TICKET
from serving.triage import Desk
from serving.validation import triage_of


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({**api_document(), "$ref": f"#/components/schemas/{name}"})


def test_every_route_stands_in_the_document_and_the_other_way_round(desk: Desk) -> None:
    """But for the console's pages, which are for people."""
    routes = {
        (method.lower(), route.path)
        for route in build_app(open_house(desk)).routes
        for method in getattr(route, "methods", ())
        if method != "HEAD" and not route.path.startswith("/console")
    }
    said = {(method, path) for path, methods in api_document()["paths"].items() for method in methods}
    assert routes == said


def test_the_document_is_openapi_3_1_and_plain_json() -> None:
    document = json.loads(json.dumps(api_document()))
    assert document["openapi"] == "3.1.0"
    ids = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(ids) == len(set(ids))


def test_every_reference_leads_somewhere() -> None:
    document = api_document()
    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"]


@pytest.mark.parametrize("name", api_document()["components"]["schemas"])
def test_every_schema_is_one_and_its_examples_fit(name: str) -> None:
    schema = api_document()["components"]["schemas"][name]
    Draft202012Validator.check_schema(schema)
    for example in schema.get("examples", []):
        validator(name).validate(example)


def test_the_example_ticket_is_taken() -> None:
    assert triage_of(json.dumps({"ticket": EXAMPLE_TICKET}).encode()).ticket.id == "4312"


@pytest.mark.parametrize(
    "ticket",
    [
        {"id": 1},
        {"id": 1, "subject": None, "attributes": None},
        {"id": "", "body": "x"},
        {"id": 1, "body": 5},
        {"id": 1, "body": "x", "tags": ["a"] * 201},
        {"id": 1, "attributes": {"a": []}},
        {"id": 1, "attributes": {"a": "x" * 10_001}},
        {"id": 1, "body": "x", "other": 1},
        {"id": 1, "body": "x", "messages": [{"at": "2026-11-21T10:02:00Z", "author": "boss", "text": ""}]},
    ],
)
def test_what_the_document_forbids_is_refused(ticket: dict[str, Any]) -> None:
    assert list(validator("Triage").iter_errors({"ticket": ticket}))
    with pytest.raises(ProblemError):
        triage_of(json.dumps({"ticket": ticket}).encode())


def test_whoever_shall_ask_again_is_told_when() -> None:
    for methods in api_document()["paths"].values():
        for one in methods.values():
            for status, answer in one["responses"].items():
                assert answer["headers"]["X-Request-Id"]["required"]
                assert ("Retry-After" in answer["headers"]) == (status in ("429", "503"))


def test_the_page_on_the_api_names_every_route_and_every_problem() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    for one in OPERATIONS:
        assert f"{one.path.replace('prediction_id', 'id')}`" in page
    for kind in TITLES:
        assert f"`{kind}`" in page


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for child in value.values() for found in references(child)]
    return [found for child in value for found in references(child)] if isinstance(value, list) else []
