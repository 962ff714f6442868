"""How members' scores become probabilities: worked cases, and what must hold whatever the scores."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.encoding import Encoded
from models.heads import (
    Blend,
    HeadModel,
    Members,
    answer,
    blend,
    chosen,
    normalised,
    tree_row,
)
from models.linear import LinearScores

SCORE = st.floats(-1e6, 1e6)
SCORES = st.lists(SCORE, min_size=3, max_size=3).map(np.array)

ENCODED = Encoded(
    places=np.array([2, 3, 50, 60]),
    weights=np.array([0.5, 0.25, 1.0, 1.0], np.float32),
    text=3,
    numbers=np.array([7.0, 8.0]),
)
"""A ticket of three parts of text and one fact."""


def how(linear: float = 1.0, trees: float = 1.0, slope: float = 2.0, offset: float = 0.5, columns: int = 3) -> Blend:
    return Blend(linear, 0.5, trees, slope, offset, np.arange(columns) / 10)


def test_a_risk_head_is_the_logistic_of_its_weighted_scores() -> None:
    probabilities = blend(
        how(2.0, 0.5, columns=1), Members(np.array([0.7]), np.array([0.3]), np.array([-1.0])), risk=True
    )
    wanted = 1 / (1 + math.exp(-(2.0 * 0.7 + 0.5 * 0.3 + 0.5 * -1.0 + 0.0)))
    assert probabilities == pytest.approx([1 - wanted, wanted])


def test_a_head_of_labels_is_the_softmax_of_its_logistic_curves() -> None:
    linear, meaning, trees = np.array([1.0, -1.0, 0.0]), np.array([0.2, 0.4, 0.1]), np.array([0.0, 1.0, 2.0])
    probabilities = blend(how(3.0, 0.25), Members(linear, meaning, trees), risk=False)
    curve = [math.log(1 / (1 + math.exp(-(2.0 * score + 0.5)))) for score in linear]
    odds = [
        math.exp(3.0 * curve[label] + 0.5 * meaning[label] + 0.25 * trees[label] + label / 10) for label in range(3)
    ]
    assert probabilities == pytest.approx(np.array(odds) / sum(odds))


@given(SCORES, st.none() | SCORES)
def test_probabilities_are_between_nought_and_one_and_add_to_one(linear: np.ndarray, trees: np.ndarray | None) -> None:
    for probabilities in (
        blend(how(), Members(linear, None, trees), risk=False),
        blend(how(columns=1), Members(linear[:1], None, None if trees is None else trees[:1]), risk=True),
    ):
        assert np.isfinite(probabilities).all()
        assert ((probabilities >= 0) & (probabilities <= 1)).all()
        assert probabilities.sum() == pytest.approx(1.0)


@given(st.lists(SCORES, min_size=1, max_size=6))
def test_many_rows_at_once_are_each_row_alone(rows: list[np.ndarray]) -> None:
    together = blend(how(), Members(np.array(rows), None, np.array(rows)[:, ::-1]), risk=False)
    alone = [blend(how(), Members(row, None, row[::-1]), risk=False) for row in rows]
    assert together == pytest.approx(np.array(alone), abs=1e-12)


@given(SCORES)
def test_labels_in_another_order_have_the_same_probabilities(linear: np.ndarray) -> None:
    turned = Blend(1.0, 0.5, 1.0, 2.0, 0.5, how().bias[::-1])
    assert blend(turned, Members(linear[::-1]), risk=False)[::-1] == pytest.approx(
        blend(how(), Members(linear), risk=False)
    )


@given(SCORES, st.floats(-50, 50))
def test_what_is_added_to_every_tree_score_or_bias_cancels_out(linear: np.ndarray, more: float) -> None:
    trees = linear / 1e5
    plain = blend(how(), Members(linear, None, trees), risk=False)
    raised = Blend(1.0, 0.5, 1.0, 2.0, 0.5, how().bias + more)
    assert blend(how(), Members(linear, None, trees + more), risk=False) == pytest.approx(plain, abs=1e-9)
    assert blend(raised, Members(linear, None, trees), risk=False) == pytest.approx(plain, abs=1e-9)


@given(st.floats(-20, 20), st.floats(0.01, 5))
def test_a_higher_linear_score_of_a_label_never_makes_it_less_probable(score: float, more: float) -> None:
    others = [0.3, -0.2]
    less = blend(how(), Members(np.array([score, *others])), risk=False)[0]
    assert blend(how(), Members(np.array([score + more, *others])), risk=False)[0] >= less - 1e-12


def test_weights_of_nought_leave_the_biases() -> None:
    probabilities = blend(
        how(0.0, 0.0), Members(np.array([9.0, -9.0, 1.0]), None, np.array([5.0, 0.0, 0.0])), risk=False
    )
    assert probabilities == pytest.approx(np.exp([0.0, 0.1, 0.2]) / np.exp([0.0, 0.1, 0.2]).sum())


def test_a_head_reads_its_own_columns_only() -> None:
    scores = LinearScores(np.zeros(5), np.array([99.0, 0.1, 0.2, 0.3, -99.0]))
    head = HeadModel("queue", ("a", "b", "c"), slice(1, 4), how())
    assert answer(head, ENCODED, scores, None).probabilities == pytest.approx(
        blend(how(), Members(np.array([0.1, 0.2, 0.3])), risk=False)
    )


@given(st.floats(-800, 800), st.none() | st.floats(-9, 9))
def test_a_risk_of_one_ticket_is_that_of_many(score: float, meant: float | None) -> None:
    scores = LinearScores(np.zeros(1), np.array([score]))
    head = HeadModel("breach", ("false", "true"), slice(0, 1), how(columns=1))
    meaning = None if meant is None else np.array([meant])
    found = answer(head, ENCODED, scores, meaning)
    assert found.probabilities == pytest.approx(blend(how(columns=1), Members(scores.whole, meaning), risk=True))
    assert list(found.places) == np.argsort(-found.scores, kind="stable").tolist()


def test_trees_see_the_numbers_and_then_the_texts_scores() -> None:
    head = HeadModel("priority", ("a", "b"), slice(0, 2), how())
    assert tree_row(head, ENCODED, np.array([3.0, 4.0])).tolist() == [7.0, 8.0, 3.0, 4.0]


@pytest.mark.parametrize(
    ("words", "seen"),
    [([2, 5], [0.5, 0.0]), ([0, 1, 3, 9], [0.0, 0.0, 0.25, 0.0]), ([4], [0.0]), ([3, 60], [0.25, 0.0])],
)
def test_or_the_weights_of_the_words_that_they_know(words: list[int], seen: list[float]) -> None:
    head = HeadModel("priority", ("a", "b"), slice(0, 2), how(), tree_words=np.array(words))
    assert tree_row(head, ENCODED, np.array([3.0, 4.0])).tolist() == [7.0, 8.0, *seen]


def test_of_two_labels_nearly_as_likely_the_favoured_is_answered() -> None:
    probabilities = np.array([0.40, 0.05, 0.38, 0.17])
    favour = np.array([0.0, 0.2, 0.1, 0.0])
    assert chosen(probabilities, np.empty(0)) == 0
    assert chosen(probabilities, favour) == 2  # log(0.38 / 0.40) is -0.05


def test_what_is_far_from_an_answer_counts_against_it() -> None:
    probabilities = np.array([0.40, 0.25, 0.35])
    far = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    cheap, dear = np.vstack((np.zeros(3), -far)), np.vstack((np.zeros(3), -2 * far))
    assert chosen(probabilities, cheap) == 0  # -0.92 - 0.35 against -1.39 and -1.05 - 0.40
    assert chosen(probabilities, dear) == 1  # -0.92 - 0.70 against -1.39
    dear[0, 0] = 0.5  # and so has -1.12, and as the other end -1.05 - 0.80 + 0.50 against -1.39
    assert chosen(np.stack((probabilities, probabilities[::-1])), dear).tolist() == [0, 0]


@given(SCORES)
def test_what_favours_all_labels_alike_changes_no_answer(scores: np.ndarray) -> None:
    probabilities = normalised(scores / 1e5)
    assert chosen(probabilities, np.full(3, 2.0)) == chosen(probabilities, np.empty(0))
