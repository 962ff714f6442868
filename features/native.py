"""What most of a ticket's time goes into, by compiled code (`features/_grams.c`) where there was a compiler to make it.

Without one numpy does the same, at several times the price. Knows neither tickets nor what the numbers mean.
"""

import ctypes
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["IS_COMPILED", "NativeVocabulary", "find_grams", "leaves_by_native", "sum_by_numpy", "sum_of_rows"]
__all__ += ["weigh_by_native"]

Small = NDArray[np.int32]


def _library() -> Any:
    """The compiled library; None where this machine has none."""
    for suffix in EXTENSION_SUFFIXES:
        path = Path(__file__).with_name(f"_grams{suffix}")
        if path.is_file():
            found = ctypes.CDLL(str(path))
            address, number = ctypes.c_void_p, ctypes.c_int64
            found.pointsman_grams.restype = number
            found.pointsman_grams.argtypes = [address, address, number, *[address] * 10]
            found.pointsman_sum.restype = number
            found.pointsman_sum.argtypes = [address, number, number, address, address, number, address]
            found.pointsman_weigh.restype = number
            kinds: list[Any] = [address, number] * 3
            settings: list[Any] = [ctypes.c_int32, address, address, number, ctypes.c_float]
            found.pointsman_weigh.argtypes = kinds + settings + [address] * 5
            found.pointsman_leaves.restype = None
            found.pointsman_leaves.argtypes = [address, number, address, number, address, number, *[address] * 3]
            return found
    return None


_LIBRARY: Final = _library()

IS_COMPILED: Final = _LIBRARY is not None
"""Whether there is compiled code."""


class NativeVocabulary(ctypes.Structure):
    """Sorted hashes, the place of each, and where those begin that share their first bits."""

    _fields_ = (
        ("hashes", ctypes.c_void_p),
        ("places", ctypes.c_void_p),
        ("starts", ctypes.c_void_p),
        ("shift", ctypes.c_int64),
    )

    def __init__(self, hashes: NDArray[np.uint64], places: NDArray[np.int32]) -> None:
        bits = max(len(hashes).bit_length(), 1)
        firsts = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits)
        starts = np.append(hashes.searchsorted(firsts), len(hashes)).astype(np.int32)
        self.kept = np.ascontiguousarray(hashes), places, starts  # what the addresses below point to
        super().__init__(*[_address(array) for array in self.kept], 64 - bits)


def find_grams(
    points: NDArray[np.uint32], inside: NDArray[np.bool_], words: NativeVocabulary, runs: NativeVocabulary
) -> tuple[Small, Small, Small, Small, Small, Small]:
    """Of each word its start, its end, its place and, but for the last, that of its pair with the next; -1 if unknown.

    And of each known run of characters its place and its owner: a word's number, or -1 - c in chunk c without a word.
    points: the normal form's, shape (n,), with a space first and last. inside: shape (n,), what is part of a word.
    """
    size = len(points)
    most = (size + 1) // 2
    made, room = np.empty(4 * most + 6 * size, np.int32), np.empty(3 * size, np.uint64)
    first, count = _address(made), ctypes.c_int64()
    parts = [first + 4 * place for place in (0, most, 2 * most, 3 * most, 4 * most, 4 * most + 3 * size)]
    found = _LIBRARY.pointsman_grams(
        _address(points),
        _address(inside),
        size,
        ctypes.addressof(words),
        ctypes.addressof(runs),
        *parts,
        _address(room),
        ctypes.addressof(count),
    )
    starts, ends, places, pairs = (made[part * most : part * most + found] for part in range(4))
    known = made[4 * most :]
    return starts, ends, places, pairs[:-1], known[: count.value], known[3 * size : 3 * size + count.value]


def sum_of_rows(
    matrix: NDArray[np.float32], places: NDArray[np.int64], weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The sum of the rows at `places` of `matrix`, each times its weight, shape (columns,).

    One row after the other, in single precision: the same to the bit whoever adds, and in whatever company. Raises
    `IndexError` for a place that is none of the matrix's.
    """
    if _LIBRARY is None or not matrix.flags.c_contiguous:
        return sum_by_numpy(matrix, places, weights)
    total = np.empty(matrix.shape[1], np.float32)
    given = _address(places), _address(weights), len(places), _address(total)
    if _LIBRARY.pointsman_sum(_address(matrix), *matrix.shape, *given) < len(places):
        raise IndexError(f"A matrix of {len(matrix)} rows has no row {places.max()}.")
    return total


def sum_by_numpy(
    matrix: NDArray[np.float32], places: NDArray[np.int64], weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The same without compiled code. numpy's own sums add in another order where there is one column."""
    if len(places) and places.min() < 0:
        raise IndexError("A row before the first is none.")
    parts = np.zeros((len(places) + 1, matrix.shape[1]), np.float32)
    np.multiply(weights[:, np.newaxis], matrix.take(places, axis=0), out=parts[1:])
    return np.asarray(np.add.accumulate(parts, axis=0)[-1])


def weigh_by_native(
    parts: tuple[Small, Small, Small],
    first_run: int,
    rarity: NDArray[np.float32],
    sublinear: NDArray[np.float64],
    run_scale: np.float32,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The places of a text's n-grams once each, ascending, and what they weigh, shapes (k,) and (k,).

    parts: the places of words, of pairs and of runs of characters, -1 for one that is not known; those of runs follow
    `first_run` words. rarity: of each place. sublinear: what an n-gram counts that comes once, twice and so on.
    """
    size = sum(map(len, parts))
    room, said = np.empty(2 * size, np.int32), np.empty(size)
    places, weights = np.empty(size, np.int64), np.empty(size, np.float32)
    given = [value for part in parts for value in (_address(part), len(part))]
    settings = first_run, _address(rarity), _address(sublinear), len(sublinear), float(run_scale)
    first = _address(room)
    kept = _LIBRARY.pointsman_weigh(
        *given, *settings, first, first + 4 * size, _address(said), _address(places), _address(weights)
    )
    return places[:kept], weights[:kept]


def leaves_by_native(
    masks: NDArray[np.uint32],
    rows: list[int],
    leaves: NDArray[np.float64],
    outputs: NDArray[np.int32],
    count: int,
) -> NDArray[np.float64]:
    """The sums of the leaves that are left in every one of `rows` of `masks`, by output, shape (count,).

    masks: shape (r, trees), contiguous. leaves: shape (trees, most leaves), contiguous. outputs: shape (trees,).
    """
    trees = masks.shape[1]
    chosen, left, sums = np.array(rows, dtype=np.int64), np.empty(trees, np.uint32), np.zeros(count)
    given = _address(masks), trees, _address(chosen), len(rows), _address(leaves), leaves.shape[1], _address(outputs)
    _LIBRARY.pointsman_leaves(*given, _address(left), _address(sums))
    return sums


def _address(array: NDArray[Any]) -> int:
    return int(array.__array_interface__["data"][0])
