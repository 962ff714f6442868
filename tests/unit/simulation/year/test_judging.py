import math

import pytest

from simulation.sample import Truth
from simulation.year.judging import FIGURES, Judged, Slate, applied_of, difference, figures_of, judged

TRUTH = Truth("Billing", "P2", escalated=True)


def row(queue: str, truth: str = "Billing", mode: str = "auto", risk: float = 0.5, escalated: bool = False) -> Judged:
    return Judged(Truth(truth, "P2", escalated), queue, mode, "P2", "suggest", risk)


def test_an_answer_is_read_with_old_names_as_the_new_ones() -> None:
    answer = {
        "queue": {"label": "Applications", "mode": "auto"},
        "priority": {"mode": "abstain", "why": "head_missing"},
        "escalation": {"probability": 0.3, "mode": "none"},
    }
    assert judged(answer, TRUTH, {}).queue == "Applications"
    found = judged(answer, TRUTH, {"Applications": "Software"})
    assert (found.queue, found.priority, found.risk) == ("Software", None, 0.3)


def test_figures_are_of_the_truth() -> None:
    rows = [row("Billing")] * 60 + [row("Orders")] * 20 + [row("Orders", "Orders")] * 20
    found = figures_of(Slate(rows))
    assert found["queue_accuracy"].value == pytest.approx(0.8)
    # Billing: 60 hits, 80 true, 60 said. Orders: 20 hits, 20 true, 40 said.
    assert found["queue_macro_f1"].value == pytest.approx((120 / 140 + 40 / 60) / 2)
    assert found["priority_accuracy"].value == 1.0
    assert math.isnan(found["escalation_auroc"].value), "nothing escalated"
    assert found["queue_accuracy"].low < 0.8 < found["queue_accuracy"].high


def test_auroc_is_of_what_escalated() -> None:
    rows = [row("Billing", risk=0.9, escalated=True)] * 30 + [row("Billing", risk=0.1)] * 70
    assert figures_of(Slate(rows))["escalation_auroc"].value == 1.0


def test_a_difference_is_taken_ticket_by_ticket() -> None:
    before, after = [row("Orders")] * 10 + [row("Billing")] * 90, [row("Billing")] * 100
    gain = difference(Slate(before), Slate(after))
    assert gain["queue_accuracy"].value == pytest.approx(0.1)
    assert gain["queue_accuracy"].low > 0
    assert gain["priority_accuracy"].value == gain["priority_accuracy"].low == 0.0
    assert set(gain) == set(FIGURES)
    with pytest.raises(ValueError, match="100 tickets"):
        difference(Slate(after), Slate(before[:5]))


def test_only_what_is_applied_by_itself_is_counted_under_contract() -> None:
    rows = [row("Billing")] * 3 + [row("Billing", "Orders")] + [row("Billing", mode="suggest")] * 5
    assert applied_of(rows) == {"queue": {"Billing": [4, 3]}, "priority": {}}


def test_nothing_is_said_of_no_tickets() -> None:
    assert figures_of(Slate([])) == difference(Slate([]), Slate([])) == {}
