"""What was once answered to a ticket, as far as later words of it need to know: which labels, how sure, in which mode.

Read from the answer's own dictionary, as it left the house. Knows neither the journal that kept it nor what people say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk.heads import CLASS_HEADS, Head
from desk.prediction import published

__all__ = ["PastAnswer", "PastHead", "past_answer"]


@dataclass(frozen=True, slots=True)
class PastHead:
    """One head's part.

    label: None where the head said nothing; of escalation "true" where the mode was `escalate`, else "false".
    probability: of the label; of escalation, that it happens, whatever the label; None where the label is the default
    queue's or stands for a score. why: as `desk.modes.Mode` has it.
    """

    label: str | None
    probability: float | None
    mode: str
    why: str | None = None

    def probability_against(self, label: str) -> float:
        """How probable the answer held something else than `label` to be: of escalation, the other one of the two."""
        if self.probability is None:
            return 0.0
        if self.mode in ("escalate", "watch", "none"):
            return self.probability if label == "false" else published(1 - self.probability)
        return 0.0 if label == self.label else self.probability


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """The answer under one prediction id. at: when it was given, aware."""

    prediction_id: str
    ticket_id: str
    at: datetime
    heads: Mapping[Head, PastHead]


def past_answer(answer: Mapping[str, Any], at: datetime) -> PastAnswer:
    """What the API's answer (`desk.answer.answer_of`), given at `at`, said of queue, priority and escalation."""
    heads = {head: _choice(answer[head]) for head in CLASS_HEADS if head in answer}
    if "escalation" in answer:
        heads["escalation"] = _escalation(answer["escalation"])
    return PastAnswer(answer["prediction_id"], answer["ticket_id"], at, heads)


def _choice(said: Mapping[str, Any]) -> PastHead:
    return PastHead(said.get("label"), said.get("probability"), said["mode"], said.get("why"))


def _escalation(said: Mapping[str, Any]) -> PastHead:
    if "probability" not in said:
        return PastHead(None, None, said["mode"], said.get("why"))
    return PastHead("true" if said["mode"] == "escalate" else "false", said["probability"], said["mode"])
