"""What each number of a row adds to a sum of trees, from the paths to their leaves.

Shapley values along the trees' paths (Lundberg and others, Consistent Individualized Feature Attribution for Tree
Ensembles, 2018), as LightGBM's own contributions are: the same but for rounding, in a third of the time. It goes by
leaf instead of by node: only the numbers on the way to a leaf count for it, and whether one leads there is a bit of the
masks that `models.forest` looks up. Knows neither boosters nor heads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.compiled import ADDRESS, NUMBER, address_of, compiled

__all__ = ["Paths", "paths_of"]

Floats = NDArray[np.float64]

_SHARES: Final = compiled(
    "pointsman_shares",
    *(ADDRESS, NUMBER, ADDRESS, ADDRESS),
    *(ADDRESS, NUMBER, ADDRESS, NUMBER),
    *[NUMBER] * 3,
    *[ADDRESS] * 4,
    NUMBER,
    *[ADDRESS] * 3,
)


@dataclass(frozen=True, slots=True)
class Paths:
    """starts: shape (leaves + 1,), where the numbers on the way to each leaf begin, a tree's leaves side by side.

    finders, shares: shape (steps,), what looks each of them up, and of the rows that taught the share that goes on
    towards the leaf by it. weights: shape (d + 1, d + 2), of a set of s among d numbers: s! (d - s - 1)! / d!.
    """

    starts: NDArray[np.int64]
    finders: NDArray[np.int32]
    shares: Floats
    weights: Floats

    def shares_of(self, asked: tuple[int, ...], first: int, end: int, step: int) -> Floats:
        """What each finder's number adds to the sum of some trees' leaves, shape (finders,).

        asked: what compiled code takes first, as addresses and counts: finders, their number, their borders, the row,
        the masks, the number of trees, their leaves, and how many at most a tree has. first, end, step: the trees.
        """
        count, most = asked[1], self.weights.shape[1]
        rows, room, sums = np.empty(count, np.int64), np.empty(3 * most), np.zeros(count)
        paths = [address_of(one) for one in (self.starts, self.finders, self.shares, self.weights)]
        _SHARES(*asked, first, end, step, *paths, most, address_of(rows), address_of(room), address_of(sums))
        return sums


def paths_of(steps: Sequence[tuple[int, int, int, int, float, float]], trees: int, width: int) -> Paths:
    """The paths of `trees` trees of at most `width` leaves.

    steps: of every node its tree, what looks its number up, the masks of the leaves to its left and to its right, and
    the shares of rows that go there. A number that is asked for more than once on a path counts once, its shares
    multiplied.
    """
    tree, finder, left, right = (np.array([one[part] for one in steps], dtype=np.int64) for part in range(4))
    shares = np.array([one[4:] for one in steps], dtype=np.float64).reshape(-1, 2)
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
    return Paths(starts, finders[firsts].astype(np.int32), joined, _weights(int(np.diff(starts).max(initial=0))))


def _weights(depth: int) -> Floats:
    """Of a set of s among d numbers without one of them, for d up to `depth`, shape (depth + 1, depth + 2)."""
    weights = np.zeros((depth + 1, depth + 2))
    for known in range(1, depth + 1):
        weights[known, 0] = 1 / known
        for size in range(1, known):
            weights[known, size] = weights[known, size - 1] * size / (known - size)
    return weights
