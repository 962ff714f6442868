"""The learning curve: which sizes, which rows teach, what the last of them brings."""

import io
import math

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from training.evidence.baselines import Design, linear
from training.evidence.curve_pictures import curve_picture
from training.evidence.held_out import HeldOut
from training.evidence.intervals import Interval
from training.evidence.learning_curve import Curve, Point, learning_curve, sizes_of


@pytest.mark.parametrize(
    ("rows", "labels", "sizes"),
    [
        (800, 3, [50, 100, 200, 400]),
        (80_000, 4, [1_250, 2_500, 5_000, 10_000]),
        (80_000, 75, [625, 1_250, 2_500, 5_000]),
        (80_000, 150, [312, 625, 1_250, 2_500]),
        (99, 2, []),
        (0, 0, []),
    ],
)
def test_sizes_are_halves_of_halves_within_what_is_quick(rows: int, labels: int, sizes: list[int]) -> None:
    assert sizes_of(rows, labels) == sizes


def curve(head: str, labels: list[str | None], truth: list[str], *, by_time: bool = True) -> Curve:
    """A desk whose first half was labelled at random and whose second half is clear."""
    columns = {label: place for place, label in enumerate(sorted({*truth}))}
    asked = csr_matrix(np.eye(len(columns))[[columns[one] for one in truth]])
    seen = [columns.get(label or "", 0) for label in labels]
    chance = np.random.default_rng(5).integers(0, len(columns), len(labels))
    half = len(labels) // 2
    taught = csr_matrix(np.eye(len(columns))[np.where(np.arange(len(labels)) < half, chance, seen)])
    whole = linear(head, Design(taught, asked), labels, truth)  # type: ignore[arg-type]
    return learning_curve(whole, Design(taught, asked), labels, truth, whole, by_time=by_time)


def test_the_newest_rows_teach_first() -> None:
    labels: list[str | None] = ["A", "B"] * 200
    found = curve("queue", labels, ["A", "B"] * 30)
    assert [one.rows for one in found.points] == [50, 100, 200, 400]
    assert [one.value for one in found.points[:3]] == [1.0, 1.0, 1.0]
    assert found.figure == "accuracy"
    assert all(one.between.low <= one.value <= one.between.high + 1e-9 for one in found.points)


def test_rows_without_a_label_teach_nothing() -> None:
    labels: list[str | None] = [None, "A", None, "B"] * 100
    assert [one.rows for one in curve("queue", labels, ["A", "B"] * 30).points] == [50, 100, 200]


def test_a_risks_curve_is_of_its_auroc() -> None:
    labels: list[str | None] = ["false", "false", "true", "false"] * 100
    found = curve("escalation", labels, ["false", "true", "false"] * 20, by_time=False)
    assert found.figure == "auroc"
    assert found.whole > 0.9
    assert all(0 <= one.between.low <= one.value <= one.between.high <= 1 for one in found.points)


def test_where_a_risk_never_happened_the_curve_says_nothing_and_can_be_drawn() -> None:
    never: list[str | None] = ["false"] * 200
    held_out = HeldOut("breach", ("false", "true"), np.zeros(40, np.int64), np.full((40, 2), 0.5))
    design = Design(csr_matrix((200, 1)), csr_matrix((40, 1)))
    found = learning_curve(held_out, design, never, ["false"] * 40, held_out, by_time=True)
    assert math.isnan(found.points[-1].value)
    curve_picture("breach", found).savefig(io.BytesIO(), dpi=40)


def test_what_the_last_tickets_bring_is_said_with_its_chance() -> None:
    points = (Point(100, 0.6, Interval(0.5, 0.7)), Point(200, 0.65, Interval(0.55, 0.75)))
    surely = Curve("accuracy", points, 0.8, by_time=True, gain=Interval(0.01, 0.09))
    assert surely.words == "100 to 200 tickets bring +5.0 points: more history helps"
    perhaps = Curve("accuracy", points, 0.8, by_time=True, gain=Interval(-0.01, 0.09))
    assert perhaps.words == "100 to 200 tickets bring +5.0 points, which may be chance"
    assert Curve("accuracy", points[1:], 0.8, by_time=True).words == "too few tickets for a curve"
    curve_picture("queue", Curve("accuracy", points[1:], 0.8, by_time=False)).savefig(io.BytesIO(), dpi=40)
