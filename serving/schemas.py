"""What goes in and out, as JSON Schema 2020-12, with examples: the `components` of the API document.

What comes in is described by pydantic from the very models that read it; what goes out is described here, and the
tests hold real answers against it. Knows no routes.
"""

from typing import Any, Final

from pydantic.json_schema import models_json_schema

from desk.answer import TEXT_CUT
from desk.factors import FACTORS
from desk.likeness import MOST_SIMILAR
from desk.reasons import MOST_REASONS
from models.factors import EXPERTISE, HIGH_COMPLEXITY
from serving.problems import MEDIA_TYPE, TITLES
from serving.ticket_body import BatchBody, TriageBody

__all__ = ["EXAMPLE_ANSWER", "EXAMPLE_TICKET", "schemas"]

Schema = dict[str, Any]

EXAMPLE_TICKET: Final[Schema] = {
    "id": "4312",
    "created_at": "2026-11-21T10:02:00Z",
    "channel": "email",
    "subject": "Charged twice",
    "body": "I was charged twice this month. Please refund one of them.",
    "customer": {"id": "c-9", "tier": "enterprise"},
    "attributes": {"category": "58"},
}
EXAMPLE_ANSWER: Final[Schema] = {
    "prediction_id": "019d0c6fa2c07d1f4b8e36a59c20e71b",
    "ticket_id": "4312",
    "version": "12",
    "decided_by": ["model"],
    "journaled": True,
    "queue": {
        "label": "Billing",
        "probability": 0.93,
        "mode": "auto",
        "threshold": 0.88,
        "top": [
            {"label": "Billing", "probability": 0.93},
            {"label": "Orders", "probability": 0.04},
            {"label": "Access", "probability": 0.01},
        ],
        "reasons": [
            {"text": "mentions ‘charged twice’", "weight": 1.9},
            {"text": "mentions ‘refund’", "weight": 1.2},
            {"text": "customer tier: enterprise", "weight": 0.3},
        ],
    },
    "priority": {
        "label": "P2",
        "probability": 0.71,
        "mode": "suggest",
        "threshold": None,
        "top": [{"label": "P2", "probability": 0.71}],
        "score": 70,
        "factors": {"customer_tier": 90, "urgency": 70, "complexity": 40, "sentiment": 65},
        "explanation": "raised by customer tier (90), urgency (70) and sentiment (65); lowered by complexity (40)",
    },
    "escalation": {"probability": 0.81, "mode": "escalate", "threshold": 0.62},
    "breach": {"mode": "abstain", "why": "head_missing"},
    "tags": [],
    "similar": [
        {
            "ticket_id": "3988",
            "similarity": 0.87,
            "queue": "Billing",
            "priority": "P2",
            "escalated": False,
            "reassignment_count": 1,
            "resolution": "Refunded the second payment.",
        }
    ],
}
EXAMPLE_PROBLEM: Final[Schema] = {
    "type": "urn:pointsman:problem:invalid-body",
    "title": TITLES["invalid-body"],
    "status": 400,
    "detail": "1 field cannot be used.",
    "errors": [{"field": "ticket.created_at", "message": "must end in a time zone, such as Z or +01:00"}],
}

TEXT: Final[Schema] = {"type": "string"}
TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
TIME: Final[Schema] = {"type": "string", "format": "date-time"}
PROBABILITY: Final[Schema] = {"type": "number", "minimum": 0, "maximum": 1, "description": "calibrated"}
THRESHOLD: Final[Schema] = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
APPLIES: Final[Schema] = {
    "mode": {"enum": ["auto", "suggest"], "description": "auto: the contract holds, apply it"},
    "threshold": {**THRESHOLD, "description": "from here on the label is auto; null where its evidence proves nothing"},
}
WITHHELD: Final[Schema] = {
    "mode": {"const": "suggest"},
    "why": {
        "enum": ["held_back", "contract_in_breach", "queue_gone"],
        "description": "what the contract would apply: held_back: kept from automation by chance, do not show what is "
        "suggested; contract_in_breach: the label was right too seldom of late; queue_gone: sure enough only with "
        "what a retired queue left behind",
    },
    "threshold": APPLIES["threshold"],
}
UNSURE: Final[Schema] = {
    "mode": {"const": "abstain"},
    "why": {
        "enum": ["unknown_topic", "below_suggest", "queue_gone"],
        "description": "like nothing learned, too improbable, or most like a queue that is no more",
    },
    "threshold": APPLIES["threshold"],
}
REVIEWS: Final[Schema] = {
    "mode": {"enum": ["escalate", "watch", "none"], "description": "whether the desk's capacity to review reaches it"},
    "threshold": {**THRESHOLD, "description": "from here on a ticket is escalated; null where nothing says so"},
}
ABSENT: Final[Schema] = {
    "mode": {"const": "abstain"},
    "why": {"enum": ["head_missing", "too_little_history"], "description": "no such head, or too few rows for one"},
}

SIMILAR: Final[Schema] = {
    "ticket_id": TEXT,
    "similarity": {"type": "number", "minimum": -1, "maximum": 1, "description": "a cosine: 1 means the same"},
    "queue": TEXT_OR_NULL,
    "priority": TEXT_OR_NULL,
    "escalated": {"type": ["boolean", "null"]},
    "reassignment_count": {"type": ["integer", "null"], "minimum": 0},
    "resolution": {**TEXT_OR_NULL, "description": "its first 300 characters"},
}
REASON: Final[Schema] = {
    "text": {**TEXT, "description": "in words, such as: mentions ‘vpn token’, customer tier: enterprise"},
    "weight": {"type": "number", "description": "what it adds to the log-odds of the answer; below 0, takes off"},
}
REASONS: Final[Schema] = {
    "type": "array",
    "maxItems": MOST_REASONS,
    "items": {"$ref": "#/components/schemas/Reason"},
    "description": "where asked for: what speaks for the answer, for a risk that it comes true, the heaviest first; "
    "where less than three things do, then what speaks against it",
}
STANDS_IN: Final[Schema] = {
    "label": TEXT,
    "mode": {"const": "suggest", "description": "the label that the score stands for: there is no such head"},
    "why": ABSENT["why"],
}
LEVEL: Final[Schema] = {"type": "integer", "minimum": 0, "maximum": 100}
SCORED: Final[Schema] = {
    "score": {**LEVEL, "description": "the multi-factor score; 100 is the most pressing"},
    "factors": {
        "type": "object",
        "properties": dict.fromkeys((*FACTORS, "business_impact"), LEVEL),
        "additionalProperties": False,
        "description": "what the ticket has of them; an absent one leaves its weight to the others",
    },
    "explanation": {**TEXT, "description": "which factors raise the score and which lower it"},
}


def schemas() -> dict[str, Schema]:
    """All schemas of the API by name."""
    return {**_incoming(), **_answers(), **_others()}


def _incoming() -> dict[str, Schema]:
    _, made = models_json_schema(
        [(TriageBody, "validation"), (BatchBody, "validation")], ref_template="#/components/schemas/{model}"
    )
    renamed = {name.removesuffix("Body"): _without_suffix(schema) for name, schema in made["$defs"].items()}
    renamed["Triage"]["examples"] = [{"ticket": EXAMPLE_TICKET, "similar": 1, "explain": True}]
    renamed["Batch"]["examples"] = [{"tickets": [EXAMPLE_TICKET]}]
    renamed["Ticket"]["examples"] = [EXAMPLE_TICKET]
    renamed["Ticket"]["anyOf"] = [_given(name) for name in ("subject", "body", "attributes")]
    return renamed


def _given(name: str) -> Schema:
    """The member is there and not null, which would be the same as absent."""
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}


def _without_suffix(value: Any) -> Any:
    """References and titles without `Body`, and no default of null: an absent field is absent."""
    if isinstance(value, list):
        return [_without_suffix(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _without_suffix(one) for name, one in value.items() if not (name == "default" and one is None)}
    for name in ("$ref", "title"):
        if isinstance(kept.get(name), str):
            kept[name] = kept[name].removesuffix("Body")
    return kept


def _answers() -> dict[str, Schema]:
    label = {"label": TEXT, "probability": PROBABILITY}
    top = {"top": {"type": "array", "minItems": 1, "items": _ref("Candidate")}}
    why = {"reasons": REASONS}
    chosen = [_object({**label, **mode, **top, **why}, optional=("reasons",)) for mode in (APPLIES, WITHHELD, UNSURE)]
    missing, risk = _object(ABSENT), {"probability": PROBABILITY}
    return {
        "Candidate": {**_object(label), "description": "a label and how likely it is"},
        "Queue": {
            "description": "the most probable queue and the runners-up; without such a head the desk's default queue",
            "oneOf": [*chosen, _object({"label": TEXT, **ABSENT})],
        },
        "Priority": {
            "description": "the most probable priority and the runners-up, beside it the multi-factor score; without "
            "such a head what the score stands for",
            "oneOf": [*_scored(chosen), _object({**STANDS_IN, **SCORED}), missing],
        },
        "Escalation": {
            "description": "how likely the ticket is to escalate",
            "oneOf": [_object({**risk, **REVIEWS, **why}, optional=("reasons",)), missing],
        },
        "Breach": {
            "description": "how likely the ticket is to breach its SLA",
            "oneOf": [_object({**risk, **why}, optional=("reasons",)), missing],
        },
        "Reason": {**_object(REASON), "description": "a part of the ticket, and how it speaks for the answer"},
        "SimilarTicket": {**_object(SIMILAR), "description": "a resolved ticket, and what became of it"},
        "Answer": {**_answer(), "examples": [EXAMPLE_ANSWER]},
        "Answers": {
            **_object({"answers": {"type": "array", "items": _ref("Answer"), "description": "in the tickets' order"}}),
            "examples": [{"answers": [EXAMPLE_ANSWER]}],
        },
    }


def _answer() -> Schema:
    deciders = {"type": "array", "items": {"enum": ["model", "score", "default"]}, "minItems": 1}
    return _object(
        {
            "prediction_id": TEXT,
            "ticket_id": TEXT,
            "version": {**TEXT_OR_NULL, "description": "null where no version has said anything"},
            "decided_by": {**deciders, "description": "who decided, in order"},
            "journaled": {"type": "boolean", "description": "whether the answer's row is durable"},
            "queue": _ref("Queue"),
            "priority": _ref("Priority"),
            "escalation": _ref("Escalation"),
            "breach": _ref("Breach"),
            "tags": {"type": "array", "items": {"enum": [HIGH_COMPLEXITY, EXPERTISE]}},
            "similar": {
                "type": "array",
                "maxItems": MOST_SIMILAR,
                "items": _ref("SimilarTicket"),
                "description": "where asked for: the resolved tickets most like it, the nearest first",
            },
            "notes": {
                "type": "array",
                "items": {"enum": [TEXT_CUT]},
                "description": "where there is something to note; `text_cut`: text beyond 100,000 characters, counted "
                "over all that is read of the ticket, was left out",
            },
        },
        optional=("similar", "notes"),
    )


def _scored(chosen: list[Schema]) -> list[Schema]:
    """The same with the score beside it, which is missing only where the factors could not be read."""
    return [_object({**one["properties"], **SCORED}, optional=("reasons", *SCORED)) for one in chosen]


def _others() -> dict[str, Schema]:
    return {
        "RecordedPrediction": _recorded_prediction(),
        "Model": _model(),
        "Health": _object({"status": {"enum": ["alive", "ready"]}}),
        "Problem": _problem(),
    }


def _recorded_prediction() -> Schema:
    return _object(
        {
            "prediction_id": TEXT,
            "at": TIME,
            "version": TEXT_OR_NULL,
            "latency_ms": {"type": "number", "minimum": 0, "description": "time that scoring took"},
            "request_id": {**TEXT_OR_NULL, "description": "of the request that asked, as the log has it"},
            "ticket": _ref("Ticket"),
            "answer": _ref("Answer"),
            "feedback": {
                "type": ["array", "null"],
                "items": _ref("Verdict"),
                "description": "the newest first; null where the database does not answer now",
            },
            "replay": _ref("Replay"),
        },
        optional=("replay",),
    )


def _model() -> Schema:
    head = _object({"labels": {"type": "integer", "minimum": 0, "description": "how many labels it knows"}})
    window = {"type": ["array", "null"], "items": TIME, "minItems": 2, "maxItems": 2}
    learned = _object(
        {
            "tickets": {"type": ["integer", "null"], "minimum": 0},
            "window": {**window, "description": "when the first and the last of them were opened"},
            "at": {**TIME, "type": ["string", "null"]},
        }
    )
    trouble = _object({"version": TEXT_OR_NULL, "error": TEXT, "at": TIME})
    return _object(
        {
            "version": {**TEXT_OR_NULL, "description": "the version that answers; null before there is one"},
            "promoted_at": {**TIME, "type": ["string", "null"]},
            "heads": {"type": "object", "additionalProperties": head, "description": "what it can answer"},
            "learned": {"oneOf": [learned, {"type": "null"}], "description": "what it was taught from"},
            "default_queue": TEXT,
            "build": {**TEXT, "description": "the release of Pointsman that answers"},
            "trouble": {"oneOf": [trouble, {"type": "null"}], "description": "why the champion does not answer"},
            "shadow": {
                "oneOf": [_shadow(), {"type": "null"}],
                "description": "who scores beside it, journaled and never answered; null: nobody",
            },
            "pending": {"type": "integer", "minimum": 0, "description": "answers that the database has not taken yet"},
        }
    )


def _shadow() -> Schema:
    return _object(
        {
            "version": TEXT,
            "share": {"type": "number", "minimum": 0, "maximum": 1, "description": "of the tickets"},
            "scores": {"type": "boolean", "description": "whether it does so in the process that answers"},
            "trouble": {**TEXT_OR_NULL, "description": "why it does not, where something is wrong"},
        }
    )


def _problem() -> Schema:
    error = _object({"field": TEXT, "message": TEXT})
    shape = _object(
        {
            "type": {"enum": [f"urn:pointsman:problem:{kind}" for kind in TITLES]},
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": TEXT,
            "errors": {"type": "array", "items": error},
        },
        optional=("errors",),
    )
    return {
        **shape,
        "description": f"what went wrong, as {MEDIA_TYPE} (RFC 9457)",
        "examples": [EXAMPLE_PROBLEM],
    }


def _object(properties: Schema, optional: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
