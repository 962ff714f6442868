"""LightGBM's trees, read from its own text: their leaves, and what each node asks.

Knows what Pointsman grows, and refuses other trees. Knows neither boosters nor what the leaves add up to.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from desk.errors import DamagedVersionError

__all__ = ["MOST_LEAVES", "Node", "Tree", "read_trees"]

MOST_LEAVES: Final = 64  # bits of a mask

_END: Final = "\nend of trees"
_SIZES: Final = re.compile(r"(?m)^tree_sizes=(.*)$")
_TREE: Final = re.compile(r"(?m)^Tree=\d+$")
_CATEGORICAL, _DEFAULT_LEFT, _MISSING_ZERO, _MISSING_NAN = 1, 2, 4, 8  # bits of LightGBM's decision_type


@dataclass(frozen=True, slots=True)
class Node:
    """tree: its number. left, right: masks of the leaves below. threshold: a number that may be reached, or values.

    left_share, right_share: of the rows that taught which come here, those that go on to either side.
    """

    tree: int
    decision: int
    threshold: float
    values: frozenset[int]
    left: int
    right: int
    left_share: float
    right_share: float

    @property
    def is_value(self) -> bool:
        """Whether the node asks for a value rather than for an amount."""
        return bool(self.decision & _CATEGORICAL)

    @property
    def missing_goes_left(self) -> bool:
        """Where a missing amount goes; one that was never missing where the tree grew counts as nought."""
        return bool(self.decision & _DEFAULT_LEFT) if self.decision & _MISSING_NAN else self.threshold >= 0


@dataclass(frozen=True, slots=True)
class Tree:
    """leaves: their values, from left to right. nodes: each with what the number that it asks for is called."""

    leaves: Sequence[float]
    nodes: Sequence[tuple[int, Node]]


def read_trees(text: str, first: int, inputs: Sequence[int]) -> Iterator[Tree]:
    """The trees of a booster's text, their numbers from `first` on.

    inputs: what each number that the trees see is called. Raises `DamagedVersionError` for trees that Pointsman does
    not grow: of more than 64 leaves, with linear leaves, or with noughts for missing numbers; where trees are missing,
    or ask for what a row does not have.
    """
    header, *bodies = _TREE.split(text.split(_END, 1)[0])
    sizes = _SIZES.search(header)
    if _END not in text or sizes is None or len(sizes[1].split()) != len(bodies):
        raise DamagedVersionError(f"The text of the trees ends after {len(bodies)} of them; fetch the version again.")
    for number, body in enumerate(bodies, first):
        yield _read(dict(line.split("=", 1) for line in body.split("\n") if "=" in line), number, inputs)


def _read(said: Mapping[str, str], number: int, inputs: Sequence[int]) -> Tree:
    """One tree of LightGBM's text."""
    leaves = [float(value) for value in said["leaf_value"].split()]
    if len(leaves) > MOST_LEAVES or said.get("is_linear", "0") != "0":
        raise DamagedVersionError(f"A tree has {len(leaves)} leaves or linear ones: {MOST_LEAVES} plain ones at most.")
    if len(leaves) == 1:
        return Tree(leaves, ())
    features, decisions, left, right = (
        [int(value) for value in said[name].split()]
        for name in ("split_feature", "decision_type", "left_child", "right_child")
    )
    if not all(0 <= feature < len(inputs) for feature in features):
        raise DamagedVersionError(f"A tree asks for a number that is none of the {len(inputs)} of a row.")
    thresholds = [float(value) for value in said["threshold"].split()]
    if any(decision & _MISSING_ZERO for decision in decisions):
        raise DamagedVersionError("A tree takes noughts for missing numbers; Pointsman's do not.")
    inner, outer = ([int(value) for value in said[name].split()] for name in ("internal_count", "leaf_count"))
    ordered, below = _order(left, right)
    if sorted(ordered) != list(range(len(leaves))):
        raise DamagedVersionError("A tree's nodes do not lead to each of its leaves once: fetch the version again.")
    place = {leaf: position for position, leaf in enumerate(ordered)}
    values, nodes = _values(said), []
    for node, (start, middle, end) in below.items():
        chosen = values[int(thresholds[node])] if decisions[node] & _CATEGORICAL else frozenset()
        masks = (1 << middle) - (1 << start), (1 << end) - (1 << middle)
        sides = [inner[child] if child >= 0 else outer[~child] for child in (left[node], right[node])]
        shares = sides[0] / inner[node], sides[1] / inner[node]
        nodes.append((inputs[features[node]], Node(number, decisions[node], thresholds[node], chosen, *masks, *shares)))
    return Tree([leaves[leaf] for leaf in sorted(place, key=place.__getitem__)], nodes)


def _order(left: Sequence[int], right: Sequence[int]) -> tuple[list[int], dict[int, tuple[int, int, int]]]:
    """The leaves from left to right, and of each node the places where its left leaves begin and its right ones end.

    Children that are negative are leaves: -1 is the first.
    """
    ordered: list[int] = []
    below: dict[int, tuple[int, int, int]] = {}

    def walk(node: int) -> None:
        if node < 0:
            ordered.append(~node)
            return
        start = len(ordered)
        walk(left[node])
        middle = len(ordered)
        walk(right[node])
        below[node] = start, middle, len(ordered)

    walk(0)
    return ordered, below


def _values(said: Mapping[str, str]) -> list[frozenset[int]]:
    """Of each node that asks for values, those that go left: bits of 32-bit words."""
    if said.get("num_cat", "0") == "0":
        return []
    borders = [int(value) for value in said["cat_boundaries"].split()]
    words = np.array(said["cat_threshold"].split(), dtype=np.uint32).astype("<u4").tobytes()
    return [_set_bits(int.from_bytes(words[4 * start : 4 * end], "little")) for start, end in pairwise(borders)]


def _set_bits(bits: int) -> frozenset[int]:
    """The places of the bits that are set; a few of many."""
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return frozenset(found)
