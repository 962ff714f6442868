"""Sums of a few rows of a large matrix, which most of a ticket's numbers are.

One row after the other, in single precision: the same to the bit whoever adds, by compiled code or by numpy, and in
whatever company. BLAS splits work by the number of threads. Knows not what the rows are of.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.compiled import ADDRESS, IS_COMPILED, NUMBER, address_of, compiled

__all__ = ["Rows", "ScaledRows"]

Floats = NDArray[np.float32]

_SUM: Final = compiled("pointsman_sum", ADDRESS, NUMBER, NUMBER, ADDRESS, ADDRESS, NUMBER, ADDRESS, returns=NUMBER)
_SUM_BYTES: Final = compiled(
    "pointsman_sum_bytes", ADDRESS, NUMBER, NUMBER, ADDRESS, ADDRESS, NUMBER, ADDRESS, returns=NUMBER
)


class Rows:
    """matrix: float32, shape (rows, columns)."""

    def __init__(self, matrix: Floats) -> None:
        self._matrix, self._columns = matrix, matrix.shape[1]
        self._given = address_of(matrix), *matrix.shape
        self._is_compiled = IS_COMPILED and matrix.flags.c_contiguous

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


class ScaledRows:
    """table: int8, shape (rows, columns). scales: float32, shape (rows,), what a row's one stands for."""

    def __init__(self, table: NDArray[np.int8], scales: Floats) -> None:
        self._table, self._scales, self._columns = table, scales, table.shape[1]
        self._given = address_of(table), *table.shape, address_of(scales)
        self._is_compiled = IS_COMPILED and table.flags.c_contiguous and scales.flags.c_contiguous

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


def _added(weights: Floats, rows: Floats) -> Floats:
    parts = np.zeros((len(rows) + 1, rows.shape[1]), np.float32)
    np.multiply(weights[:, np.newaxis], rows, out=parts[1:])
    return np.asarray(np.add.accumulate(parts, axis=0)[-1])
