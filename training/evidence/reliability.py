"""Bins of what was said and what came true, with the uncertainty of each.

Knows probabilities and outcomes, neither heads nor pictures.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from training.evidence.formulas import BINS

__all__ = ["Bins", "bins_of", "wilson"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bins:
    """Up to 15 bins of about equally many rows, by rising probability; every array has shape (bins,).

    said: mean probability; seen: share that came true; low, high: Wilson's 95 % interval of `seen`; counts: rows.
    """

    said: Floats
    seen: Floats
    low: Floats
    high: Floats
    counts: NDArray[np.int64]


def bins_of(said: Floats, came_true: NDArray[np.bool_], bins: int = BINS) -> Bins:
    """Bin by the quantiles of `said`; equal probabilities share a bin, so that heavy ties leave fewer bins."""
    edges = np.quantile(said, np.linspace(0, 1, bins + 1))
    place = np.clip(np.searchsorted(edges, said, side="right") - 1, 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    there = counts > 0
    rows = counts[there]
    seen = np.bincount(place, weights=came_true, minlength=bins)[there] / rows
    low, high = wilson(seen, rows)
    return Bins(np.bincount(place, weights=said, minlength=bins)[there] / rows, seen, low, high, rows)


def wilson(share: Floats, rows: NDArray[np.int64], level: float = 0.95) -> tuple[Floats, Floats]:
    """Wilson's score interval of a share of `rows`, both of the same shape.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    z = float(norm.ppf((1 + level) / 2))
    scale = 1 + z**2 / rows
    middle = (share + z**2 / (2 * rows)) / scale
    half = z * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2)) / scale
    return middle - half, middle + half
