"""What a head of several labels answers to one ticket: by compiled code, or by Python, the same to the bit.

`models.heads` has the same for many rows at once; numpy's logarithms may differ from these in the last bit. Knows
neither labels' names nor members.
"""

import ctypes
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.compiled import ADDRESS, IS_COMPILED, NUMBER, address_of, address_or_nought, compiled

__all__ = ["Answering", "Said", "Weights"]

Floats = NDArray[np.float64]

_ANSWER: Final = compiled("pointsman_answer", *[ADDRESS] * 4, NUMBER, *[ADDRESS] * 4)
_SLOPES: Final = compiled("pointsman_slopes", ADDRESS, ADDRESS, NUMBER, *[ADDRESS] * 4)
_FLAT: Final = 1e-9  # a sum so near to that of the empty ticket has the curve's own slope
_LEAST: Final = 1e-300  # a probability whose logarithm is asked for counts as at least that


@dataclass(frozen=True, slots=True)
class Said:
    """scores: what speaks for each label, log-probabilities but for a constant, shape (labels,).

    probabilities: shape (labels,). places: the first labels, the one that is answered and then the others by
    probability.
    """

    scores: Floats
    probabilities: Floats
    places: Sequence[int]


@dataclass(frozen=True, slots=True)
class Weights:
    """The numbers of a `models.heads.Blend` that all labels share, in the order in which compiled code has them."""

    linear: float
    meaning: float
    trees: float
    slope: float
    offset: float
    sureness: float
    scatter: float
    familiar: float


class _Head(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_double) for name in Weights.__slots__),
        *((name, ctypes.c_void_p) for name in ("bias", "favour")),
        *((name, ctypes.c_int64) for name in ("labels", "favours")),
    )


class Answering:
    """A head of several labels, ready to answer.

    bias: shape (labels,). favour: as in `models.heads.chosen`.
    """

    def __init__(self, weights: Weights, bias: Floats, favour: Floats) -> None:
        self._weights = weights
        self._bias, self._favour = (np.array(part, dtype=np.float64) for part in (bias, favour))
        favours = len(favour) if favour.ndim > 1 else min(favour.size, 1)
        shared = (getattr(weights, name) for name in Weights.__slots__)
        self._head = _Head(*shared, address_of(self._bias), address_of(self._favour), len(bias), favours)
        self._address = ctypes.addressof(self._head)

    def __reduce__(self) -> tuple[type["Answering"], tuple[Weights, Floats, Floats]]:
        """Copies are made anew: addresses mean nothing elsewhere."""
        return Answering, (self._weights, self._bias, self._favour)

    def answer(self, linear: Floats, meaning: Floats | None, trees: Floats | None, top: int) -> Said:
        """Answer one ticket with the `top` first labels.

        linear, meaning, trees: what each member says of each label, shape (labels,); None for one that the head lacks.
        """
        if not IS_COMPILED:
            return self.answer_by_python(linear, meaning, trees, top)
        labels = len(self._bias)
        made, places = np.empty((3, labels)), np.empty(labels, np.int64)
        first, step = address_of(made), made.strides[0]
        said = address_of(linear), address_or_nought(meaning), address_or_nought(trees)
        _ANSWER(self._address, *said, top, first, first + step, first + 2 * step, address_of(places))
        return Said(made[1], made[2], places[:top].tolist())

    def answer_by_python(self, linear: Floats, meaning: Floats | None, trees: Floats | None, top: int) -> Said:
        """The same without compiled code: libm's logarithms are Python's, and sums add one label after the other."""
        how = self._weights
        scores = []
        for place, score in enumerate(linear.tolist()):
            evidence = -_softplus(-(how.slope * score + how.offset))
            total = how.linear * evidence + float(self._bias[place])
            if meaning is not None:
                total += how.meaning * float(meaning[place])
            if trees is not None:
                total += how.trees * float(trees[place])
            scores.append(total)
        sureness = 1.0
        if how.scatter or how.familiar:
            sureness = math.exp(how.scatter * _scattered(scores) + how.familiar * max(scores))
        scores = [score * sureness * how.sureness for score in scores]
        most = max(scores)
        odds = [math.exp(score - most) for score in scores]
        total = _sum(odds)
        probabilities = [one / total for one in odds]
        first = self._chosen(probabilities)
        others = sorted((place for place in range(len(odds)) if place != first), key=lambda at: -probabilities[at])
        return Said(np.array(scores), np.array(probabilities), [first, *others][:top])

    def slopes(self, said: Floats, label: int, empty: Floats, whole: Floats) -> tuple[Floats, Floats]:
        """How the log-odds of `label` against all others follow each label's score, and that its linear score.

        Shapes (labels,): one for the label, what the others lose, times how sure the head is; and the mean slope of
        the logistic curve between the linear scores of an empty ticket and of this one, times what they count. said:
        what speaks for each label. empty, whole: the linear scores, shape (labels,).
        """
        if not IS_COMPILED:
            return self.slopes_by_python(said, label, empty, whole)
        against, slopes = np.empty((2, len(self._bias)))
        given = address_of(said), label, address_of(empty), address_of(whole)
        _SLOPES(self._address, *given, address_of(against), address_of(slopes))
        return against, slopes

    def slopes_by_python(self, said: Floats, label: int, empty: Floats, whole: Floats) -> tuple[Floats, Floats]:
        """The same without compiled code."""
        how = self._weights
        scores = said.tolist()
        most = max(score for place, score in enumerate(scores) if place != label)
        odds = [0.0 if place == label else math.exp(score - most) for place, score in enumerate(scores)]
        total = _sum(odds)
        against = [how.sureness * (1.0 if place == label else -(one / total)) for place, one in enumerate(odds)]
        slopes = []
        for at, start in zip(whole.tolist(), empty.tolist(), strict=True):
            along = how.slope * at + how.offset
            if abs(at - start) < _FLAT:
                slope = how.slope * math.exp(-_softplus(along))
            else:
                slope = (_softplus(-(how.slope * start + how.offset)) - _softplus(-along)) / (at - start)
            slopes.append(how.linear * slope)
        return np.array(against), np.array(slopes)

    def _chosen(self, probabilities: Sequence[float]) -> int:
        favour = self._favour.reshape(-1, len(probabilities)).tolist()
        if not favour:
            return probabilities.index(max(probabilities))
        said = []
        for place, probability in enumerate(probabilities):
            added = _sum([one * row[place] for one, row in zip(probabilities, favour[1:], strict=False)])
            said.append(math.log(max(probability, _LEAST)) + (favour[0][place] + added))
        return said.index(max(said))


def _softplus(score: float) -> float:
    """log(1 + exp(score))."""
    return score + math.log1p(math.exp(-score)) if score > 0 else math.log1p(math.exp(score))


def _scattered(scores: Sequence[float]) -> float:
    """`models.heads.scattered`, of one ticket."""
    answer = scores.index(max(scores))
    rivals = [score for place, score in enumerate(scores) if place != answer]
    most = max(rivals)
    behind = [score - most for score in rivals]
    odds = [math.exp(one) for one in behind]
    return math.log(_sum(odds)) - _sum([share * one for share, one in zip(odds, behind, strict=True)]) / _sum(odds)


def _sum(numbers: Sequence[float]) -> float:
    """One after the other: Python's own `sum` makes up for what rounding takes, since 3.12."""
    total = 0.0
    for number in numbers:
        total += number
    return total
