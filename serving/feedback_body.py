"""A verdict as it comes in over HTTP: its fields, their bounds, and the desk's own `Verdict` out of it.

Knows no routes, and neither predictions nor keys.
"""

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from desk.feedback import Verdict
from desk.feedback_bounds import LONGEST_COMMENT
from serving.ticket_body import SHORT_SCHEMA, TEXT_SCHEMA, Short, Text, Time

__all__ = ["FeedbackBody", "verdict_of"]

HEADS: Final = ("queue", "priority", "escalation")
SOMETHING: Final = (*HEADS, "comment")
"""Of which a verdict says at least one. A blank comment says nothing."""

# At least one character that Python takes for no space, and no NUL.
IN_WORDS: Final = r"^[^\u0000]*[^\s\u0000\u001c-\u001f\u0085][^\u0000]*$"
WORDS_SCHEMA: Final = {**SHORT_SCHEMA, "pattern": IN_WORDS}
COMMENT_SCHEMA: Final = {**TEXT_SCHEMA, "maxLength": LONGEST_COMMENT}


def _in_words(value: str) -> str:
    bare = value.strip()
    if not bare:
        raise PydanticCustomError("blank", "must not be blank")
    return bare


def _is_yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise PydanticCustomError("not_a_bool", "must be true or false")
    return value


Words = Annotated[Short, AfterValidator(_in_words), WithJsonSchema(WORDS_SCHEMA)]
YesNo = Annotated[bool, BeforeValidator(_is_yes_or_no), WithJsonSchema({"type": "boolean"})]
Comment = Annotated[Text, Field(max_length=LONGEST_COMMENT), WithJsonSchema(COMMENT_SCHEMA)]


def _anything(schema: dict[str, Any]) -> None:
    """That one of `SOMETHING` is there and neither null nor blank, as the schema says it."""
    said: dict[str, Any] = {name: {"not": {"type": "null"}} for name in HEADS}
    said["comment"] = {"type": "string", "pattern": IN_WORDS}
    schema["anyOf"] = [{"required": [name], "properties": {name: one}} for name, one in said.items()]


class FeedbackBody(BaseModel):
    """What a person says of an answer: the right queue or priority, whether escalating is justified, or words."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, json_schema_extra=_anything)

    prediction_id: Annotated[
        Short, Field(min_length=1, description="of the answer"), WithJsonSchema({**SHORT_SCHEMA, "minLength": 1})
    ]
    who: Words = Field(description="who says it, as the desk's system names people")
    queue: Words | None = Field(None, description="the right queue, also where the answer said it")
    priority: Words | None = Field(None, description="the right priority")
    escalation: YesNo | None = Field(None, description="whether escalating the ticket is or would be justified")
    comment: Comment | None = None
    saw_suggestion: YesNo = Field(True, description="whether the person had the answer before their eyes")
    at: Time | None = Field(None, description="when it was said; now, unless given")
    is_final: YesNo = Field(False, description="a lead's word, which settles what others dispute; takes `admin` too")

    @model_validator(mode="after")
    def _says_something(self) -> "FeedbackBody":
        if self.comment is not None and not self.comment.strip():
            self.comment = None
        if all(getattr(self, name) is None for name in SOMETHING):
            raise PydanticCustomError("says_nothing", "must have a queue, a priority, an escalation or a comment")
        return self


def verdict_of(body: FeedbackBody, now: datetime) -> Verdict:
    """The desk's verdict; said `now` where the body does not say when."""
    return Verdict(
        prediction_id=body.prediction_id,
        who=body.who,
        at=body.at or now,
        queue=body.queue,
        priority=body.priority,
        escalation=body.escalation,
        comment=body.comment,
        saw_suggestion=body.saw_suggestion,
        is_final=body.is_final,
    )
