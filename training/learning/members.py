"""Learning the members of one head: a linear model, and trees where facts and text meet.

Knows matrices and label codes, neither tickets nor calibration.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from desk.heads import RISK_HEADS, Head
from models.trees import Booster, lightgbm_core
from training.learning.rows import Rows

__all__ = ["LinearMember", "fit_linear", "fit_trees", "has_trees", "linear_member_scores", "tree_member_scores"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

THREADS = 2
SEED = 1

_MOST_TREE_LABELS = 20  # a tree a label and round: beyond this, training and answering cost more than they bring
_TOLERANCE = 0.1  # of liblinear's dual solvers; 0.01 takes a third longer and ranks no better
_ABSENT = -1.0  # the score of a label without a single row to learn from: as far from yes as the margin goes


@dataclass(frozen=True, slots=True)
class LinearMember:
    """weights: shape (width, columns). intercepts: shape (columns,)."""

    weights: NDArray[np.float32]
    intercepts: Floats


def fit_linear(
    head: Head, rows: Rows, codes: Codes, labels: int, tick: Callable[[], object], *, facts: float = 1.0
) -> LinearMember:
    """Learn one column a label against the rest; a risk head learns one column, for its second label.

    codes: shape (n,), from 0 to `labels` - 1. `tick` is called after each column. facts: how much facts count beside
    the text while learning; the weights that are returned have it in them, and want rows as they are.
    """
    columns = [1] if head in RISK_HEADS else range(labels)
    matrix = rows.emphasised(facts).sparse.astype(np.float64)  # as liblinear wants it, once for all columns

    # One at a time: liblinear draws from one generator for the whole process, and two columns learned side by side
    # would take numbers from each other, so that no training gave the same version twice.
    fitted = []
    for code in columns:
        fitted.append(_fit_column(head, matrix, codes == code))
        tick()
    weights = np.stack([weights for weights, _ in fitted], axis=1).astype(np.float32)
    weights[rows.text :] *= np.float32(facts)
    return LinearMember(weights, np.array([intercept for _, intercept in fitted]))


def linear_member_scores(member: LinearMember, rows: Rows) -> tuple[Floats, Floats]:
    """Whole scores and the text's share of them, both of shape (n, columns)."""
    whole = rows.sparse @ member.weights + member.intercepts
    text = rows.sparse[:, : rows.text] @ member.weights[: rows.text]
    return np.asarray(whole, np.float64), np.asarray(text, np.float64)


def has_trees(head: Head, labels: int) -> bool:
    """Whether trees pay for this head: where facts, times and text meet, and labels are few."""
    return head != "queue" and labels < _MOST_TREE_LABELS


def fit_trees(head: Head, rows: Rows, text_scores: Floats, codes: Codes, labels: int, coded: int) -> Booster:
    """Learn trees on the rows' numbers beside text scores of models that did not see the row.

    coded: how many of the numbers, from the first, are codes of values rather than quantities.
    """
    lightgbm = lightgbm_core()
    risk = head in RISK_HEADS
    parameters = {
        "objective": "binary" if risk else "multiclass",
        **({} if risk else {"num_class": labels}),
        "learning_rate": 0.05 if risk else 0.1,
        "num_leaves": 31 if risk else 15,
        "min_data_in_leaf": 20,
        "feature_fraction": 0.8,
        "num_threads": 1,  # threads that wait for each other crawl on a busy machine; folds run side by side instead
        "seed": SEED,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    table = lightgbm.Dataset(
        np.hstack((rows.numbers, text_scores)), codes, categorical_feature=list(range(coded)), free_raw_data=True
    )
    return lightgbm.train(parameters, table, num_boost_round=200 if risk else 80)


def tree_member_scores(booster: Booster, rows: Rows, text_scores: Floats) -> Floats:
    """Raw scores, shape (n, columns)."""
    scores = booster.predict(np.hstack((rows.numbers, text_scores)), raw_score=True, num_threads=1)
    return np.asarray(scores, np.float64).reshape(len(rows), -1)


def _fit_column(head: Head, matrix: csr_matrix, positive: NDArray[np.bool_]) -> tuple[Floats, float]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    if not matrix.shape[1] or positive.all() or not positive.any():
        return np.zeros(matrix.shape[1]), _ABSENT if not positive.any() else -_ABSENT
    if head in RISK_HEADS:
        model = LogisticRegression(C=0.5, solver="liblinear", dual=True, tol=_TOLERANCE, random_state=SEED)
    else:
        model = LinearSVC(C=0.5, tol=_TOLERANCE, random_state=SEED)
    model.fit(matrix, positive)
    return model.coef_[0], float(model.intercept_[0])
