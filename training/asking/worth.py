"""What an answer is expected to teach, ticket by ticket, and what of it is for which reason.

Knows arrays of probabilities and distances, neither tickets nor what was asked before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["DISAGREEING", "DISTANT", "NARROW", "RARE", "Worth", "worth_of"]

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

NARROW: Final = 0.02
"""The gap between the two likeliest labels at which an answer is worth a third of one where there is none."""

DISAGREEING: Final = 0.5
"""How much more an answer is worth where champion and challenger name different labels."""

DISTANT: Final = 0.25
"""How much more where nothing that is labelled is like the ticket."""

RARE: Final = 0.25
"""How much more where a label without a labelled row is at stake."""

_FEW: Final = 30.0
"""Labelled rows with which a label is half as rare as one without any."""

_NOTED: Final = 0.05  # a reason that adds less is none
_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Worth:
    """of: shape (n,), between 0 and about 3, in no unit. The rest, shape (n,) each, is what it is made of.

    gap: between the two likeliest labels. other: the label that the challenger
    names where the champion names another, else -1. distance: to what is labelled, NaN where not known. rare: the label
    of the two likeliest that has fewer rows for its probability, -1 where that is not known; rows: how many it has.
    """

    of: Floats
    gap: Floats
    other: Codes
    distance: Floats
    rare: Codes
    rows: Codes
    rarity: Floats

    def reasons(self, place: int, labels: Sequence[str], challenger: str) -> list[Mapping[str, Any]]:
        """What makes the ticket at `place` worth asking about, from the strongest; none of it is of its text."""
        found: list[tuple[float, Mapping[str, Any]]] = []
        if labels:
            gap = float(self.gap[place])
            found.append((float(np.exp(-gap / NARROW)), {"reason": "margin", "gap": round(gap, _DIGITS)}))
        if self.rare[place] >= 0:
            told = {"label": labels[self.rare[place]], "rows": int(self.rows[place])}
            found.append((RARE * float(self.rarity[place]), {"reason": "rarity", **told}))
        if self.other[place] >= 0:
            told = {"challenger": challenger, "label": labels[self.other[place]]}
            found.append((DISAGREEING, {"reason": "disagreement", **told}))
        if not np.isnan(self.distance[place]):
            distance = float(self.distance[place])
            told = {"distance": round(distance, _DIGITS)}
            found.append((DISTANT * distance, {"reason": "novelty", **told}))
        ordered = sorted(found, key=lambda one: -one[0])
        return [reason for strength, reason in ordered if strength >= _NOTED] or [reason for _, reason in ordered[:1]]


def worth_of(champion: Floats, challenger: Floats | None, distances: Floats, rows: Codes) -> Worth:
    """The worth of n tickets; arguments as in `training.asking.ranking.Candidates`.

    How narrow the margin between the two likeliest labels is (Scheffer and others, Active hidden Markov models, 2001),
    times what else speaks for asking.
    """
    count, labels = champion.shape
    other = _disagreeing(champion, challenger)
    distance = distances if len(distances) else np.full(count, np.nan)
    more = (1 + DISAGREEING * (other >= 0)) * (1 + DISTANT * np.clip(np.nan_to_num(distance), 0, 1))
    if not labels:
        none = np.zeros(count, np.int64)
        return Worth(more, np.ones(count), other, distance, none - 1, none, np.zeros(count))
    order = np.argsort(-champion, axis=1, kind="stable")[:, :2]
    best = np.take_along_axis(champion, order, axis=1)
    gap = best[:, 0] - best[:, 1] if labels > 1 else np.ones(count)
    if not len(rows):
        unknown = np.full(count, -1)
        return Worth(np.exp(-gap / NARROW) * more, gap, other, distance, unknown, unknown, np.zeros(count))
    rare, rarity = _rarest(order, best, rows)
    of = np.exp(-gap / NARROW) * more * (1 + RARE * rarity)
    return Worth(of, gap, other, distance, rare, rows[rare], rarity)


def _disagreeing(champion: Floats, challenger: Floats | None) -> Codes:
    """The challenger's label where it is another than the champion's, or -1."""
    if challenger is None or not champion.shape[1]:
        return np.full(len(champion), -1)
    spoke = np.asarray(~np.isnan(challenger).any(axis=1))
    theirs = np.where(spoke[:, np.newaxis], challenger, champion).argmax(axis=1)
    return np.asarray(np.where(theirs != champion.argmax(axis=1), theirs, -1))


def _rarest(order: Codes, best: Floats, rows: Codes) -> tuple[Codes, Floats]:
    """Of each ticket's likeliest labels the one at stake that is the rarest, and how rare, from 0 to 1.

    A label is at stake as far as it is as likely as the likeliest.
    """
    likeliest = np.maximum(best[:, :1], np.finfo(np.float64).tiny)
    rarity = _FEW / (_FEW + rows[order]) * best / likeliest
    first = rarity.argmax(axis=1)[:, np.newaxis]
    return np.take_along_axis(order, first, axis=1)[:, 0], np.take_along_axis(rarity, first, axis=1)[:, 0]
