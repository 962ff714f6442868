"""How much facts count beside the text: by what they say of rows that were not learned from."""

import numpy as np
import pytest
from scipy import sparse

from training.learning.emphasis import EMPHASES, _reciprocal_rank, choose_emphasis
from training.learning.rows import Rows

CHANCE = np.random.default_rng(3)
TEXT, FACTS = 40, 30


def rows_of(text: np.ndarray, facts: np.ndarray) -> Rows:
    """Rows of one word and one fact each, by their numbers."""
    matrix = sparse.csr_matrix(np.hstack((np.eye(TEXT)[text], np.eye(FACTS)[facts])).astype(np.float32))
    return Rows(matrix, TEXT, np.zeros((len(text), 1)), np.empty((len(text), 0), np.float32), np.ones(len(text)))


def chosen(text: np.ndarray, facts: np.ndarray, codes: np.ndarray) -> float:
    ticks: list[int] = []
    found = choose_emphasis("queue", rows_of(text, facts), codes, 4, lambda: ticks.append(1))
    assert len(ticks) == len(EMPHASES)
    return found


def test_facts_that_say_nothing_count_less() -> None:
    codes = CHANCE.integers(0, 4, 900)
    told = np.where(CHANCE.random(900) < 0.6, codes, CHANCE.integers(0, 4, 900))
    assert chosen(told, CHANCE.integers(0, FACTS, 900), codes) == 0.5


def test_where_there_are_no_facts_or_too_few_labels_they_count_once() -> None:
    codes, nothing = CHANCE.integers(0, 4, 90), CHANCE.integers(0, FACTS, 90)
    rows = rows_of(nothing, nothing)
    bare = Rows(rows.sparse[:, :TEXT], TEXT, rows.numbers, rows.vectors, rows.counts)
    assert choose_emphasis("queue", bare, codes, 4, lambda: None) == 1.0
    assert chosen(nothing, nothing, np.zeros(90, np.int64)) == 1.0


def test_the_rank_of_the_truth_counts_and_not_the_first_answer_alone() -> None:
    scores = np.array([[3.0, 2.0, 1.0], [3.0, 2.0, 1.0], [1.0, 1.0, 1.0]])
    assert _reciprocal_rank(scores, np.array([0, 2, 1])) == pytest.approx((1 + 1 / 3 + 1) / 3)
