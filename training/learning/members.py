"""Learning the linear members of one head: models of the words and of what they mean.

Knows matrices and label codes, neither tickets nor calibration.
"""

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from desk.heads import RISK_HEADS, Head
from models.linear import Linear
from training.learning.rows import Rows

__all__ = [
    "fit_linear",
    "fit_meaning",
    "linear_member_scores",
    "meaning_member_scores",
]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

THREADS = 2
SEED = 1

_TOLERANCE = 0.1  # of liblinear's dual solvers; 0.01 takes a third longer and ranks no better
_MEANING_STRENGTH = 30.0  # scikit-learn's C over unit vectors; from 10 to 100 it hardly matters
_MOST_MEANINGS = 20_000  # rows: a few hundred numbers a label need no more
_RARE = 50  # rows: a label with fewer keeps them all
_NEVER = -12.0  # the log-odds of a label without a single row among the meanings
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
    matrix = rows.emphasised(facts).sparse.astype(np.float64)  # as liblinear wants it, once for all columns

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


def fit_meaning(
    head: Head, vectors: NDArray[np.float32], codes: Codes, labels: int, names: NDArray[np.float32] | None = None
) -> Linear:
    """Learn what a text's meaning says of each label: multinomial logistic regression on its vector.

    vectors: shape (n, d). codes: shape (n,). names: shape (labels, d), what each label's own name means, nought where
    it says nothing: one more row of the label, which is much where there are few, and all where there is none.
    """
    from sklearn.linear_model import LogisticRegression

    drawn = _drawn_meanings(codes)
    vectors, codes = vectors[drawn], codes[drawn]
    if names is not None:
        named = np.flatnonzero(names.any(axis=1))
        vectors, codes = np.concatenate((vectors, names[named])), np.concatenate((codes, named))
    columns = 1 if head in RISK_HEADS else labels
    weights, intercepts = np.zeros((vectors.shape[1], columns), np.float32), np.full(columns, _NEVER)
    present = np.unique(codes)
    if len(present) < 2:
        intercepts[present if columns > 1 else 0] = -_NEVER if columns > 1 or present.tolist() == [1] else _NEVER
        return Linear(weights, intercepts)
    model = LogisticRegression(C=_MEANING_STRENGTH, max_iter=200, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # more labels than half the rows: meant, with one row a label
        model.fit(vectors, codes)
    if columns == 1:
        return Linear(model.coef_.T.astype(np.float32), np.asarray(model.intercept_, np.float64))
    if len(present) == 2:  # then scikit-learn keeps one column for the two
        weights[:, present[1]], intercepts[present] = model.coef_[0], (0.0, float(model.intercept_[0]))
    else:
        weights[:, present], intercepts[present] = model.coef_.T, model.intercept_
    return Linear(weights, intercepts)


def meaning_member_scores(member: Linear, vectors: NDArray[np.float32]) -> Floats:
    """Scores of shape (n, columns)."""
    return np.asarray(vectors @ member.weights + member.intercepts, np.float64)


def _drawn_meanings(codes: Codes) -> Codes:
    """Places of at most about `_MOST_MEANINGS` rows, drawn by chance, none of a rare label left out."""
    if len(codes) <= _MOST_MEANINGS:
        return np.arange(len(codes))
    kept = np.random.default_rng(SEED).random(len(codes)) < _MOST_MEANINGS / len(codes)
    return np.flatnonzero(kept | (np.bincount(codes)[codes] < _RARE))


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
