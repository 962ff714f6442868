"""Held-out rows as evidence: by the label that was answered, the surest first, as it would have been answered."""

import numpy as np

from training.evidence.contracts import evidence_of
from training.evidence.held_out import HeldOut


def test_rows_stand_under_the_label_that_was_answered_the_surest_first() -> None:
    probabilities = np.array([[0.7, 0.3], [0.12345678, 0.87654322], [0.9, 0.1], [0.4, 0.6], [0.8, 0.2]])
    held_out = HeldOut("queue", ("A", "B", "C"), np.array([0, 1, 1, -1, 0]), np.pad(probabilities, ((0, 0), (0, 1))))
    found = evidence_of(held_out)
    assert set(found) == {"A", "B"}
    assert (found["A"].probabilities, found["A"].hits) == ((0.9, 0.8, 0.7), (False, True, True))
    # A label that the head does not know was not answered right; probabilities are rounded as answers are.
    assert (found["B"].probabilities, found["B"].hits) == ((0.876543, 0.6), (True, False))


def test_a_risk_head_keeps_every_row_with_the_probability_that_it_happens() -> None:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])
    held_out = HeldOut("escalation", ("false", "true"), np.array([0, 1, 1]), probabilities)
    (rows,) = evidence_of(held_out).values()
    assert (rows.probabilities, rows.hits) == ((0.8, 0.5, 0.1), (True, True, False))
