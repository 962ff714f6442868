"""How sure of itself a blend may be on rows that are newer than all that it comes from.

Time passes between the rows that teach and those that are answered, and members grow worse by it without knowing. Knows
scores and label codes, neither members nor tickets.
"""

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.heads import Blend, Members, add_up, normalised, scattered

__all__ = ["AS_SURE_AS_IT_IS", "Sureness", "fit_sureness", "tempered"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

_BOUNDS: Final = ((np.log(0.25), np.log(2.0)), (-0.5, 0.5), (0.0, 0.15))
"""A larger score stays larger, and a ticket that is like none that taught is never answered the more surely for it."""

_FIRST: Final = np.array([[0.0, 0.0, 0.0], [-0.3, 0.0, 0.0], [0.0, 0.1, 0.0], [0.0, 0.0, 0.1]])
_PRIOR: Final = 5.0  # rows' worth of evidence that a blend is as sure as it may be
_MOST_ROWS: Final = 8_000


class Sureness(NamedTuple):
    """all: what everything that speaks counts. scatter, familiar: of a `Blend`."""

    all: float
    scatter: float
    familiar: float = 0.0


AS_SURE_AS_IT_IS: Final = Sureness(1.0, 0.0)


def fit_sureness(how: Blend, members: Members, codes: Codes) -> Sureness:
    """How sure the blend might have been of these rows, by the log-loss of "the most probable label is right".

    A temperature a ticket, of its scores' overall size, of how scattered its doubt is and of how familiar it is: of two
    tickets that are equally sure, the one with a single rival is wrong more often than the one whose doubt is spread
    over many labels, and one that is like none that taught more often than one that is. What comes is more familiar to
    members that have learned from these rows too. (Top-label calibration: Gupta and Ramdas, 2022; a temperature by the
    entropy of what is predicted: Balanya, Maroñas and Ramos, Adaptive Temperature Scaling for Robust Calibration of
    Deep Neural Networks, 2022.)

    codes: shape (n,), -1 where the true label is none that is known. For a head that chooses.
    """
    drawn = np.random.default_rng(0).permutation(len(codes))[:_MOST_ROWS]
    scores = add_up(how, members, risk=False)[drawn]
    right, doubt, largest = scores.argmax(axis=1) == codes[drawn], scattered(scores), scores.max(axis=1, keepdims=True)
    usual = float(largest.mean())

    def loss(parameters: Floats) -> float:
        heat = parameters[0] + parameters[1] * doubt + parameters[2] * (largest - usual)
        sure = normalised(scores * np.exp(heat)).max(axis=1)
        lost = -np.log(np.maximum(np.where(right, sure, 1 - sure), 1e-12)).sum()
        return float(lost + _PRIOR / 2 * parameters @ parameters) / len(right)

    options = {"initial_simplex": _FIRST, "xatol": 1e-3, "fatol": 1e-6}
    found = minimize(loss, _FIRST[0], method="Nelder-Mead", bounds=_BOUNDS, options=options)
    level, scatter, familiar = map(float, found.x)
    return Sureness(float(np.exp(level - familiar * usual)), scatter, familiar)


def tempered(how: Blend, sureness: Sureness) -> Blend:
    """`how` as sure of itself as it may be; it answers the same."""
    return replace(how, sureness=sureness.all, scatter=sureness.scatter, familiar=sureness.familiar)
