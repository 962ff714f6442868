"""Learning the linear member of one head: a model of words, runs of characters and facts.

Knows matrices and label codes, neither tickets nor calibration.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from desk.heads import RISK_HEADS, Head
from models.linear import Linear
from training.learning.margins import fit_margins
from training.learning.rows import Rows

__all__ = [
    "fit_linear",
    "linear_member_scores",
]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
Weights = NDArray[np.float32]

THREADS = 2

_STRENGTH = 0.5  # scikit-learn's C
_TOLERANCE = 1e-4  # of the slope; 1e-3 ranks a hundredth worse
_ABSENT = -1.0  # the score of a label without a single row to learn from: as far from yes as the margin goes


def fit_linear(
    head: Head, rows: Rows, codes: Codes, labels: int, tick: Callable[[], object], *, facts: float = 1.0
) -> Linear:
    """Learn one column a label against the rest; a risk head learns one column, for its second label.

    codes: shape (n,), from 0 to `labels` - 1. `tick` is called after each column. facts: how much facts count beside
    the text while learning; the weights that are returned have it in them, and want rows as they are. Rows count as
    much as `rows.counts` says.
    """
    matrix = rows.emphasised(facts)
    if head in RISK_HEADS:
        weights, intercepts = _fit_odds(matrix, codes == 1, rows.counts)
        tick()
    else:
        weights, intercepts = _fit_borders(matrix, codes, labels, rows.counts, tick)
    weights[rows.text :] *= np.float32(facts)
    return Linear(weights, intercepts)


def linear_member_scores(member: Linear, rows: Rows, *, text: bool = True) -> tuple[Floats, Floats]:
    """Whole scores and, unless it is not wanted, the text's share of them; both of shape (n, columns), else (n, 0)."""
    whole = rows.sparse @ member.weights + member.intercepts
    if not text:
        return np.asarray(whole, np.float64), np.empty((len(rows), 0))
    said = member.weights.copy()  # a part of the columns would be a copy of all rows
    said[rows.text :] = 0
    return np.asarray(whole, np.float64), np.asarray(rows.sparse @ said, np.float64)


def _fit_odds(matrix: csr_matrix, positive: NDArray[np.bool_], counts: Floats) -> tuple[Weights, Floats]:
    """A logistic regression; a constant where there is nothing to tell apart, or nothing to tell it by."""
    from sklearn.linear_model import LogisticRegression

    if not matrix.shape[1] or positive.all() or not positive.any():
        constant = _ABSENT if not positive.any() else -_ABSENT
        return np.zeros((matrix.shape[1], 1), np.float32), np.array([constant])
    model = LogisticRegression(C=_STRENGTH, tol=_TOLERANCE, max_iter=1_000)
    model.fit(matrix, positive, sample_weight=counts)
    return model.coef_.T.astype(np.float32), model.intercept_.astype(np.float64)


def _fit_borders(
    matrix: csr_matrix, codes: Codes, labels: int, counts: Floats, tick: Callable[[], object]
) -> tuple[Weights, Floats]:
    """A border of each label against the rest; a constant for one that no row has, or that all have."""
    weights, intercepts = fit_margins(matrix, codes, labels, _STRENGTH * counts, tick)
    rows = np.bincount(codes, minlength=labels)
    certain = (rows == 0) | (rows == len(codes))
    weights[:, certain] = 0
    return weights, np.where(certain, np.where(rows > 0, -_ABSENT, _ABSENT), intercepts).astype(np.float64)
