"""Chance that can be repeated: a stream of random numbers for each thing that is drawn.

A stream depends on the desk's seed and a name only, so that a change to one ticket leaves all the others as they were.
Knows nothing of what is drawn.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

__all__ = ["pick_weighted", "stream"]

Item = TypeVar("Item")


def stream(seed: int, *names: str | int) -> Random:
    """The random numbers of one thing: the same in every process, whatever PYTHONHASHSEED says."""
    return Random("/".join(map(str, (seed, *names))))  # noqa: S311 - a sample desk keeps no secrets


def pick_weighted(rng: Random, weights: Mapping[Item, float] | Sequence[tuple[Item, float]]) -> Item:
    """One item, drawn in proportion to its weight."""
    pairs = list(weights.items()) if isinstance(weights, Mapping) else weights
    left = rng.random() * sum(weight for _, weight in pairs)
    for item, weight in pairs:
        left -= weight
        if left < 0:
            return item
    return pairs[-1][0]
