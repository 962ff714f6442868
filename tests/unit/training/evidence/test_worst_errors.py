"""The surest wrong answers, by hand-worked cases."""

import numpy as np

from training.evidence.held_out import HeldOut
from training.evidence.metrics import UNKNOWN_LABEL
from training.evidence.worst_errors import worst_errors


def said(truth: list[int], probabilities: list[list[float]], head: str = "queue") -> HeldOut:
    labels = ("false", "true") if head == "escalation" else ("A", "B", "C")
    return HeldOut(head, labels, np.array(truth), np.array(probabilities))  # type: ignore[arg-type]


def test_wrong_answers_are_listed_the_surest_first() -> None:
    held_out = said([0, 1, 2, -1], [[0.9, 0.1, 0.0], [0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]])
    found = worst_errors(held_out, ["t0", "t1", "t2", "t3"])
    assert [(one.ticket_id, one.truth, one.answered, one.probability) for one in found] == [
        ("t2", "C", "B", 0.8),
        ("t1", "B", "A", 0.7),
        ("t3", UNKNOWN_LABEL, "C", 0.6),
    ]
    assert [one.probability_of_truth for one in found] == [0.1, 0.2, 0.0]
    assert len(worst_errors(held_out, ["t0", "t1", "t2", "t3"], most=1)) == 1


def test_a_risk_is_wrong_by_what_it_gave_to_what_did_not_come_about() -> None:
    held_out = said([1, 0, 0], [[0.8, 0.2], [0.4, 0.6], [0.95, 0.05]], head="escalation")
    found = worst_errors(held_out, ["a", "b", "c"])
    assert [(one.ticket_id, one.truth, one.answered, one.probability) for one in found] == [
        ("a", "true", "false", 0.8),
        ("b", "false", "true", 0.6),
        ("c", "false", "true", 0.05),
    ]


def test_a_head_that_is_always_right_has_no_errors() -> None:
    assert worst_errors(said([0], [[1.0, 0.0, 0.0]]), ["a"]) == ()
