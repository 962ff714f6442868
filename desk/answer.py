"""The answer in the form that leaves the house: the same dictionary over HTTP and from `pointsman score`.

Knows the words of the API, not JSON, HTTP or where the answer goes.
"""

from typing import Any

from desk.heads import CLASS_HEADS, RISK_HEADS
from desk.prediction import Choice, Prediction

__all__ = ["DEFAULT_QUEUE", "answer_of"]

DEFAULT_QUEUE = "unassigned"
DECIMALS = 6


def answer_of(
    prediction: Prediction,
    *,
    ticket_id: str,
    prediction_id: str | None,
    journaled: bool,
    default_queue: str = DEFAULT_QUEUE,
) -> dict[str, Any]:
    """One API answer, ready for JSON; probabilities are rounded to six decimals.

    A head that the version lacks says so with `mode: abstain` and `why: head_missing`; a missing queue head answers
    with the desk's default queue, and `decided_by` names `default`.
    """
    answer: dict[str, Any] = {
        "prediction_id": prediction_id,
        "ticket_id": ticket_id,
        "version": prediction.version,
        "decided_by": _deciders(prediction),
        "journaled": journaled,
    }
    for head in CLASS_HEADS:
        choice = prediction.choices.get(head)
        answer[head] = _missing() if choice is None else _choice(choice)
    if "queue" not in prediction.choices:
        answer["queue"] = {"label": default_queue, **_missing()}
    for head in RISK_HEADS:
        risk = prediction.risks.get(head)
        answer[head] = _missing() if risk is None else {"probability": round(risk.probability, DECIMALS)}
    return answer


def _deciders(prediction: Prediction) -> list[str]:
    deciders = ["model"] if prediction.choices or prediction.risks else []
    return deciders if "queue" in prediction.choices else [*deciders, "default"]


def _missing() -> dict[str, str]:
    return {"mode": "abstain", "why": "head_missing"}


def _choice(choice: Choice) -> dict[str, Any]:
    top = [{"label": one.label, "probability": round(one.probability, DECIMALS)} for one in choice.top]
    return {**top[0], "top": top}
