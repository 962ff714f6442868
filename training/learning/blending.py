"""Learning how a head's members add up to probabilities, and which labels to favour, on rows that no member saw.

Knows scores and label codes, neither members nor tickets.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.heads import Blend, Members, blend, chosen, normalised

__all__ = [
    "DEAREST",
    "DEAREST_AHEAD",
    "FAVOURS",
    "LIFTS",
    "PRICES",
    "RARE",
    "blend_loss",
    "fit_blend",
    "fit_favour",
    "fit_ordered_favour",
]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

_BIAS_PRIOR = 10.0  # rows' worth of evidence that a label's bias is nought
_START_PRIOR = 5.0  # rows' worth of evidence for `_START`: a few rows, all told apart, would be believed too much
_MOST_ROWS = 8_000
_START = np.array([1.0, 0.5, 0.5, 2.0, 1.0])  # linear, meaning, trees, slope, offset
_NEVER_NOUGHT = 0.1  # so that a member's weight may become nought at some price, not at any
_USUAL = 3.0  # how far offsets lie from the first

FAVOURS: Final = (0.0, 0.1, 0.2, 0.3, 0.5)
"""Powers of a label's share that its probability is divided by before one is chosen."""

LIFTS: Final = (0.0, 20.0, 40.0, 80.0, 160.0)
"""Rows that a label is answered as if it had beside its own: what few rows teach scores low on rows to come."""

DEAREST: Final = 1.02
"""What favouring the rare may cost: two wrong answers more where there are a hundred."""

DEAREST_AHEAD: Final = 1.01
"""The same where time passes between the rows that say so and those that are answered: it costs more after it."""

RARE: Final = 30
"""Rows: a label with no more is rare."""

PRICES: Final = (0.0, 0.25, 0.5, 1.0, 2.0, 3.0)
"""Of a point of probability two levels or more from a label, in the log of the label's own."""

_NO_LIFT: Final = (0.0,)
_FEW: Final = 10.0  # rows: a label with a handful is not lifted much more than one with ten
_LEAST_F1: Final = 0.98  # of the macro-F1 without a price
_FAR: Final = 2  # levels


def fit_blend(members: Members, codes: Codes, weights: Floats, *, risk: bool) -> Blend:
    """The blend with the least weighted log-loss, members' weights not negative, biases drawn to nought.

    Few rows are believed less than what blends are like (`_START`). A label without a row keeps a bias of nought: that
    none has come yet says nothing of those that will.

    members: scores of rows that no member saw, shape (n, columns) each. codes: shape (n,), the true labels. weights:
    shape (n,), what each row counts. This is temperature scaling (Guo and others, 2017) with a bias a label, over the
    sum of the members.
    """
    drawn = np.random.default_rng(0).permutation(len(codes))[:_MOST_ROWS]  # the few numbers here need no more
    members, codes, weights = _take(members, drawn), codes[drawn], weights[drawn]
    columns, size = members.linear.shape[1], max(len(codes), 1)

    there = np.array([1.0, members.meaning is not None, members.trees is not None, not risk, not risk])

    def loss(parameters: Floats) -> tuple[float, Floats]:
        how = _blend(parameters)
        probabilities = blend(how, members, risk=risk)
        slopes = probabilities.copy()
        slopes[np.arange(len(codes)), codes] -= 1
        slopes = slopes[:, -columns:] * weights[:, np.newaxis]
        prior, pull = _prior(how, there)
        total = weights @ _losses(probabilities, codes) + prior
        return float(total) / size, (_gradient(how, members, slopes, risk=risk) + pull) / size

    bounds: list[tuple[float | None, float | None]] = [(0.0, None)]
    bounds += [(0.0, None if part is not None else 0.0) for part in (members.meaning, members.trees)]
    bounds += [(0.1, None), (None, None)]
    seen = np.ones(1) if risk else np.bincount(codes, minlength=columns)
    bounds += [(None, None) if rows else (0.0, 0.0) for rows in seen]
    start = np.concatenate((_START, np.zeros(columns)))
    options = {"maxiter": 200, "ftol": 1e-7}
    return _blend(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x)


def blend_loss(how: Blend, members: Members, codes: Codes, *, risk: bool) -> Floats:
    """The log-loss of each row, shape (n,)."""
    return _losses(blend(how, members, risk=risk), codes)


def fit_favour(
    probabilities: Floats,
    codes: Codes,
    weights: Floats,
    dearest: float = DEAREST,
    lifts: Sequence[float] = LIFTS,
) -> Floats:
    """What to add to the log of each label's probability before one is chosen, shape (labels,).

    Of several powers of the labels' shares, each with several lifts of labels that have few rows, the one with the best
    macro-F1 and mean recall of the rare labels together, among those whose wrong answers are at most `dearest` times
    the fewest: of labels that are nearly as likely, the rare one answered right is worth more. probabilities: of rows
    that no member saw, shape (n, labels). codes: shape (n,). weights: shape (n,), what each row counts; labels have
    their rows from all.
    """
    labels = probabilities.shape[1]
    counts = np.bincount(codes, minlength=labels)
    rows = np.where(counts > 0, counts, len(codes) / labels)  # how rare a label without a row is nobody knows yet
    asked = np.flatnonzero(weights > 0)
    said, codes, weights = _logs(probabilities[asked]), codes[asked], weights[asked]
    tried = [(power, lift) for power in FAVOURS for lift in lifts]
    favours = {one: _favour(rows, *one) for one in tried}
    answers = {one: (said + favour).argmax(axis=1) for one, favour in favours.items()}
    wrong = {one: float(weights @ (answers[one] != codes)) for one in tried}
    cheap = [one for one in tried if wrong[one] <= min(wrong.values()) * dearest]
    rare = counts <= RARE
    return favours[max(cheap, key=lambda one: (_worth(codes, answers[one], weights, rare), -one[0], -one[1]))]


def fit_ordered_favour(
    probabilities: Floats, codes: Codes, weights: Floats, levels: Codes, dearest: float = DEAREST
) -> Floats:
    """The same where labels have an order, and what is far from an answer counts against it: (1 + labels, labels).

    Of several prices on the probability that the truth lies two levels or more from the answer, each with its own
    favour of the rare, the one with the fewest such misses: among those that cost no more wrong answers than `dearest`
    times those without a price, and no more than a fiftieth of macro-F1. The first is nought. No label is lifted for
    having few rows: on priorities that cost right answers.

    levels: shape (labels,), ascending or falling along the order.
    """
    far = np.abs(levels[:, np.newaxis] - levels) >= _FAR
    tried = {price: _priced(probabilities, codes, weights, price * far, dearest) for price in PRICES}
    answers = {price: chosen(probabilities, favour) for price, favour in tried.items()}
    wrong = {price: float(weights @ (said != codes)) for price, said in answers.items()}
    found = {price: _macro_f1(codes, said, weights) for price, said in answers.items()}
    fair = [one for one in PRICES if wrong[one] <= wrong[0.0] * dearest and found[one] >= found[0.0] * _LEAST_F1]
    return tried[min(fair, key=lambda price: (float(weights @ far[codes, answers[price]]), price))]


def _priced(probabilities: Floats, codes: Codes, weights: Floats, prices: Floats, dearest: float) -> Floats:
    """Favour of the rare where a label's probability costs others what `prices` say, shape (labels, labels)."""
    left = normalised(_logs(probabilities) - probabilities @ prices)
    return np.vstack((fit_favour(left, codes, weights, dearest, _NO_LIFT), -prices))


def _favour(rows: Floats, power: float, lift: float) -> Floats:
    """A label is favoured by a power of its share, and as if it had `lift` rows beside its own."""
    return np.asarray(np.log1p(lift / (rows + _FEW)) - power * np.log(rows / rows.sum()))


def _logs(probabilities: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(probabilities, 1e-300)))


def _worth(codes: Codes, answers: Codes, weights: Floats, rare: NDArray[np.bool_]) -> float:
    """Macro-F1 and the mean recall of those rare labels that occur, added. rare: shape (labels,)."""
    hits = np.bincount(codes, weights=weights * (codes == answers), minlength=len(rare))
    rows = np.bincount(codes, weights=weights, minlength=len(rare))
    asked = rare & (rows > 0)
    recall = float((hits[asked] / rows[asked]).mean()) if asked.any() else 0.0
    return _macro_f1(codes, answers, weights) + recall


def _macro_f1(codes: Codes, answers: Codes, weights: Floats) -> float:
    """Mean F1 over the labels that occur or are answered, rows counting by weight."""
    width = int(max(codes.max(), answers.max())) + 1
    hit = codes == answers
    hits = np.bincount(codes[hit], weights=weights[hit], minlength=width)
    total = np.bincount(codes, weights=weights, minlength=width) + np.bincount(
        answers, weights=weights, minlength=width
    )
    return float((2 * hits[total > 0] / total[total > 0]).mean())


def _take(members: Members, rows: Codes) -> Members:
    meaning, trees = (None if part is None else part[rows] for part in (members.meaning, members.trees))
    return Members(members.linear[rows], meaning, trees)


def _losses(probabilities: Floats, codes: Codes) -> Floats:
    return np.asarray(-np.log(np.maximum(probabilities[np.arange(len(codes)), codes], 1e-12)))


def _blend(parameters: Floats) -> Blend:
    linear, meaning, trees, slope, offset = map(float, parameters[: len(_START)])
    return Blend(linear, meaning, trees, slope, offset, np.array(parameters[len(_START) :]))


def _gradient(how: Blend, members: Members, slopes: Floats, *, risk: bool) -> Floats:
    """The loss's slope by each parameter, from its slopes by each score, shape (n, columns)."""
    linear = members.linear
    along = how.slope * linear + how.offset
    evidence = linear if risk else -np.logaddexp(0, -along)
    bend = np.zeros_like(linear) if risk else how.linear * np.exp(-np.logaddexp(0, along)) * slopes
    others = (0.0 if part is None else (slopes * part).sum() for part in (members.meaning, members.trees))
    by_curve = [(bend * linear).sum(), bend.sum()]
    return np.concatenate(([(slopes * evidence).sum()], [*others], by_curve, slopes.sum(axis=0)))


def _prior(how: Blend, there: Floats) -> tuple[float, Floats]:
    """What is held against weights, curves and biases that are unlikely, and its slope by each parameter.

    Weights and steepness are unlikely by how many times they are larger or smaller, the rest by how far off. there:
    shape (5,), one for what the blend has of `_START`, and nought for the rest.
    """
    sizes = np.array([how.linear, how.meaning, how.trees, how.slope]) + _NEVER_NOUGHT
    off = there * np.append(np.log(sizes / (_START[:4] + _NEVER_NOUGHT)), (how.offset - _START[4]) / _USUAL)
    total = _BIAS_PRIOR * how.bias @ how.bias + _START_PRIOR * off @ off
    pull = _START_PRIOR * off / np.append(sizes, _USUAL)
    return float(total) / 2, np.concatenate((pull, _BIAS_PRIOR * how.bias))
