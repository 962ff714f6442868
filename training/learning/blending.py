"""Learning how the members of a head add up to probabilities, on rows that none of them saw.

Knows scores and label codes, neither members nor tickets.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.heads import Blend, blend

__all__ = ["fit_blend"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

_BIAS_PRIOR = 10.0  # rows' worth of evidence that a label's bias is nought
_MOST_ROWS = 8_000
_START = np.array([1.0, 0.5, 2.0, 1.0])  # linear, trees, slope, offset


def fit_blend(linear: Floats, trees: Floats | None, codes: Codes, weights: Floats, *, risk: bool) -> Blend:
    """The blend with the least weighted log-loss, members' weights not negative, biases drawn to nought.

    linear, trees: scores of rows that no member saw, shape (n, columns). codes: shape (n,), the true labels. weights:
    shape (n,), what each row counts. This is temperature scaling (Guo and others, 2017) with a bias a label, over the
    sum of the members.
    """
    drawn = _drawn(len(codes))
    linear, codes, weights = linear[drawn], codes[drawn], weights[drawn]
    trees = None if trees is None else trees[drawn]
    columns = linear.shape[1]
    start = np.concatenate((_START, np.zeros(columns)))
    rows = np.arange(len(codes))

    def loss(parameters: Floats) -> tuple[float, Floats]:
        how = _blend(parameters)
        probabilities = blend(how, linear, trees, risk=risk)
        slopes = probabilities.copy()
        slopes[rows, codes] -= 1
        slopes = slopes[:, -columns:] * weights[:, np.newaxis]
        losses = -np.log(np.maximum(probabilities[rows, codes], 1e-12))
        total = float(weights @ losses + _BIAS_PRIOR / 2 * how.bias @ how.bias)
        return total / len(codes), _gradient(how, linear, trees, slopes, risk=risk) / len(codes)

    bounds = [(0.0, None), (0.0, None if trees is not None else 0.0), (0.1, None), (None, None)]
    bounds += [(None, None)] * columns
    return _blend(
        minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 200, "ftol": 1e-7}).x
    )


def _drawn(size: int) -> Codes:
    """The rows to learn from: all, or `_MOST_ROWS` drawn by chance, since the few numbers here need no more."""
    return np.random.default_rng(0).permutation(size)[:_MOST_ROWS]


def _blend(parameters: Floats) -> Blend:
    linear, trees, slope, offset = map(float, parameters[: len(_START)])
    return Blend(linear, trees, slope, offset, np.array(parameters[len(_START) :]))


def _gradient(how: Blend, linear: Floats, trees: Floats | None, slopes: Floats, *, risk: bool) -> Floats:
    """The loss's slope by each parameter, from its slopes by each score, shape (n, columns)."""
    along = how.slope * linear + how.offset
    evidence = linear if risk else -np.logaddexp(0, -along)
    bend = np.zeros_like(linear) if risk else how.linear * np.exp(-np.logaddexp(0, along)) * slopes
    by_member = [(slopes * evidence).sum(), 0.0 if trees is None else (slopes * trees).sum()]
    by_curve = [(bend * linear).sum(), bend.sum()]
    return np.concatenate((by_member, by_curve, slopes.sum(axis=0) + _BIAS_PRIOR * how.bias))
