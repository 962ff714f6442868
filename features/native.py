"""The n-grams of a text by compiled code. Knows neither tickets nor what the numbers mean."""

import ctypes
from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.compiled import ADDRESS, NUMBER, address_of, address_or_nought, compiled

__all__ = ["NativeVocabulary", "find_grams", "weigh_grams"]

Small = NDArray[np.int32]

_GRAMS: Final = compiled("pointsman_grams", ADDRESS, ADDRESS, NUMBER, *[ADDRESS] * 10, returns=NUMBER)
_WEIGH: Final = compiled(
    "pointsman_weigh",
    *[ADDRESS, NUMBER] * 3,
    *(ctypes.c_int32, ADDRESS, ADDRESS, NUMBER, ctypes.c_float),
    *[ADDRESS] * 5,
    returns=NUMBER,
)


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
        super().__init__(*[address_of(array) for array in self.kept], 64 - bits)
        self.address = ctypes.addressof(self)


def find_grams(
    points: bytes, inside: NDArray[np.bool_] | None, words: NativeVocabulary, runs: NativeVocabulary
) -> tuple[Small, Small, Small, Small, Small, Small]:
    """Of each word its start, its end, its place and, but for the last, that of its pair with the next; -1 if unknown.

    And of each known run of characters its place and its owner: a word's number, or -1 - c in chunk c without a word.
    points: the normal form's, four bytes each, with a space first and last. inside: shape (n,), what is part of a word;
    None where all are ASCII.
    """
    size = len(points) // 4
    most = (size + 1) // 2
    made, room = np.empty(4 * most + 6 * size, np.int32), np.empty(5 * size, np.uint64)
    first, count = address_of(made), ctypes.c_int64()
    parts = [first + 4 * place for place in (0, most, 2 * most, 3 * most, 4 * most, 4 * most + 3 * size)]
    given = points, address_or_nought(inside), size, words.address, runs.address
    found = _GRAMS(*given, *parts, address_of(room), ctypes.addressof(count))
    starts, ends, places, pairs = (made[part * most : part * most + found] for part in range(4))
    known = made[4 * most :]
    return starts, ends, places, pairs[:-1], known[: count.value], known[3 * size : 3 * size + count.value]


def weigh_grams(
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
    given = [value for part in parts for value in (address_of(part), len(part))]
    settings = first_run, address_of(rarity), address_of(sublinear), len(sublinear), float(run_scale)
    first = address_of(room)
    kept = _WEIGH(*given, *settings, first, first + 4 * size, address_of(said), address_of(places), address_of(weights))
    return places[:kept], weights[:kept]
