"""Trees of a head: what they learn from numbers and from words, which of both they get, and how rows count."""

import json

import numpy as np
import pytest
from scipy import sparse

from desk.heads import Head
from features.columns import Columns
from features.encoding import Encoded, Encoder
from features.vocabulary import Vocabulary
from models.heads import Blend, HeadModel, tree_row
from models.trees import Booster, tree_scores, trees_of
from training.learning import trees
from training.learning.growing import grow
from training.learning.rows import Rows
from training.learning.tasks import Task
from training.learning.trees import NO_WORDS, fit_trees, frequent_words, has_trees, tree_member_scores

CHANCE = np.random.default_rng(2)
WORDS, TEXT, WIDTH = 40, 60, 70


def rows_of(count: int = 400) -> Rows:
    matrix = sparse.random(count, WIDTH, 0.2, "csr", np.float32, CHANCE)
    matrix.sort_indices()
    return Rows(matrix, TEXT, CHANCE.normal(size=(count, 4)), np.empty((count, 0), np.float32), np.ones(count))


def encoder_of(words: int = WORDS) -> Encoder:
    known = Vocabulary(np.arange(words, dtype=np.uint64), np.ones(words, np.float32))
    return Encoder(known, Vocabulary(np.empty(0, np.uint64), np.empty(0, np.float32)), Columns({}, ()))


@pytest.mark.parametrize(("labels", "wanted"), [(2, True), (19, True), (20, False)])
def test_trees_are_for_few_labels(labels: int, wanted: bool) -> None:
    assert has_trees(labels) is wanted


@pytest.mark.parametrize(("head", "labels"), [("breach", 2), ("priority", 3)])
def test_trees_learn_what_stands_in_the_numbers_and_one_row_scores_as_many(head: Head, labels: int) -> None:
    rows = rows_of()
    rows.numbers[:, 0] = CHANCE.integers(0, 6, 400)  # a code: 1 and 4 are the last label
    codes = np.where(np.isin(rows.numbers[:, 0], (1, 4)), labels - 1, 0)
    text = CHANCE.normal(size=(400, 1 if head == "breach" else labels))
    booster, again = (fit_trees(head, rows, text, codes, labels, 1) for _ in range(2))
    assert booster.model_to_string() == again.model_to_string()
    scores = tree_member_scores(booster, rows, text)
    assert scores.shape == text.shape
    assert scores[codes > 0, -1].min() > scores[codes == 0, -1].max()
    alone = tree_scores(booster, np.concatenate((rows.numbers[7], text[7])))
    assert alone.tobytes() == scores[7].tobytes()


@pytest.mark.parametrize(("head", "labels"), [("breach", 2), ("priority", 4)])
@pytest.mark.parametrize("words", [NO_WORDS, np.arange(5)])
def test_trees_of_too_few_rows_or_one_label_still_score(head: Head, labels: int, words: np.ndarray) -> None:
    rows = rows_of(12)
    text = np.zeros((12, 1 if head == "breach" else labels))
    for codes in (np.zeros(12, np.int64), np.arange(12) % 2):
        scores = tree_member_scores(fit_trees(head, rows, text, codes, labels, 1, words), rows, text, words)
        assert np.isfinite(scores).all()


def test_trees_that_see_words_learn_what_two_words_say_together_and_one_ticket_scores_as_many() -> None:
    rows, words = rows_of(2_000), np.array([3, 8, 11])
    has = rows.sparse[:, words].toarray() > 0
    codes = (has[:, 0] ^ has[:, 1]).astype(np.int64)  # no sum of both tells
    text = np.zeros((2_000, 2))
    booster = fit_trees("queue", rows, text, codes, 2, 0, words)
    scores = tree_member_scores(booster, rows, text, words)
    assert (scores.argmax(axis=1) == codes).mean() > 0.99
    head = HeadModel(
        "queue", ("a", "b"), slice(0, 2), Blend(1, 0, 1, 1, 0, np.zeros(2)), trees=booster, tree_words=words
    )
    for number in (0, 7, 1_999):
        row = rows.sparse[number]
        inside = int((row.indices < TEXT).sum())
        ticket = Encoded(row.indices.astype(np.int64), row.data, inside, rows.numbers[number])
        assert tree_scores(booster, tree_row(head, ticket, text[number])).tobytes() == scores[number].tobytes()


def test_a_risk_has_trees_that_name_values_and_trees_that_split_the_usual_from_the_rare() -> None:
    rows = rows_of()
    rows.numbers[:, 0] = CHANCE.integers(0, 3, 400)
    codes = (rows.numbers[:, 0] == 1).astype(np.int64)
    booster = fit_trees("breach", rows, np.zeros((400, 1)), codes, 2, 1)
    assert booster.num_trees() == 150
    names_values = ["==" in json.dumps(tree) for tree in booster.dump_model()["tree_info"]]
    assert any(names_values[:75])
    assert not any(names_values[75:])


def test_trees_of_both_kinds_score_on_the_average_what_each_kind_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, text = rows_of(), np.zeros((400, 1))
    rows.numbers[:, 0] = CHANCE.integers(0, 6, 400)
    codes = CHANCE.integers(0, 2, 400)
    single: list[Booster] = []
    whole = trees._mean
    monkeypatch.setattr(trees, "_mean", lambda one, other: single.extend((one, other)) or whole(one, other))
    booster = fit_trees("breach", rows, text, codes, 2, 1)
    apart = np.mean([tree_member_scores(one, rows, text) for one in single], axis=0)
    np.testing.assert_allclose(tree_member_scores(booster, rows, text), apart, atol=1e-12)
    again = trees_of(booster).booster
    assert tree_member_scores(again, rows, text).tobytes() == tree_member_scores(booster, rows, text).tobytes()


def test_rows_that_count_for_nothing_teach_nothing() -> None:
    rows = rows_of()
    rows.numbers[:, 0] = CHANCE.normal(size=400)
    old = np.arange(400) < 200
    codes = np.where(old, rows.numbers[:, 0] < 0, rows.numbers[:, 0] >= 0).astype(np.int64)
    rows.counts[old] = 1e-9
    scores = tree_member_scores(fit_trees("breach", rows, np.zeros((400, 1)), codes, 2, 0), rows, np.zeros((400, 1)))
    assert ((scores[~old, 0] > 0) == codes[~old]).mean() > 0.95


def test_the_frequent_words_are_those_that_most_rows_have_and_runs_and_facts_are_none() -> None:
    matrix = sparse.csr_matrix(np.array([[0, 1, 1, 0, 5, 9], [0, 1, 0, 0, 5, 9], [0, 0, 1, 0, 5, 9]], np.float32))
    rows = Rows(matrix, 5, np.zeros((3, 0)), np.empty((3, 0), np.float32), np.ones(3))
    assert frequent_words(rows, 4).tolist() == [1, 2]


@pytest.mark.parametrize("together", [True, False])
def test_a_head_gets_trees_on_words_where_these_lose_less_than_trees_on_scores(together: bool) -> None:
    rows = rows_of(3_000)
    has = rows.sparse[:, [3, 8]].toarray() > 0
    codes = ((has[:, 0] ^ has[:, 1]) if together else rows.numbers[:, 1] > 0).astype(np.int64)
    task = Task("queue", ("a", "b"), codes)
    folds = np.arange(3_000) % 3
    linear = CHANCE.normal(size=(3_000, 2)) * 0.01 + (0.0 if together else np.eye(2)[codes])
    grown = grow(task, encoder_of(), rows, codes, folds, linear, linear, enough=1)
    assert grown.sees_words is together
    assert grown.folds == (1 if together else 3)
    asked = folds < grown.folds
    assert (grown.scores[asked].argmax(axis=1) == codes[asked]).mean() > 0.95
    assert not grown.scores[~asked].any()
