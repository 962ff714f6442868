"""Linear machines of many labels in one pass: the same optimum as one at a time, and the same again to the bit."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from training.learning.margins import fit_margins

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

CHANCE = np.random.default_rng(5)
LABELS = 12
WIDTH = 4_000  # as with tickets, there are more features than rows


def drawn(count: int, width: int = WIDTH) -> tuple[sparse.csr_matrix, NDArray[np.int64], Floats]:
    matrix = normalize(sparse.random(count, width, 0.005, "csr", np.float64, CHANCE))
    codes = np.asarray((matrix @ CHANCE.normal(size=(width, LABELS))).argmax(axis=1), np.int64)
    return matrix, codes, CHANCE.uniform(0.1, 1.0, count)


@pytest.mark.parametrize("count", [200, 1_300])  # less than a block, and some blocks with a part of one
def test_every_column_loses_a_few_hundredths_more_than_the_optimum_at_most(count: int) -> None:
    matrix, codes, strengths = drawn(count)
    weights, bias = fit_margins(matrix, codes, LABELS, strengths)
    assert weights.dtype == np.float32
    assert (weights.shape, bias.shape) == ((WIDTH, LABELS), (LABELS,))
    for code in range(LABELS):
        exact = LinearSVC(C=1.0, tol=1e-8, dual=True, max_iter=100_000, random_state=1)
        exact.fit(matrix, codes == code, sample_weight=strengths)
        best = lost(matrix, codes == code, strengths, exact.coef_[0], exact.intercept_[0])
        assert best <= lost(matrix, codes == code, strengths, weights[:, code], bias[code]) < 1.05 * best


def lost(
    matrix: sparse.csr_matrix, positive: Flags, strengths: Floats, weights: NDArray[np.floating], bias: float
) -> float:
    """What both minimise: half the squared length, the bias in it, and each row's squared hinge by its strength."""
    margins = np.where(positive, 1, -1) * (matrix @ weights + bias)
    return float((weights @ weights + bias**2) / 2 + strengths @ np.maximum(1 - margins, 0) ** 2)


def test_the_same_rows_teach_the_same_to_the_bit() -> None:
    matrix, codes, strengths = drawn(700)
    found = {fit_margins(matrix, codes, LABELS, strengths)[0].tobytes() for _ in range(3)}
    assert len(found) == 1


def test_a_tick_a_label_however_many_rounds_there_are() -> None:
    matrix, codes, strengths = drawn(60)
    ticks: list[int] = []
    fit_margins(matrix, codes, LABELS, strengths, lambda: ticks.append(1))
    assert len(ticks) == LABELS


def test_a_feature_that_no_row_has_weighs_nothing() -> None:
    matrix, codes, strengths = drawn(200)
    wider = sparse.csr_matrix((matrix.data, matrix.indices, matrix.indptr), shape=(200, WIDTH + 50))
    weights, _ = fit_margins(wider, codes, LABELS, strengths)
    assert not weights[WIDTH:].any()
    assert weights[:WIDTH].any()
