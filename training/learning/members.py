"""Learning the linear member of one head: a model of words, runs of characters and facts.

Knows matrices and label codes, neither tickets nor calibration.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from desk.heads import RISK_HEADS, Head
from models.linear import Linear
from training.learning.rows import Rows

__all__ = [
    "fit_linear",
    "linear_member_scores",
]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

THREADS = 2
SEED = 1

_TOLERANCE = 0.1  # of liblinear's dual solvers; 0.01 takes a third longer and ranks no better
_ABSENT = -1.0  # the score of a label without a single row to learn from: as far from yes as the margin goes


def fit_linear(
    head: Head, rows: Rows, codes: Codes, labels: int, tick: Callable[[], object], *, facts: float = 1.0
) -> Linear:
    """Learn one column a label against the rest; a risk head learns one column, for its second label.

    codes: shape (n,), from 0 to `labels` - 1. `tick` is called after each column. facts: how much facts count beside
    the text while learning; the weights that are returned have it in them, and want rows as they are. Rows count as
    much as `rows.counts` says.
    """
    columns = [1] if head in RISK_HEADS else range(labels)
    matrix = rows.emphasised(facts)

    # One at a time: liblinear draws from one generator for the whole process, and two columns learned side by side
    # would take numbers from each other, so that no training gave the same version twice.
    fitted = []
    for code in columns:
        fitted.append(_fit_column(head, matrix, codes == code, rows.counts))
        tick()
    weights = np.stack([weights for weights, _ in fitted], axis=1).astype(np.float32)
    weights[rows.text :] *= np.float32(facts)
    return Linear(weights, np.array([intercept for _, intercept in fitted]))


def linear_member_scores(member: Linear, rows: Rows) -> tuple[Floats, Floats]:
    """Whole scores and the text's share of them, both of shape (n, columns)."""
    whole = rows.sparse @ member.weights + member.intercepts
    text = rows.sparse[:, : rows.text] @ member.weights[: rows.text]
    return np.asarray(whole, np.float64), np.asarray(text, np.float64)


def _fit_column(head: Head, matrix: csr_matrix, positive: NDArray[np.bool_], counts: Floats) -> tuple[Floats, float]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    if not matrix.shape[1] or positive.all() or not positive.any():
        return np.zeros(matrix.shape[1]), _ABSENT if not positive.any() else -_ABSENT
    if head in RISK_HEADS:
        model = LogisticRegression(C=0.5, solver="liblinear", dual=True, tol=_TOLERANCE, random_state=SEED)
    else:
        model = LinearSVC(C=0.5, tol=_TOLERANCE, random_state=SEED)
    model.fit(matrix, positive, sample_weight=counts)
    return model.coef_[0], float(model.intercept_[0])
