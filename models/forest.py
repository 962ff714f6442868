"""All trees of a version at once: the leaf in which a row ends in each of them, looked up instead of walked to.

For every range of every number there is a row of bit masks, one for each tree that asks for the number: the leaves in
which the tree can still end. The masks of a ticket's numbers, taken together, leave one leaf a tree (QuickScorer;
Lucchese and others, SIGIR 2015; here the masks of one number's nodes are joined beforehand, on both sides of each).
LightGBM's own nodes lie scattered in memory: 400 trees of 31 leaves take it 0.15 ms a ticket, and this 0.04. The scores
are its own to the bit. Knows neither heads nor what the scores mean.
"""

import ctypes
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from math import isnan, trunc
from typing import Any, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from features.compiled import ADDRESS, IS_COMPILED, NUMBER, address_of, compiled
from models.meanwhile import begin
from models.tree_paths import Paths, paths_of
from models.tree_text import MOST_LEAVES, Node, Tree, read_trees
from models.trees import Trees

__all__ = ["Forest", "Grown", "plant"]

_Name = TypeVar("_Name")
Floats = NDArray[np.float64]
Masks = NDArray[np.unsignedinteger[Any]]

_NO_CODE: Final = 2**31  # LightGBM reads codes of values as 32-bit numbers

_LEAVES: Final = compiled("pointsman_leaves", ADDRESS, NUMBER, *[ADDRESS] * 5, NUMBER, ADDRESS, NUMBER, *[ADDRESS] * 3)


@dataclass(frozen=True, slots=True)
class Grown:
    """trees: of a head. inputs: the place in the forest's row of each number that they see."""

    trees: Trees
    inputs: Sequence[int]


class _Finder(ctypes.Structure):
    """How one number of a row finds its masks.

    masks: where its rows of them begin, each of `width`, one for each tree that asks for the number. members: where
    these trees begin. input: the number's place. values: whether it is the code of a value, which must be met, or an
    amount, which lies between two borders. start, count: its borders. The first row is that below all borders, or of a
    value that is none of them; the next is that of the first value. missing: the row of a number that is none.
    """

    _fields_ = (
        ("masks", ctypes.c_int64),
        *((name, ctypes.c_int32) for name in ("members", "width", "input", "values", "start", "count", "missing")),
    )
    masks: int
    members: int
    width: int
    input: int
    values: int
    start: int
    count: int
    missing: int


class Forest(Generic[_Name]):
    """The trees of several boosters, each with a name."""

    def __init__(
        self,
        spans: Mapping[_Name, tuple[slice, int]],
        trees: Sequence[Tree],
        inputs: Mapping[_Name, Sequence[int]],
    ) -> None:
        self._spans = spans
        width = max((len(tree.leaves) for tree in trees), default=1)
        self._leaves = np.zeros((len(trees), width))
        for number, tree in enumerate(trees):
            self._leaves[number, : len(tree.leaves)] = tree.leaves
        kind = np.dtype(np.uint32 if width <= MOST_LEAVES // 2 else np.uint64)
        self._all: Masks = np.array([(1 << len(tree.leaves)) - 1 for tree in trees], dtype=kind)
        self._first = np.arange(len(trees)) * width
        # Some trees may take for a value what others take for an amount: those are looked up apart.
        by_input: dict[tuple[int, bool], list[Node]] = {}
        for place, node in (pair for tree in trees for pair in tree.nodes):
            by_input.setdefault((place, node.is_value), []).append(node)
        self._finders: list[_Finder] = []
        borders: list[float] = []
        members: list[int] = []
        rows, first = [], 0
        steps, shares = [], []
        for (place, is_value), nodes in sorted(by_input.items(), key=lambda one: one[0]):
            number = len(self._finders)
            steps += [(one.tree, number, one.left, one.right) for one in nodes]
            shares += [(one.left_share, one.right_share) for one in nodes]
            asking = sorted({node.tree for node in nodes})
            found, masks = (_of_values if is_value else _of_amounts)(nodes, asking, self._all[asking])
            missing = 0 if is_value else len(found) + 1
            where = first, len(members), len(asking)
            self._finders.append(_Finder(*where, place, is_value, len(borders), len(found), missing))
            borders += found
            members += asking
            rows.append(masks.ravel())
            first += masks.size
        self._borders, self._members = np.array(borders), np.array(members, dtype=np.int32)
        self._masks = np.concatenate(rows) if rows else self._all
        self._outputs = np.empty(len(trees), np.int32)
        self._made: dict[_Name, slice] = {}
        for name, (part, outputs) in spans.items():
            start = sum(made.stop - made.start for made in self._made.values())
            self._made[name] = slice(start, start + outputs)
            self._outputs[part] = start + np.arange(part.stop - part.start) % outputs
        self._count = max((made.stop for made in self._made.values()), default=0)
        self._places = np.array([finder.input for finder in self._finders], dtype=np.int64)
        self._inputs = 1 + int(self._places.max(initial=-1))
        self._packed = (_Finder * len(self._finders))(*self._finders)
        self._looked_in = ctypes.addressof(self._packed), len(self._finders), address_of(self._borders)
        every = address_of(self._all), len(trees), address_of(self._leaves), width
        self._looked_up = address_of(self._masks), address_of(self._members), *every, address_of(self._outputs)
        self._steps = np.array(steps, dtype=np.uint64).reshape(-1, 4), np.array(shares).reshape(-1, 2)
        self._inputs_of = {name: np.array(places) for name, places in inputs.items()}

    def __reduce__(self) -> tuple[Any, ...]:
        """Refuse to be copied: addresses mean nothing elsewhere."""
        raise TypeError("A forest is planted anew from its boosters, not copied.")

    def scores(self, row: Floats) -> dict[_Name, Floats]:
        """The raw scores of one row, by the booster's name, shape (scores,): added in the order in which trees grew.

        row: shape (numbers,). Raises `ValueError` for one that lacks what the trees ask for.
        """
        if not self._spans:
            return {}
        if len(row) < self._inputs:
            raise ValueError(f"The trees take a row of {self._inputs} numbers, not of {len(row)}.")
        if not (IS_COMPILED and self._masks.dtype == np.uint32):
            return self._scores_by_numpy(row.tolist())
        left, sums = np.empty(len(self._all), np.uint32), np.zeros(self._count)
        given = np.ascontiguousarray(row, np.float64)
        _LEAVES(*self._looked_in, address_of(given), *self._looked_up, address_of(left), address_of(sums))
        return {name: sums[made] for name, made in self._made.items()}

    def shares(
        self, outputs: Mapping[_Name, int], row: Floats, beside: Executor | None = None
    ) -> Callable[[], Mapping[_Name, Floats]]:
        """What gives what each number that a booster's trees see adds to one of its raw scores, by the booster's name.

        Shape (inputs of the booster,). LightGBM's own contributions but for rounding: see `models.tree_paths`. A name
        is not there where LightGBM itself has to be asked: without compiled code, of trees of more than 32 leaves, of a
        booster that is not in the forest. outputs: which raw score is asked for, by name. row: as in `scores`. beside:
        as in `models.meanwhile`.
        """
        names = [name for name in outputs if name in self._spans]
        if not names or not (IS_COMPILED and self._masks.dtype == np.uint32):
            return dict
        if len(row) < self._inputs:
            raise ValueError(f"The trees take a row of {self._inputs} numbers, not of {len(row)}.")
        spans = [(*self._spans[name], outputs[name]) for name in names]
        asked = np.array([(trees.start + output, trees.stop, step) for trees, step, output in spans])
        masks, _, _, _, leaves, width, _ = self._looked_up
        given = np.ascontiguousarray(row, np.float64)
        found, work = self.paths.shares_of((*self._looked_in, address_of(given), masks, leaves, width), asked)

        def kept_work() -> object:
            # Also where whoever asked gives up meanwhile: addresses keep nothing alive.
            return work(), given, self

        done = begin(beside, kept_work)

        def by_name() -> dict[_Name, Floats]:
            done()
            by_place = [np.bincount(self._places, one, len(given)) for one in found]
            return {name: np.asarray(one[self._inputs_of[name]]) for name, one in zip(names, by_place, strict=True)}

        return by_name

    @cached_property
    def paths(self) -> Paths:
        """How each leaf is reached: made ready when reasons are first asked for."""
        return paths_of(*self._steps, self._leaves)

    def _scores_by_numpy(self, row: Sequence[float]) -> dict[_Name, Floats]:
        """The same without compiled code, or of trees of more than 32 leaves."""
        borders = self._borders.tolist()
        left = self._all.copy()
        for one in self._finders:
            start = one.masks + _row_of(one, borders, row[one.input]) * one.width
            left[self._members[one.members : one.members + one.width]] &= self._masks[start : start + one.width]
        # One bit a tree is left.
        said = self._leaves.take(self._first + (np.frexp(left.astype(np.float64))[1] - 1))
        return {
            name: np.add.accumulate(said[trees].reshape(-1, outputs), axis=0)[-1]
            for name, (trees, outputs) in self._spans.items()
        }


def plant(boosters: Mapping[_Name, Grown]) -> Forest[_Name]:
    """The forest of these boosters.

    Raises `DamagedVersionError` for trees that Pointsman does not grow: of more than 64 leaves, with linear leaves, or
    with noughts for missing numbers.
    """
    trees: list[Tree] = []
    spans: dict[_Name, tuple[slice, int]] = {}
    for name, grown in boosters.items():
        start = len(trees)
        trees += read_trees(grown.trees.text, start, grown.inputs)
        spans[name] = slice(start, len(trees)), grown.trees.outputs
    inputs = {name: grown.inputs for name, grown in boosters.items()}
    return Forest({name: span for name, span in spans.items() if span[0].start < span[0].stop}, trees, inputs)


def _row_of(finder: _Finder, borders: Sequence[float], value: float) -> int:
    """Which of its rows of masks a number falls into."""
    if isnan(value):
        return finder.missing
    first, last = finder.start, finder.start + finder.count
    if not finder.values:
        return bisect_left(borders, value, first, last) - first
    code = trunc(value) if abs(value) < _NO_CODE else _NO_CODE
    place = bisect_left(borders, code, first, last)
    is_known = place < last and borders[place] == code
    return 1 + place - first if is_known else 0


def _of_values(nodes: Sequence[Node], asking: Sequence[int], every: Masks) -> tuple[Sequence[float], Masks]:
    """The values of one number that nodes ask for, ascending, and its rows of masks, a mask for each tree `asking`.

    A row for what goes right everywhere, missing and unseen values among it, then one for each value. every: the masks
    of all leaves of these trees.
    """
    values = sorted(frozenset().union(*(node.values for node in nodes)))
    place = {value: number for number, value in enumerate(values, 1)}
    rows = _untouched(every, 1 + len(values))
    for node in nodes:
        to_left = np.zeros(rows.shape[1], dtype=np.bool_)
        to_left[[place[value] for value in node.values]] = True
        _narrow(rows[bisect_left(asking, node.tree)], node, to_left)
    return values, np.ascontiguousarray(rows.T)


def _of_amounts(nodes: Sequence[Node], asking: Sequence[int], every: Masks) -> tuple[Sequence[float], Masks]:
    """The same of an amount: its thresholds, and a row for each range between two, then that of a missing one."""
    cuts = sorted({node.threshold for node in nodes})
    rows = _untouched(every, len(cuts) + 2)
    numbers = np.arange(rows.shape[1])
    missing = len(cuts) + 1
    for node in nodes:
        to_left = numbers <= bisect_left(cuts, node.threshold)
        to_left[missing] = node.missing_goes_left
        _narrow(rows[bisect_left(asking, node.tree)], node, to_left)
    return cuts, np.ascontiguousarray(rows.T)


def _untouched(every: Masks, rows: int) -> Masks:
    """Masks of all leaves, a tree's side by side while they are made: shape (trees, rows)."""
    return np.repeat(every[:, np.newaxis], rows, axis=1)


def _narrow(masks: Masks, node: Node, to_left: NDArray[np.bool_]) -> None:
    """Take the leaves that are out of reach from the masks of the node's tree, in place."""
    kind = masks.dtype.type
    masks &= np.where(to_left, ~kind(node.right), ~kind(node.left))
