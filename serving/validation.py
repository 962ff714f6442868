"""A request's bytes to the desk's tickets, or a problem that names every field that is wrong.

What comes in is never quoted: an error names the field and what was expected of it. Knows no routes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from desk.prediction import Extras
from desk.ticket import Ticket
from serving.problems import FieldError, ProblemError
from serving.strict_json import SHOWN_ERRORS, parse_json, printable
from serving.ticket_body import BatchBody, TicketBody, TriageBody, ticket_of

__all__ = ["Asked", "batch_of", "checked_body", "fields_problem", "tickets_of", "triage_of"]

Body = TypeVar("Body", bound=BaseModel)

WORDS: Final[Mapping[str, str]] = {
    "missing": "is needed",
    "extra_forbidden": "is not known here",
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be a list",
    "literal_error": "must be {expected}",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must not be empty",
    "too_long": "must have at most {max_length} entries",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}
"""Wordings for people of pydantic's own errors; ours are sentences already."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a `POST /v1/triage` body asks for: a ticket, and what to say of it beside the answer."""

    ticket: Ticket
    extras: Extras


def checked_body(model: type[Body], raw: bytes) -> Body:
    """The body as `model` reads it.

    Raises `ProblemError` 400 with the paths of the fields that are wrong.
    """
    return _checked(model, parse_json(raw))


def triage_of(raw: bytes) -> Asked:
    """What a `POST /v1/triage` body asks for.

    Raises `ProblemError` 400 with the paths of the fields that are wrong.
    """
    body = checked_body(TriageBody, raw)
    return Asked(ticket_of(body.ticket), Extras(body.similar or 0, body.explain or False))


def batch_of(raw: bytes) -> tuple[list[Any], Extras]:
    """The tickets of a `POST /v1/triage/batch` body as they came, 1 to 1,000 of them, not looked at yet; what to add.

    Raises `ProblemError` 400.
    """
    body = checked_body(BatchBody, raw)
    return body.tickets, Extras(explain=body.explain or False)


def tickets_of(values: Iterable[Any]) -> list[Ticket]:
    """The tickets of a batch, in order.

    Raises `ProblemError` 400 with the paths of the fields that are wrong, such as `tickets[3].created_at`: the first
    twenty of them.
    """
    tickets: list[Ticket] = []
    errors: list[FieldError] = []
    for place, value in enumerate(values):
        try:
            tickets.append(ticket_of(TicketBody.model_validate(value)))
        except ValidationError as error:
            errors += _field_errors(error, ("tickets", place))
            if len(errors) >= SHOWN_ERRORS:
                break
    if errors:
        raise fields_problem(errors)
    return tickets


def _checked(model: type[Body], value: Any) -> Body:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        errors = _field_errors(error)
    raise fields_problem(errors)


def fields_problem(errors: list[FieldError]) -> ProblemError:
    """The problem that says what is wrong with these fields of a body: the first twenty of them."""
    shown = tuple(errors[:SHOWN_ERRORS])
    fields = "1 field" if len(errors) == 1 else f"{len(errors)} fields"
    more = f"; the first {len(shown)} are listed" if len(shown) < len(errors) else ""
    return ProblemError(400, "invalid-body", f"{fields} cannot be used{more}.", shown)


def _field_errors(error: ValidationError, prefix: tuple[str | int, ...] = ()) -> list[FieldError]:
    found = error.errors(include_url=False, include_input=False)
    return [FieldError(_path((*prefix, *one["loc"])), _words(one)) for one in found]


def _words(error: ErrorDetails) -> str:
    # A context holds bounds, never what came: `hide_input_in_errors` and our own errors see to that.
    words = WORDS.get(error["type"])
    return words.format(**error.get("ctx", {})) if words else error["msg"]


def _path(location: tuple[str | int, ...]) -> str:
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        elif step != "[key]":
            path += f".{printable(step)}"
    return path.lstrip(".") or "body"
