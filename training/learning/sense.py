"""Learning what a text's meaning says of each label of one head: logistic regression, and the rows themselves.

Where rows are few, kernel ridge regression (Saunders, Gammerman and Vovk, 1998) is added: every row keeps a voice, and
what a regression on a few hundred numbers cannot bend to, rows that lie near can. Whether it pays is for who compares
losses. Knows vectors and label codes, neither tickets nor calibration.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Final

import numpy as np
from numpy.typing import NDArray

from desk.heads import RISK_HEADS, Head
from models.sense import SHARPNESS, Kernel, Sense, in_favour
from training.learning.hints import NO_HINTS, Hints

__all__ = ["MOST_VOICES", "fit_sense", "sense_member_scores", "side_by_side"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]

MOST_VOICES: Final = 5_000
"""Rows up to which each may keep a voice: a millisecond a ticket, and seconds of learning."""

_SEED: Final = 1
_STRENGTH: Final = 30.0  # scikit-learn's C over unit vectors; from 10 to 100 it hardly matters
_TOLERANCE: Final = 1e-3  # of the slope, at which the regression is done
_TOLERANCE_SHARE: Final = 0.01  # of a label's share: with 150 even labels even the first slope is less than 0.001
_MOST_ROWS: Final = 20_000  # of the regression: a few hundred numbers a label need no more
_RARE: Final = 50  # rows: a label with fewer keeps them all
_NEVER: Final = -12.0  # the log-odds of a label without a single row among the meanings
_RIDGE: Final = 0.1  # from 0.03 to 0.3 the accuracy is the same within a point on five public tables
_SHARE: Final = 0.5  # of the regression's log-odds beside voices


def fit_sense(
    head: Head, vectors: Vectors, codes: Codes, labels: int, hints: Hints = NO_HINTS, *, voices: bool = False
) -> Sense:
    """Learn one column a label, of a risk head one column.

    vectors: shape (n, d). codes: shape (n,). voices: whether rows keep a voice, for no more of them than `MOST_VOICES`,
    and not for a risk head.
    """
    drawn, columns = _drawn(codes), 1 if head in RISK_HEADS else labels
    sense = _regression(*_with(vectors[drawn], codes[drawn], hints.vectors, hints.codes), columns)
    if not voices:
        return sense
    told = _with(*_with(vectors, codes, hints.vectors, hints.codes), hints.named, codes[: len(hints.named)])
    return Sense(np.float32(_SHARE) * sense.weights, _SHARE * sense.intercepts, _voices(*told, columns))


def sense_member_scores(sense: Sense, vectors: Vectors) -> Floats:
    """Scores of shape (n, columns)."""
    scores = np.asarray(vectors @ sense.weights + sense.intercepts, np.float64)
    if sense.kernel is None:
        return scores
    return scores + in_favour(sense.kernel.silence + _nearness(vectors, sense.kernel.vectors) @ sense.kernel.voices)


def side_by_side(senses: Sequence[Sense]) -> Sense:
    """The columns of several heads in one; a row that has a voice in several of them is kept once."""
    weights = np.concatenate([one.weights for one in senses], axis=1)
    intercepts = np.concatenate([one.intercepts for one in senses])
    kernels = [one.kernel for one in senses]
    if not any(kernels):
        return Sense(weights, intercepts)
    stacked = np.concatenate([one.vectors for one in kernels if one is not None])
    vectors, place = np.unique(stacked, axis=0, return_inverse=True)
    voices, silence = np.zeros((len(vectors), len(intercepts))), np.ones(len(intercepts))
    row = column = 0
    for one in senses:
        columns = slice(column, column + len(one.intercepts))
        column = columns.stop
        if one.kernel is not None:
            mine = place.reshape(-1)[row : row + len(one.kernel.vectors)]
            np.add.at(voices[:, columns], mine, one.kernel.voices)
            silence[columns] = one.kernel.silence
            row += len(mine)
    return Sense(weights, intercepts, Kernel(vectors, voices, silence))


def _with(vectors: Vectors, codes: Codes, more: Vectors, more_codes: Codes) -> tuple[Vectors, Codes]:
    """Both, the second without those that say nothing."""
    said = np.flatnonzero(more.any(axis=1))
    if not len(said):
        return vectors, codes
    return np.concatenate((vectors, more[said])), np.concatenate((codes, more_codes[said]))


def _regression(vectors: Vectors, codes: Codes, columns: int) -> Sense:
    """Multinomial logistic regression; a label without a row is never the answer."""
    from sklearn.linear_model import LogisticRegression

    weights, intercepts = np.zeros((vectors.shape[1], columns), np.float32), np.full(columns, _NEVER)
    present = np.unique(codes)
    if len(present) < 2:
        intercepts[present if columns > 1 else 0] = -_NEVER if columns > 1 or present.tolist() == [1] else _NEVER
        return Sense(weights, intercepts)
    model = LogisticRegression(C=_STRENGTH, max_iter=200, tol=min(_TOLERANCE, _TOLERANCE_SHARE / len(present)))
    with _silence() if len(present) > len(codes) / 2 else nullcontext():
        model.fit(vectors, codes)
    if columns == 1:
        return Sense(model.coef_.T.astype(np.float32), np.asarray(model.intercept_, np.float64))
    if len(present) == 2:  # then scikit-learn keeps one column for the two
        weights[:, present[1]], intercepts[present] = model.coef_[0], (0.0, float(model.intercept_[0]))
    else:
        weights[:, present], intercepts[present] = model.coef_.T, model.intercept_
    return Sense(weights, intercepts)


@contextmanager
def _silence() -> Iterator[None]:
    """No warning that there are more labels than half the rows: meant, with one row a label.

    Only where it would come: what is ignored is ignored by all threads, and put back whatever they ignore.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def _voices(vectors: Vectors, codes: Codes, columns: int) -> Kernel:
    """What each row says, so that where one row lies all together say one of its own label and nought of the others.

    Nearly: the ridge lets them disagree. Where nobody is heard, a label's probability is its share of the rows.
    """
    from scipy.linalg import solve

    wanted = np.eye(columns)[codes]
    shares = wanted.mean(axis=0)
    matrix = _nearness(vectors, vectors)
    matrix[np.diag_indices_from(matrix)] += _RIDGE
    return Kernel(vectors, solve(matrix, wanted - shares, assume_a="pos", overwrite_a=True), shares)


def _nearness(left: Vectors, right: Vectors) -> Floats:
    return np.asarray(np.exp(SHARPNESS * ((left @ right.T).astype(np.float64) - 1)))


def _drawn(codes: Codes) -> Codes:
    """Places of at most about `_MOST_ROWS` rows, drawn by chance, none of a rare label left out."""
    if len(codes) <= _MOST_ROWS:
        return np.arange(len(codes))
    kept = np.random.default_rng(_SEED).random(len(codes)) < _MOST_ROWS / len(codes)
    return np.flatnonzero(kept | (np.bincount(codes)[codes] < _RARE))
