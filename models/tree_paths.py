"""What each number of a row adds to a sum of trees, from the paths to their leaves.

Shapley values along the trees' paths (Lundberg and others, Consistent Individualized Feature Attribution for Tree
Ensembles, 2018), as LightGBM's own contributions are: the same but for rounding, in a third of the time. It goes by
leaf instead of by node: only the numbers on the way to a leaf count for it, and whether one leads there is a bit of the
masks that `models.forest` looks up. What every set of such bits means is worked out in advance and kept in single
precision: five megabytes for 500 trees. Knows neither boosters nor heads.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.compiled import ADDRESS, NUMBER, address_of, compiled

__all__ = ["Paths", "paths_of"]

Floats = NDArray[np.float64]

_SHARES: Final = compiled(
    "pointsman_shares",
    *(ADDRESS, NUMBER, ADDRESS, ADDRESS),
    *(ADDRESS, ADDRESS, NUMBER),
    *(ADDRESS, NUMBER),
    *[ADDRESS] * 7,
    NUMBER,
    *[ADDRESS] * 5,
    is_long=True,
)
_TABULATE: Final = compiled("pointsman_tabulate", *(ADDRESS, NUMBER), *[ADDRESS] * 3, NUMBER, *[ADDRESS] * 3)

DEEPEST: Final = 7
"""Numbers on the way to a leaf, of which every set is worked out in advance: 128 of them. Deeper leaves are few."""


@dataclass(frozen=True)
class Paths:
    """used: shape (trees + 1,), where the numbers of each tree begin; finders: what looks each of them up.

    spots: which of the trees that ask for the number the tree is. starts: shape (leaves + 1,), where the numbers on
    the way to each leaf begin, a tree's leaves side by side. ways, shares: shape (steps,), which of the tree's
    numbers each of them is, and of the rows that taught the share that goes on towards the leaf by it. weights:
    shape (d + 1, d + 2), of a set of s among d numbers: s! (d - s - 1)! / d!. places, tables: where each leaf's own
    shares begin among those worked out in advance, negative for one that lies too deep: for every set of its
    numbers that may lead to it, what each of them adds.
    """

    used: NDArray[np.int64]
    finders: NDArray[np.int32]
    spots: NDArray[np.int32]
    starts: NDArray[np.int64]
    ways: NDArray[np.int32]
    shares: Floats
    weights: Floats
    places: NDArray[np.int64]
    tables: NDArray[np.float32]

    def shares_of(self, asked: tuple[int, ...], trees: NDArray[np.int64]) -> tuple[Floats, Callable[[], object]]:
        """What each finder's number adds to sums of some trees' leaves, shape (sums, finders), once the work is done.

        The work is what comes with it: it lets go of the interpreter. asked: what compiled code takes first, as
        addresses and counts: finders, their number, their borders, the row, the masks, the trees' leaves, and how
        many at most a tree has. The caller keeps them alive. trees: shape (sums, 3), the first of each
        sum, their end and the step from one to the next.
        """
        count, most = asked[1], self.weights.shape[1]
        rows, room, sums = np.empty(count, np.int64), np.empty(4 * most), np.zeros((len(trees), count))
        *paths, places, tables = self._addresses
        mine = *paths, most, places, tables
        kept = rows, room, trees

        def work() -> object:
            _SHARES(*asked, address_of(trees), len(trees), *mine, address_of(rows), address_of(room), address_of(sums))
            return kept

        return sums, work

    @cached_property
    def _addresses(self) -> tuple[int, ...]:
        paths = self.used, self.finders, self.spots, self.starts, self.ways, self.shares, self.weights
        arrays = *paths, self.places, self.tables
        return tuple(address_of(one) for one in arrays)


def paths_of(steps: NDArray[np.uint64], shares: Floats, values: Floats) -> Paths:
    """The paths of trees with these leaves, shape (trees, leaves).

    steps: shape (nodes, 4), of every node its tree, what looks its number up, the masks of the leaves to its left and
    to its right. shares: shape (nodes, 2), of the rows that go there. A number that is asked for more than once on a
    path counts once, its shares multiplied.
    """
    trees, width = values.shape
    tree, finder, left, right = steps.astype(np.int64).T
    parts = []
    for leaf in range(width):
        for side, mask in enumerate((left, right)):
            at = np.flatnonzero(mask >> leaf & 1)
            parts.append((tree[at] * width + leaf, finder[at], shares[at, side]))
    leaves, finders, towards = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((finders, leaves))
    leaves, finders, towards = leaves[order], finders[order], towards[order]
    firsts = np.flatnonzero(np.diff(leaves, prepend=-1) | np.diff(finders, prepend=-1))
    starts = leaves[firsts].searchsorted(np.arange(trees * width + 1))
    joined = np.multiply.reduceat(towards, firsts) if len(firsts) else towards
    weights = _weights(int(np.diff(starts).max(initial=0)))
    places, tables = _tabulated(np.ascontiguousarray(values), starts, joined, weights)
    # A tree's own numbers, each once; a step names its number by its place among them.
    finders, tree = finders[firsts], leaves[firsts] // width
    each = int(finders.max(initial=0)) + 1
    numbers, of_step = np.unique(tree * each + finders, return_inverse=True)
    used = (numbers // each).searchsorted(np.arange(trees + 1))
    ways, by_tree = (of_step - used[tree]).astype(np.int32), (numbers % each).astype(np.int32)
    order, spots = np.argsort(by_tree, kind="stable"), np.empty(len(by_tree), np.int32)
    spots[order] = np.arange(len(by_tree)) - by_tree[order].searchsorted(by_tree[order])
    return Paths(used, by_tree, spots, starts, ways, joined, weights, places, tables)


def _tabulated(
    values: Floats, starts: NDArray[np.int64], shares: Floats, weights: Floats
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The shares of every leaf that is not too deep, by the set of numbers that lead to it, and where each begins."""
    depths = np.diff(starts)
    sizes = np.where(depths <= DEEPEST, depths << np.minimum(depths, DEEPEST), 0)
    ends = np.cumsum(sizes)
    places = np.where(depths <= DEEPEST, ends - sizes, -1)
    tables, most = np.empty(int(sizes.sum()), np.float32), weights.shape[1]
    room = np.empty(4 * most)
    given = address_of(values), len(places), address_of(starts), address_of(shares), address_of(weights), most
    _TABULATE(*given, address_of(places), address_of(room), address_of(tables))
    return places, tables


def _weights(depth: int) -> Floats:
    """Of a set of s among d numbers without one of them, for d up to `depth`, shape (depth + 1, depth + 2)."""
    weights = np.zeros((depth + 1, depth + 2))
    for known in range(1, depth + 1):
        weights[known, 0] = 1 / known
        for size in range(1, known):
            weights[known, size] = weights[known, size - 1] * size / (known - size)
    return weights
