"""What every test of a route asks of an answer: that it is what the document says."""

from typing import Any

from jsonschema import Draft202012Validator

from serving.openapi import api_document

__all__ = ["fits", "is_misfit", "problem"]


def fits(value: Any, schema: str) -> Any:
    """The value, which fits the document's schema of this name."""
    Draft202012Validator({**api_document(), "$ref": f"#/components/schemas/{schema}"}).validate(value)
    return value


def is_misfit(value: Any, schema: str) -> bool:
    """Whether the value does not fit the document's schema of this name."""
    found = Draft202012Validator({**api_document(), "$ref": f"#/components/schemas/{schema}"}).iter_errors(value)
    return next(found, None) is not None


def problem(response: Any, status: int, kind: str) -> dict[str, Any]:
    """The body of an answer that is a problem of this kind."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = fits(response.json(), "Problem")
    assert (found["type"], found["status"]) == (f"urn:pointsman:problem:{kind}", status)
    return found
