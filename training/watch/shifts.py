"""Whether recent rows are spread over a few categories as a reference's are, or otherwise than it ever was by itself.

A desk is never as still as dice: customers write twice, load and seasons come and go, so that a plain chi-square test
alarms on any stretch of a year against the rest. What is usual is therefore measured: the reference is cut into
stretches as long as the recent rows, and each one's statistic against the rest says how far a quiet stretch lies off
(Rao and Scott, "On chi-squared tests for multiway contingency tables", Annals of Statistics 12, 1984, with the second
moment; the F of a dispersion that is estimated: McCullagh and Nelder, "Generalized Linear Models", 1989, chapter 4).
Knows counts, neither tickets nor what the categories mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2
from scipy.stats import f as f_distribution

__all__ = ["Shift", "holm", "moderated", "shift_of", "stretches", "unrest_of"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

FEWEST_STRETCHES: Final = 8
_LEAST_STRETCH: Final = 20
_DOUBTFUL: Final = 0.1
_SURE: Final = 1e6  # degrees of freedom: of a dispersion that is not estimated


@dataclass(frozen=True, slots=True)
class Unrest:
    """How far quiet stretches of a reference lie off the rest of it.

    mean: of their statistics, for each of which independent rows would give `freedom`, categories less one. spread:
    the degrees of freedom that a scaled chi-square with their mean and variance has, from 1 to `freedom`.
    stretches: how many there were.
    """

    mean: float
    spread: float
    stretches: int
    freedom: float


@dataclass(frozen=True, slots=True)
class Shift:
    """How far recent rows lie off a reference.

    statistic: Pearson's chi-square. p: its chance on a quiet day. psi: the population stability index, nought where
    both are spread alike.
    """

    statistic: float
    p: float
    psi: float


def stretches(rows: int, recent: int) -> list[slice]:
    """Consecutive stretches of a reference of so many rows, as long as the recent ones, or shorter where it is short.

    At least `FEWEST_STRETCHES`, none where these would be too short to say anything.
    """
    size = min(recent, rows // FEWEST_STRETCHES)
    if size < _LEAST_STRETCH:
        return []
    count = rows // size
    return [slice(rows - (place + 1) * size, rows - place * size) for place in reversed(range(count))]


def unrest_of(codes: Codes, categories: int, parts: Sequence[slice]) -> Unrest:
    """How far each of `parts` lies off the rest. codes: shape (rows,), the category of each row of the reference."""
    freedom = max(int((np.bincount(codes, minlength=categories) > 0).sum()) - 1, 1)
    whole = np.bincount(codes, minlength=categories).astype(np.float64)
    found = []
    for part in parts:
        own = np.bincount(codes[part], minlength=categories).astype(np.float64)
        found.append(_statistic(own, whole - own))
    if len(found) < 2:
        return Unrest(float(freedom), float(freedom), len(found), float(freedom))
    mean, variance = float(np.mean(found)), float(np.var(found, ddof=1))
    spread = 2 * mean**2 / variance if variance > 0 else float(freedom)
    return Unrest(mean, min(max(spread, 1.0), float(freedom)), len(found), float(freedom))


def shift_of(reference: Codes, recent: Codes, categories: int, unrest: Unrest) -> Shift:
    """Recent rows against a reference. Shapes (rows,) of categories, each from 0 to `categories`."""
    before, now = (np.bincount(codes, minlength=categories).astype(np.float64) for codes in (reference, recent))
    statistic = _statistic(now, before)
    second = unrest.spread * max(unrest.stretches - 1, 1)
    p = float(f_distribution.sf(statistic / max(unrest.mean, unrest.freedom), unrest.spread, second))
    return Shift(statistic, p, _psi(now, before))


def moderated(unrests: Sequence[Unrest], own: float = 0.25) -> list[tuple[float, float]]:
    """The dispersion of each of several two-sided questions, and its degrees of freedom.

    Where all of them together lie no further off than independent rows do, none is there to be reckoned with, and
    nothing is estimated. Else, of so few stretches one question's own is a guess; it is drawn to that of all (Smyth,
    "Linear models and empirical Bayes methods", 2004, with a fixed prior): `own` is what its own counts.
    """
    if not unrests:
        return []
    everyone = float(np.mean([one.mean for one in unrests]))
    looks = (unrests[0].stretches - 1) * max(len(unrests) - 1, 1)
    if chi2.sf(everyone * looks, looks) > _DOUBTFUL:
        return [(1.0, _SURE)] * len(unrests)
    return [(max((1 - own) * everyone + own * one.mean, 1.0), max(one.stretches - 1, 1) / own) for one in unrests]


def holm(p_values: Sequence[float]) -> list[float]:
    """Corrected p-values, in their order: rejecting those up to a level errs in any at most so often.

    Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    corrected, least = [1.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        least = max(least, min(p_values[place] * (len(p_values) - rank), 1.0))
        corrected[place] = least
    return corrected


def _statistic(one: Floats, other: Floats) -> float:
    """Pearson's chi-square of homogeneity of two rows of counts."""
    there = (one + other) > 0
    one, other = one[there], other[there]
    total = one.sum() + other.sum()
    if not one.sum() or not other.sum():
        return 0.0
    expected = (one + other) * one.sum() / total
    # Both rows miss by the same, so that each category adds its square over either one's expectation.
    return float(((one - expected) ** 2 * (1 / expected + 1 / (one + other - expected))).sum())


def _psi(now: Floats, before: Floats) -> float:
    p, q = ((counts + 0.5) / (counts.sum() + 0.5 * len(counts)) for counts in (now, before))
    return float(((p - q) * np.log(p / q)).sum())
