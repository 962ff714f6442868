"""Members of a head: what they learn, that the same rows teach the same, and the labels that hardly occur."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.svm import LinearSVC

from desk.heads import Head
from features.encoding import Encoded
from models.linear import Linear, linear_scores
from training.learning.members import fit_linear, linear_member_scores
from training.learning.rows import Rows

CHANCE = np.random.default_rng(2)


def rows_of(count: int = 240, width: int = 600, text: int = 500) -> Rows:
    matrix = sparse.random(count, width, 0.05, "csr", np.float32, CHANCE)
    matrix.sort_indices()
    numbers, vectors = CHANCE.normal(size=(count, 4)), CHANCE.normal(size=(count, 8)).astype(np.float32)
    return Rows(matrix, text, numbers, vectors, np.ones(count))


def no_tick() -> None: ...


def test_a_column_a_label_is_learned_as_scikit_learn_learns_it() -> None:
    rows, codes = rows_of(), CHANCE.integers(0, 3, 240)
    ticks: list[int] = []
    member = fit_linear("queue", rows, codes, 3, lambda: ticks.append(1))
    assert (member.weights.shape, member.weights.dtype, member.intercepts.shape) == ((600, 3), np.float32, (3,))
    assert len(ticks) == 3
    for code in range(3):
        exact = LinearSVC(C=0.5, tol=1e-8, dual=False).fit(rows.sparse.astype(np.float64), codes == code)
        assert member.weights[:, code] == pytest.approx(exact.coef_[0], abs=0.1)
        assert np.corrcoef(member.weights[:, code], exact.coef_[0])[0, 1] > 0.99
        assert member.intercepts[code] == pytest.approx(exact.intercept_[0], abs=0.1)


@pytest.mark.parametrize("head", ["queue", "escalation"])
def test_the_same_rows_teach_the_same_to_the_bit(head: Head) -> None:
    rows, codes = rows_of(), CHANCE.integers(0, 2 if head == "escalation" else 8, 240)
    found = {fit_linear(head, rows, codes, 8, no_tick).weights.tobytes() for _ in range(4)}
    assert len(found) == 1


def test_a_risk_head_learns_one_column_for_what_happens() -> None:
    rows = rows_of()
    codes = (rows.sparse[:, :50].sum(axis=1).A1 > rows.sparse[:, 50:100].sum(axis=1).A1).astype(np.int64)
    member = fit_linear("breach", rows, codes, 2, no_tick)
    whole, _ = linear_member_scores(member, rows)
    assert whole.shape == (240, 1)
    assert whole[codes == 1].mean() > whole[codes == 0].mean()


@pytest.mark.parametrize("head", ["queue", "priority"])
def test_a_label_without_rows_and_one_that_all_have_are_learned_as_constants(head: Head) -> None:
    rows = rows_of(40)
    member = fit_linear(head, rows, np.ones(40, np.int64), 3, no_tick)
    whole, text = linear_member_scores(member, rows)
    assert whole.tolist() == [[-1.0, 1.0, -1.0]] * 40
    assert not text.any()


@pytest.mark.parametrize("head", ["queue", "breach"])
def test_tickets_of_nothing_teach_constants(head: Head) -> None:
    nothing = sparse.csr_matrix((60, 0), dtype=np.float32)
    rows = Rows(nothing, 0, np.zeros((60, 4)), np.empty((60, 0), np.float32), np.ones(60))
    member = fit_linear(head, rows, CHANCE.integers(0, 2, 60), 2, no_tick)
    whole, _ = linear_member_scores(member, rows)
    assert len({tuple(row) for row in whole}) == 1


def test_scores_of_many_are_those_of_the_one_scoring_path() -> None:
    rows, codes = rows_of(), CHANCE.integers(0, 3, 240)
    member = fit_linear("queue", rows, codes, 3, no_tick)
    whole, text = linear_member_scores(member, rows)
    for number in (0, 100, 239):
        row = rows.sparse[number]
        inside = int((row.indices < rows.text).sum())
        ticket = Encoded(row.indices.astype(np.int64), row.data, inside, rows.numbers[number])
        alone = linear_scores(Linear(member.weights, member.intercepts), ticket)
        assert alone.whole == pytest.approx(whole[number], abs=1e-5)
        assert alone.text == pytest.approx(text[number], abs=1e-5)


@pytest.mark.parametrize("head", ["queue", "breach"])
def test_rows_that_count_for_nothing_teach_a_linear_member_nothing(head: Head) -> None:
    rows = rows_of()
    codes = (rows.sparse[:, :50].sum(axis=1).A1 > rows.sparse[:, 50:100].sum(axis=1).A1).astype(np.int64)
    codes[:120] = 1 - codes[:120]
    rows.counts[:120] = 1e-9
    whole, _ = linear_member_scores(fit_linear(head, rows, codes, 2, no_tick), rows)
    assert ((whole[120:, -1] > np.median(whole[120:, -1])) == codes[120:]).mean() > 0.9
