"""Pictures hold what they promise, whatever the desk calls its labels."""

import io
import subprocess
import sys
from math import sqrt

import numpy as np
import pytest
from matplotlib.figure import Figure

from training.evidence.confusion import confusion_of, mix_ups
from training.evidence.contracts import HeadContract
from training.evidence.drawing import plain
from training.evidence.held_out import HeldOut
from training.evidence.metrics import UNKNOWN_LABEL, measure
from training.evidence.pictures import confusion, coverage, reliability, summary
from training.evidence.reliability import bins_of, wilson
from training.evidence.risk_pictures import ranking, scores
from training.evidence.slice_pictures import by_slice
from training.evidence.slices import slices_of

ODD_LABELS = ("a $x_1$ b$", "多语言 队列", "two\nlines", "x" * 90, "", "%s {0} \\")


def held_out(labels: tuple[str, ...], rows: int = 200, head: str = "queue", unknown: int = 0) -> HeldOut:
    chance = np.random.default_rng(len(labels))
    probabilities = chance.dirichlet(np.ones(len(labels)), rows)
    truth = chance.integers(0, len(labels), rows)
    truth[:unknown] = -1
    return HeldOut(head, labels, truth, probabilities)  # type: ignore[arg-type]


def drawn(figure: Figure) -> str:
    """Draw it for real, and give back every word on it."""
    figure.savefig(io.BytesIO(), format="png", dpi=40)
    texts = [text.get_text() for axes in figure.axes for text in axes.findobj(lambda one: hasattr(one, "get_text"))]
    return "\n".join(texts)


def test_every_picture_draws_labels_that_could_break_it() -> None:
    queue, other = held_out(ODD_LABELS), held_out(ODD_LABELS)
    assert "200 held-out tickets" in drawn(confusion(queue))
    drawn(reliability(queue))
    drawn(coverage(queue, {"linear": other}))
    for thresholds in ({}, dict.fromkeys(queue.labels, 0.5)):
        drawn(coverage(queue, {"linear": other}, HeadContract(0.96, thresholds)))
    drawn(summary({"queue": measure(queue)}, {"queue": {"linear": measure(other)}}))


def test_a_risk_head_has_pictures_of_its_own() -> None:
    risk = held_out(("false", "true"), head="escalation")
    words = drawn(ranking(risk, {"linear": risk}))
    assert "review" in words
    assert "base rate" in words
    assert "it happened" in drawn(scores(risk))
    assert "share where it happened" in drawn(reliability(risk))


@pytest.mark.parametrize("outcome", [0, 1])
def test_a_risk_that_always_or_never_happened_can_be_drawn(outcome: int) -> None:
    some = held_out(("false", "true"), head="breach")
    risk = HeldOut("breach", some.labels, np.full(200, outcome), some.probabilities)
    assert "review" in drawn(ranking(risk, {}))
    assert f"{('it did not happen', 'it happened')[outcome]}: 200 tickets" in drawn(scores(risk))
    assert "share where it happened" in drawn(reliability(risk))


def test_slices_are_drawn_by_name_with_their_tickets_the_largest_first() -> None:
    queue, channels = held_out(ODD_LABELS), {"channel": ["a $x_1$ b$"] * 120 + ["phone"] * 80}
    words = drawn(by_slice(queue, slices_of(queue, channels)))
    assert "channel: phone  80" in words
    assert f"all: {queue.hit.mean():.3f}" in words
    many = held_out(tuple(map(str, range(20))), rows=1200)
    words = drawn(by_slice(many, slices_of(many, {})))
    assert len({line for line in words.splitlines() if line.startswith("label: ")}) == 12
    risk = held_out(("false", "true"), head="breach")
    assert "channel: phone  80" in drawn(by_slice(risk, slices_of(risk, channels)))
    never = HeldOut("breach", risk.labels, np.zeros(200, dtype=np.int64), risk.probabilities)
    assert "all:" not in drawn(by_slice(never, slices_of(never, channels)))


def test_one_row_can_be_drawn() -> None:
    one = held_out(("a", "b"), rows=1)
    assert "1 held-out ticket" in drawn(confusion(one))
    for figure in (reliability(one), coverage(one, {})):
        assert drawn(figure).strip()


def test_no_window_toolkit_is_needed() -> None:
    rooms = "training.evidence.pictures, training.evidence.risk_pictures"
    question = f"import sys, {rooms}; print('matplotlib.pyplot' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True, timeout=60)
    assert answer.stdout.strip() == "False"


def test_labels_are_drawn_on_one_short_line_and_never_as_a_formula() -> None:
    assert plain("two\nlines") == "two lines"
    assert plain("costs $5 or $6") == r"costs \$5 or \$6"
    assert len(plain("x" * 90)) == 30
    assert plain("队列 A") == "□□ A"


def test_many_labels_become_the_most_frequent_and_the_rest() -> None:
    truth = np.array([0, 0, 0, 1, 1, 2, 3])
    answers = np.array([0, 0, 1, 1, 2, 3, 3])
    probabilities = np.eye(4)[answers]
    table = confusion_of(HeldOut("queue", ("a", "b", "c", "d"), truth, probabilities), most=2)
    assert table.rows == table.columns == ("a", "b", "2 others")
    assert table.counts.tolist() == [[2, 1, 0], [0, 1, 1], [0, 0, 2]]
    assert table.others_right == pytest.approx(0.5)
    assert table.shares[0].tolist() == pytest.approx([2 / 3, 1 / 3, 0])


def test_labels_that_the_head_does_not_know_are_a_row_of_their_own() -> None:
    table = confusion_of(HeldOut("queue", ("a", "b"), np.array([0, -1, -1]), np.array([[1, 0], [1, 0], [0, 1.0]])))
    assert table.rows == ("a", "b", UNKNOWN_LABEL)
    assert table.columns == ("a", "b")
    assert table.counts.tolist() == [[1, 0], [0, 0], [1, 1]]
    assert table.others_right is None


def test_mix_ups_name_the_most_frequent_wrong_answers_first() -> None:
    truth = np.array([0, 0, 0, 1, -1])
    answers = np.array([1, 1, 0, 0, 0])
    pairs = mix_ups(HeldOut("queue", ("a", "b"), truth, np.eye(2)[answers]))
    assert [(one.truth, one.answered, one.tickets) for one in pairs] == [
        ("a", "b", 2),
        ("b", "a", 1),
        (UNKNOWN_LABEL, "a", 1),
    ]
    assert pairs[0].share == pytest.approx(2 / 3)


def test_reliability_bins_hold_about_equally_many_rows() -> None:
    said = np.linspace(0.3, 1.0, 150)
    bins = bins_of(said, said > 0.5)
    assert bins.counts.sum() == 150
    assert set(bins.counts.tolist()) == {10}
    assert (bins.low <= bins.seen + 1e-12).all()
    assert (bins.seen <= bins.high + 1e-12).all()


def test_equal_probabilities_share_a_bin() -> None:
    bins = bins_of(np.array([0.2] * 30 + [0.9] * 30), np.array([True] * 3 + [False] * 27 + [True] * 30))
    assert bins.said.tolist() == pytest.approx([0.2, 0.9])
    assert bins.seen.tolist() == pytest.approx([0.1, 1.0])


def test_wilsons_interval_of_five_in_ten() -> None:
    # by hand with z = 1.96: (0.5 + 1.9208/10 ± 1.96·sqrt(0.025 + 0.9604/100)) / 1.38416
    low, high = wilson(np.array([0.5]), np.array([10]))
    half = 1.96 * sqrt(0.025 + 0.9604 / 100)
    assert low[0] == pytest.approx((0.69208 - half) / 1.38416, abs=1e-4)
    assert high[0] == pytest.approx((0.69208 + half) / 1.38416, abs=1e-4)
