"""The four questions that a version answers, and which outcome answers each.

A *head* is one question. Knows nothing of how it is answered.
"""

from dataclasses import replace
from typing import Final, Literal

from desk.outcome import Outcome

__all__ = ["CLASS_HEADS", "HEADS", "RISK_HEADS", "Head", "label_of", "with_label"]

Head = Literal["queue", "priority", "escalation", "breach"]

CLASS_HEADS: Final[tuple[Head, ...]] = ("queue", "priority")
"""Heads that choose one label of many."""

RISK_HEADS: Final[tuple[Head, ...]] = ("escalation", "breach")
"""Two-sided heads that answer with the probability that it will happen."""

HEADS: Final[tuple[Head, ...]] = CLASS_HEADS + RISK_HEADS


def label_of(outcome: Outcome, head: Head) -> str | None:
    """The true label of `head`, or None where the history does not say; risk heads use "false" and "true"."""
    match head:
        case "queue":
            return outcome.queue
        case "priority":
            return outcome.priority
        case "escalation":
            return _yes_no(outcome.escalated)
        case "breach":
            return _yes_no(outcome.sla_breached)


def with_label(outcome: Outcome, head: Head, label: str | None) -> Outcome:
    """The outcome that answers `head` with `label`; with None it does not say."""
    match head:
        case "queue":
            return replace(outcome, queue=label)
        case "priority":
            return replace(outcome, priority=label)
        case "escalation":
            return replace(outcome, escalated=_truth(label))
        case "breach":
            return replace(outcome, sla_breached=_truth(label))


def _truth(label: str | None) -> bool | None:
    return None if label is None else label == "true"


def _yes_no(value: bool | None) -> str | None:
    return None if value is None else str(value).lower()
