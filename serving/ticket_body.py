"""The ticket as it comes in over HTTP: its fields, their bounds, and the desk's own `Ticket` out of it.

The one place where pydantic is used on what comes in. Times become UTC, attributes become text in one canonical
spelling, so that `58`, `58.0` and `"58"` are the same value to a model. Knows no routes and no model.
"""

import math
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from desk.likeness import MOST_SIMILAR
from desk.missing import meaning
from desk.ticket import Attachment, Customer, Message, Ticket

__all__ = ["MOST_TICKETS", "BatchBody", "Text", "TicketBody", "TriageBody", "ticket_of"]

MOST_TICKETS: Final = 1_000
LONGEST_NAME: Final = 256
LONGEST_ATTRIBUTE: Final = 10_000
MOST_ATTRIBUTES: Final = 500
MOST_TAGS: Final = 200
MOST_MESSAGES: Final = 1_000
MOST_ATTACHMENTS: Final = 100
LARGEST_NUMBER: Final = 2**63 - 1
EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
LATEST: Final = datetime.max.replace(tzinfo=UTC)

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ](?!24)\d\d:\d\d:\d\d(\.\d+)?(?P<zone>[Zz]|[+-]\d\d:[0-5]\d)?", re.ASCII)
"""Hour 24 and a zone's 60th minute are none, though some versions of Python read them."""


def _is_text(value: object) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError("not_text", "must be text")
    if "\0" in value:
        raise PydanticCustomError("nul", "must not hold the NUL character")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise PydanticCustomError("lone_surrogate", "must not hold half of a surrogate pair") from None
    return value


def _is_name(value: object) -> str:
    """Text, or a whole number: helpdesks number their tickets and customers."""
    if isinstance(value, int) and not isinstance(value, bool):
        _within_64_bits(value)
        return str(value)
    if not isinstance(value, str):
        raise PydanticCustomError("not_a_name", "must be text or a whole number")
    return _is_text(value)


def _within_64_bits(value: int) -> None:
    if abs(value) > LARGEST_NUMBER:
        raise PydanticCustomError("number_too_large", "must be a whole number of at most 64 bits, or text")


def _is_time(value: object) -> datetime:
    match = RFC_3339.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise PydanticCustomError("not_a_time", "must be an RFC 3339 time such as 2026-11-21T10:02:00Z")
    if match["zone"] is None:
        raise PydanticCustomError("naive_time", "must end in a time zone, such as Z or +01:00")
    try:
        return _in_utc(datetime.fromisoformat(match[0].upper()))
    except ValueError:
        raise PydanticCustomError("no_such_time", "is a time that does not exist") from None


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        # A zone's hours beyond either end of the calendar, which is how some software writes that it knows no time.
        return EARLIEST if moment.year == 1 else LATEST


def _is_attribute(value: object) -> str | None:
    match value:
        case None | str():
            return None if value is None else _is_text(value)
        case bool():
            return str(value).lower()
        case int():
            _within_64_bits(value)
            return str(value)
        case float():
            return _canonical_number(value)
    raise PydanticCustomError("nested", "must be text, a number, true, false or null")


def _canonical_number(value: float) -> str:
    if not math.isfinite(value):
        raise PydanticCustomError("not_finite", "must be a finite number")
    return str(int(value)) if value.is_integer() and abs(value) <= LARGEST_NUMBER else repr(value)


TEXT_SCHEMA = {"type": "string", "pattern": r"^[^\u0000]*$"}
SHORT_SCHEMA = {**TEXT_SCHEMA, "maxLength": LONGEST_NAME}
INTEGER_SCHEMA = {"type": "integer", "minimum": -LARGEST_NUMBER, "maximum": LARGEST_NUMBER}
NAME_SCHEMA = {"anyOf": [{**SHORT_SCHEMA, "minLength": 1}, INTEGER_SCHEMA]}
TIME_SCHEMA = {"type": "string", "format": "date-time"}
ATTRIBUTES_SCHEMA = {
    "type": "object",
    "maxProperties": MOST_ATTRIBUTES,
    "propertyNames": {**SHORT_SCHEMA, "minLength": 1},
    "additionalProperties": {
        **TEXT_SCHEMA,
        "type": ["string", "number", "boolean", "null"],
        "maxLength": LONGEST_ATTRIBUTE,
    },
}

Text = Annotated[str, BeforeValidator(_is_text), WithJsonSchema(TEXT_SCHEMA)]
Short = Annotated[str, Field(max_length=LONGEST_NAME), BeforeValidator(_is_text), WithJsonSchema(SHORT_SCHEMA)]
Name = Annotated[
    str, Field(min_length=1, max_length=LONGEST_NAME), BeforeValidator(_is_name), WithJsonSchema(NAME_SCHEMA)
]
Time = Annotated[datetime, BeforeValidator(_is_time), WithJsonSchema(TIME_SCHEMA)]
AttributeName = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), BeforeValidator(_is_text)]
Attribute = Annotated[Annotated[str, Field(max_length=LONGEST_ATTRIBUTE)] | None, BeforeValidator(_is_attribute)]
Attributes = Annotated[
    dict[AttributeName, Attribute], Field(max_length=MOST_ATTRIBUTES), WithJsonSchema(ATTRIBUTES_SCHEMA)
]


class _Body(BaseModel):
    """What all bodies share: unknown names are refused, and no error quotes what came."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class CustomerBody(_Body):
    """Who asks."""

    id: Name | None = None
    tier: Short | None = Field(
        None, description="what the customer pays for: standard, enterprise, vip", examples=["vip"]
    )


class AttachmentBody(_Body):
    """A file that came with the ticket, and what could be read out of it."""

    name: Short
    type: Short | None = Field(None, description="media type")
    text: Text | None = None


class MessageBody(_Body):
    """One message of the thread."""

    at: Time
    author: Literal["customer", "agent", "system"]
    text: Text


class TicketBody(_Body):
    """A ticket as known at one moment. An `id` and one of `subject`, `body`, `attributes` are needed."""

    id: Name = Field(description="the ticket's id in the desk's own system: text or a whole number")
    created_at: Time | None = Field(None, description="RFC 3339, with a time zone, without a leap second")
    channel: Short | None = Field(None, description="how it came in: email, chat, phone, …")
    subject: Text | None = Field(None, description="text beyond 100,000 characters is kept and not scored")
    body: Text | None = Field(None, description="the same; subject and body may be empty")
    language: Short | None = Field(None, description="such as en")
    region: Short | None = Field(None, description="such as DE")
    customer: CustomerBody | None = None
    product: Short | None = None
    tags: Annotated[list[Short], Field(max_length=MOST_TAGS)] | None = None
    attributes: Attributes | None = Field(
        None, description='what else the desk knows; 58, 58.0 and "58" are the same value'
    )
    attachments: Annotated[list[AttachmentBody], Field(max_length=MOST_ATTACHMENTS)] | None = None
    messages: Annotated[list[MessageBody], Field(max_length=MOST_MESSAGES)] | None = None

    @model_validator(mode="after")
    def _has_something_to_go_by(self) -> "TicketBody":
        if self.subject is None and self.body is None and self.attributes is None:
            raise PydanticCustomError("nothing_to_go_by", "must have a subject, a body or attributes")
        return self


Explain = Annotated[
    Annotated[bool, Field(strict=True)] | None,
    Field(None, description="whether to say what in the ticket speaks for the answer, head by head", examples=[True]),
]


class TriageBody(_Body):
    """One ticket to be triaged."""

    ticket: TicketBody
    similar: Annotated[int, Field(strict=True, ge=1, le=MOST_SIMILAR)] | None = Field(
        None, description="how many resolved tickets that are like it to show", examples=[5]
    )
    explain: Explain = None


class BatchBody(_Body):
    """Several tickets; each is validated on its own, so that one that is wrong is named by its place."""

    tickets: Annotated[
        list[Any],
        Field(min_length=1, max_length=MOST_TICKETS),
        WithJsonSchema(
            {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_TICKETS,
                "items": {"$ref": "#/components/schemas/Ticket"},
            }
        ),
    ]
    explain: Explain = None


def ticket_of(body: TicketBody) -> Ticket:
    """The desk's ticket, as `training.histories.reading` would make it of the same fields in a file.

    Text that is absent or says nothing is the empty string, any other such value None; messages go by their time.
    """
    return Ticket(
        id=body.id,
        created_at=body.created_at,
        subject=_said(body.subject),
        body=_said(body.body),
        channel=_meant(body.channel),
        language=_meant(body.language),
        region=_meant(body.region),
        product=_meant(body.product),
        customer=_customer(body.customer),
        tags=tuple(meant for tag in body.tags or () if (meant := meaning(tag))),
        attributes={name: meant for name, value in (body.attributes or {}).items() if (meant := _meant(value))},
        messages=tuple(
            Message(one.at, one.author, one.text) for one in sorted(body.messages or (), key=lambda one: one.at)
        ),
        attachments=tuple(
            Attachment(one.name, one.type, None if one.text is None else one.text.strip())
            for one in body.attachments or ()
        ),
    )


def _said(text: str | None) -> str:
    return "" if text is None or meaning(text) is None else text


def _meant(value: str | None) -> str | None:
    return None if value is None else meaning(value)


def _customer(body: CustomerBody | None) -> Customer:
    return Customer() if body is None else Customer(_meant(body.id), _meant(body.tier))
