"""The answer in the form that leaves the house: the same dictionary over HTTP and from `pointsman score`.

Knows the words of the API, not JSON, HTTP or where the answer goes.
"""

from typing import Any

from desk.factors import DEFAULT_POLICY, FactorPolicy, Score, Signs, label_of_score, score_of
from desk.heads import CLASS_HEADS, RISK_HEADS, Head
from desk.holdback import is_held_back
from desk.likeness import similar_json
from desk.modes import Mode, Terms, absent_mode, choice_mode, escalation_mode
from desk.prediction import Candidate, Choice, Prediction, Risk, published
from desk.reasons import reasons_json
from desk.ticket import Ticket

__all__ = ["DEFAULT_QUEUE", "TEXT_CUT", "answer_of"]

DEFAULT_QUEUE = "unassigned"
TEXT_CUT = "text_cut"
"""In `notes`: the ticket's text was too long to be read to its end."""


def answer_of(
    ticket: Ticket,
    prediction: Prediction,
    terms: Terms,
    *,
    prediction_id: str | None,
    journaled: bool,
    default_queue: str = DEFAULT_QUEUE,
    policy: FactorPolicy = DEFAULT_POLICY,
) -> dict[str, Any]:
    """One API answer, ready for JSON; probabilities are rounded to six decimals, and modes follow from what is rounded.

    A head that the version lacks says so with `mode: abstain` and the reason in `why`; a missing queue head answers
    with the desk's default queue, and `decided_by` names `default`. The multi-factor score stands beside the priority;
    where there is no such head what it stands for is suggested, without a probability, and `decided_by` names `score`.
    To a ticket that the terms hold back nothing is applied: what would be is suggested, and `why` says `held_back`.
    Similar tickets, and the reasons of each head that answers, are there where they were asked for, `notes` where
    there is something to note.
    """
    signs = prediction.signs
    score = None if signs is None else score_of(ticket, signs, policy)
    answer: dict[str, Any] = {
        "prediction_id": prediction_id,
        "ticket_id": ticket.id,
        "version": prediction.version,
        "decided_by": _deciders(prediction, score),
        "journaled": journaled,
    }
    held_back = is_held_back(ticket.id, terms.holdback)
    for head in CLASS_HEADS:
        choice = prediction.choices.get(head)
        answer[head] = _missing(terms, head) if choice is None else _choice(terms, head, choice, held_back)
    if "queue" not in prediction.choices:
        answer["queue"] = {"label": default_queue, **_missing(terms, "queue")}
    if signs is not None and score is not None:
        answer["priority"] = _with_score(answer["priority"], score, signs)
    for head in RISK_HEADS:
        risk = prediction.risks.get(head)
        answer[head] = _missing(terms, head) if risk is None else _risk(terms, head, risk)
    for head, reasons in (prediction.reasons or {}).items():
        answer[head] = {**answer[head], "reasons": reasons_json(reasons)}
    answer["tags"] = [] if signs is None else list(signs.tags)
    if prediction.similar is not None:
        answer["similar"] = similar_json(prediction.similar)
    if prediction.is_cut:
        answer["notes"] = [TEXT_CUT]
    return answer


def _deciders(prediction: Prediction, score: Score | None) -> list[str]:
    deciders = ["model"] if prediction.choices or prediction.risks else []
    if "priority" not in prediction.choices and score is not None:
        deciders.append("score")
    return deciders if "queue" in prediction.choices else [*deciders, "default"]


def _missing(terms: Terms, head: Head) -> dict[str, Any]:
    mode = absent_mode(terms, head)
    return {"mode": mode.mode, "why": mode.why}


def _with_score(priority: dict[str, Any], score: Score, signs: Signs) -> dict[str, Any]:
    """The priority with the score beside it; one that the version lacks is the label that the score stands for."""
    if "label" not in priority:
        priority = {"label": label_of_score(score.score, signs.priorities), "mode": "suggest", "why": priority["why"]}
    factors = {name: round(value) for name, value in score.factors.items()}
    return {**priority, "score": round(score.score), "factors": factors, "explanation": score.explanation}


def _choice(terms: Terms, head: Head, choice: Choice, held_back: bool) -> dict[str, Any]:
    top = [_candidate(one) for one in choice.top]
    return {**top[0], **_mode(choice_mode(terms, head, choice, held_back=held_back)), "top": top}


def _candidate(one: Candidate) -> dict[str, Any]:
    return {"label": one.label, "probability": published(one.probability)}


def _risk(terms: Terms, head: Head, risk: Risk) -> dict[str, Any]:
    said = {"probability": published(risk.probability)}
    return said if head == "breach" else {**said, **_mode(escalation_mode(terms, risk))}


def _mode(mode: Mode) -> dict[str, Any]:
    why = {} if mode.why is None else {"why": mode.why}
    return {"mode": mode.mode, **why, "threshold": mode.threshold}
