"""Sums of a few rows of a large matrix, which most of a ticket's numbers are.

One row after the other, in single precision: the same to the bit whoever adds, by compiled code or by numpy, and in
whatever company. BLAS splits work by the number of threads. Knows not what the rows are of.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.compiled import ADDRESS, IS_COMPILED, NUMBER, address_of, address_or_nought, compiled

__all__ = ["Rows", "ScaledRows"]

Floats = NDArray[np.float32]
Spans = NDArray[np.int64]

_SUM: Final = compiled("pointsman_sum", ADDRESS, NUMBER, NUMBER, ADDRESS, ADDRESS, NUMBER, ADDRESS, returns=NUMBER)
_SUM_BYTES: Final = compiled(
    "pointsman_sum_bytes", ADDRESS, NUMBER, NUMBER, ADDRESS, ADDRESS, NUMBER, ADDRESS, returns=NUMBER
)
_ABSENCES: Final = compiled(
    "pointsman_absences",
    *(ADDRESS, NUMBER, NUMBER, ADDRESS, ADDRESS, ADDRESS, NUMBER, NUMBER, ADDRESS, NUMBER, ADDRESS, ADDRESS),
    returns=NUMBER,
)
_PRODUCTS: Final = compiled(
    "pointsman_products", *(ADDRESS, NUMBER, NUMBER), *(ADDRESS, NUMBER) * 2, NUMBER, ADDRESS, returns=NUMBER
)
_NOUGHT: Final = np.float32(1e-5)  # of the whole's length: what is left when all of it is taken off is rounding
_LANES: Final = 8  # sums side by side, as compiled code has them


class Rows:
    """matrix: float32, shape (rows, columns)."""

    def __init__(self, matrix: Floats) -> None:
        self._matrix, self._columns = matrix, matrix.shape[1]
        self._is_compiled = IS_COMPILED and matrix.flags.c_contiguous
        self._given = address_of(matrix) if self._is_compiled else 0, *matrix.shape

    def __reduce__(self) -> tuple[type["Rows"], tuple[Floats]]:
        """Copies are made anew: addresses mean nothing elsewhere."""
        return Rows, (self._matrix,)

    def sum(self, places: NDArray[np.int64], weights: Floats) -> Floats:
        """The sum of the rows at `places`, each times its weight, shape (columns,).

        Raises `IndexError` for a place that is none of the matrix's.
        """
        if not self._is_compiled:
            return self.sum_by_numpy(places, weights)
        total = np.empty(self._columns, np.float32)
        if _SUM(*self._given, address_of(places), address_of(weights), len(places), address_of(total)) < len(places):
            raise IndexError(f"A matrix of {len(self._matrix)} rows has no row {places.max()}.")
        return total

    def sum_by_numpy(self, places: NDArray[np.int64], weights: Floats) -> Floats:
        """The same without compiled code. numpy's own sums add in another order where there is one column."""
        if len(places) and places.min() < 0:
            raise IndexError("A row before the first is none.")
        return _added(weights, self._matrix.take(places, axis=0))

    def products(self, numbers: Floats, spans: Spans, places: NDArray[np.int64] | None = None) -> Floats:
        """Of the rows at `places`, or of all: sums of several spans' columns, each times its number, (rows, spans).

        numbers: of the spans. spans: shape (spans, 3), of each its first column, how many it has, and where its numbers
        begin. Raises `IndexError` for a place that is none of the matrix's.
        """
        if not self._is_compiled:
            return self.products_by_numpy(numbers, spans, places)
        count = len(self._matrix) if places is None else len(places)
        sums = np.empty((count, len(spans)), np.float32)
        given = address_or_nought(places), count, address_of(numbers), address_of(spans), len(spans)
        if _PRODUCTS(*self._given, *given, address_of(sums)) < count:
            raise IndexError(f"A matrix of {len(self._matrix)} rows lacks one of those asked for.")
        return sums

    def products_by_numpy(self, numbers: Floats, spans: Spans, places: NDArray[np.int64] | None = None) -> Floats:
        """The same without compiled code."""
        if places is not None and len(places) and places.min() < 0:
            raise IndexError("A row before the first is none.")
        rows = self._matrix if places is None else self._matrix.take(places, axis=0)
        sums = np.empty((len(rows), len(spans)), np.float32)
        for span, (first, size, start) in enumerate(spans.tolist()):
            steps = 1 + -(-size // _LANES)
            flat = np.zeros((len(rows), steps * _LANES), np.float32)
            flat[:, _LANES : _LANES + size] = rows[:, first : first + size] * numbers[start : start + size]
            lanes = np.zeros((len(rows), 1 + _LANES), np.float32)
            lanes[:, 1:] = np.add.accumulate(flat.reshape(len(rows), steps, _LANES), axis=1)[:, -1]
            sums[:, span] = np.add.accumulate(lanes, axis=1)[:, -1]
        return sums


class ScaledRows:
    """table: int8, shape (rows, columns). scales: float32, shape (rows,), what a row's one stands for."""

    def __init__(self, table: NDArray[np.int8], scales: Floats) -> None:
        self._table, self._scales, self._columns = table, scales, table.shape[1]
        self._is_compiled = IS_COMPILED and table.flags.c_contiguous and scales.flags.c_contiguous
        addresses = (address_of(table), address_of(scales)) if self._is_compiled else (0, 0)
        self._given = addresses[0], *table.shape, addresses[1]

    def __reduce__(self) -> tuple[type["ScaledRows"], tuple[NDArray[np.int8], Floats]]:
        """Copies are made anew: addresses mean nothing elsewhere."""
        return ScaledRows, (self._table, self._scales)

    def sum(self, places: NDArray[np.int32]) -> Floats:
        """The sum of the rows at `places`, each times its scale, shape (columns,).

        Raises `IndexError` for a place that is none of the table's.
        """
        if not self._is_compiled:
            return self.sum_by_numpy(places)
        total = np.empty(self._columns, np.float32)
        if _SUM_BYTES(*self._given, places.tobytes(), len(places), address_of(total)) < len(places):
            raise IndexError(f"A table of {len(self._table)} rows has no row {places.max()}.")
        return total

    def sum_by_numpy(self, places: NDArray[np.int32]) -> Floats:
        """The same without compiled code."""
        if len(places) and places.min() < 0:
            raise IndexError("A row before the first is none.")
        return _added(self._scales[places], self._table[places].astype(np.float32))

    def absences(self, places: NDArray[np.int32], owners: NDArray[np.int64], count: int, directions: Floats) -> Floats:
        """What it takes off the sum, brought to length one, to do without the rows of each of `count` owners.

        Along each direction, shape (count, directions). owners: shape (places,), negative for a row that nobody owns.
        directions: shape (directions, columns). Raises `IndexError` for a place that is none of the table's.
        """
        if not self._is_compiled:
            return self.absences_by_numpy(places, owners, count, directions)
        found, given = np.empty((count, len(directions)), np.float32), np.ascontiguousarray(directions)
        room = np.zeros((count + 2) * self._columns + len(given), np.float32)
        rows = places.tobytes(), address_of(owners), len(places), count
        read = _ABSENCES(*self._given, *rows, address_of(given), len(given), address_of(room), address_of(found))
        if read < len(places):
            raise IndexError(f"A table of {len(self._table)} rows lacks one of those asked for, or a row has no owner.")
        return found

    def absences_by_numpy(
        self, places: NDArray[np.int32], owners: NDArray[np.int64], count: int, directions: Floats
    ) -> Floats:
        """The same without compiled code."""
        if len(owners) and owners.max() >= count:
            raise IndexError("A row has no owner.")
        total = self.sum_by_numpy(places)
        owned = [self.sum_by_numpy(places[owners == owner]) for owner in range(count)]
        rest = total - np.array(owned, np.float32).reshape(count, self._columns)
        rows = np.vstack((total, rest))
        every = np.array([[0, rows.shape[1], at * rows.shape[1]] for at in range(len(directions))], np.int64)
        along = Rows(rows).products_by_numpy(np.ascontiguousarray(directions).ravel(), every.reshape(-1, 3))
        squares = [Rows(row[np.newaxis]).products_by_numpy(row, np.array([[0, len(row), 0]]))[0, 0] for row in rows]
        length, *lengths = np.sqrt(np.array(squares, np.float32))
        left = np.array([one if one > _NOUGHT * length else 1 for one in lengths], np.float32)
        return np.asarray(along[0] / (length if length > 0 else np.float32(1)) - along[1:] / left[:, np.newaxis])


def _added(weights: Floats, rows: Floats) -> Floats:
    parts = np.zeros((len(rows) + 1, rows.shape[1]), np.float32)
    np.multiply(weights[:, np.newaxis], rows, out=parts[1:])
    return np.asarray(np.add.accumulate(parts, axis=0)[-1])
