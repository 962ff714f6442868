"""What became of tickets as it comes in over HTTP: fields, their bounds, and the desk's own reports out of it.

Text that says nothing (`?`, `N/A`) is not known, as in a history. Knows no routes.
"""

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from desk.feedback import OUTCOME_FIELDS, OutcomeReport, Said
from desk.feedback_bounds import LONGEST_RESOLUTION, MOST_SATISFACTION, MOST_TIMES
from desk.missing import meaning
from serving.feedback_body import YesNo
from serving.ticket_body import TEXT_SCHEMA, Name, Short, Text, Time

__all__ = ["MOST_OUTCOMES", "OutcomeBody", "OutcomesBody", "report_of"]

MOST_OUTCOMES: Final = 1_000


def _is_number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("not_a_number", "must be a number")
    if not -MOST_SATISFACTION <= value <= MOST_SATISFACTION:  # nor is what is not a number
        raise PydanticCustomError("too_far", f"must be a number from -{MOST_SATISFACTION} to {MOST_SATISFACTION}")
    return float(value)


Count = Annotated[int, Field(strict=True, ge=0, le=MOST_TIMES)]
Resolution = Annotated[
    Text, Field(max_length=LONGEST_RESOLUTION), WithJsonSchema({**TEXT_SCHEMA, "maxLength": LONGEST_RESOLUTION})
]
Number = Annotated[
    float,
    BeforeValidator(_is_number),
    WithJsonSchema({"type": "number", "minimum": -MOST_SATISFACTION, "maximum": MOST_SATISFACTION}),
]


def _anything(schema: dict[str, Any]) -> None:
    schema["anyOf"] = [{"required": [name]} for name in OUTCOME_FIELDS]


class OutcomeBody(BaseModel):
    """What the desk's system knows of a ticket's outcome at one moment; null: it is not known, or not any more."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, json_schema_extra=_anything)

    ticket_id: Name = Field(description="the ticket's id in the desk's own system: text or a whole number")
    at: Time | None = Field(None, description="when it was so; now, unless given")
    queue: Short | None = Field(None, description="the final queue")
    priority: Short | None = Field(None, description="the final priority")
    escalated: YesNo | None = None
    sla_breached: YesNo | None = None
    first_response_at: Time | None = None
    resolved_at: Time | None = None
    reassignment_count: Count | None = None
    reopen_count: Count | None = None
    satisfaction: Number | None = Field(None, description="in the desk's own scale")
    resolver: Short | None = Field(None, description="who resolved it")
    resolution: Resolution | None = Field(None, description="how it was resolved")

    @model_validator(mode="after")
    def _says_something(self) -> "OutcomeBody":
        if self.model_fields_set.isdisjoint(OUTCOME_FIELDS):
            raise PydanticCustomError("says_nothing", "must say something of the outcome, such as a queue")
        return self


class OutcomesBody(BaseModel):
    """One report, or several."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    outcome: OutcomeBody | None = None
    outcomes: Annotated[list[OutcomeBody], Field(min_length=1, max_length=MOST_OUTCOMES)] | None = None

    @model_validator(mode="after")
    def _holds_one_of_both(self) -> "OutcomesBody":
        if len(self.model_fields_set) != 1 or (self.outcome is None and self.outcomes is None):
            raise PydanticCustomError("one_of_both", 'must hold either "outcome" or "outcomes"')
        return self

    def by_path(self) -> list[tuple[str, OutcomeBody]]:
        """Each report with its path in the body."""
        if self.outcome is not None:
            return [("outcome", self.outcome)]
        return [(f"outcomes[{place}]", one) for place, one in enumerate(self.outcomes or ())]


def report_of(body: OutcomeBody, now: datetime) -> OutcomeReport:
    """The desk's report; of `now` where the body does not say when."""
    said = {name: getattr(body, name) for name in OUTCOME_FIELDS if name in body.model_fields_set}
    return OutcomeReport(body.ticket_id, body.at or now, {name: _meant(one) for name, one in said.items()})


def _meant(value: Said) -> Said:
    return meaning(value) if isinstance(value, str) else value
