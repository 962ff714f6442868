"""Sums of rows: by compiled code and by numpy, the same to the bit."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.sums import Rows, ScaledRows

MATRIX = np.random.default_rng(7).normal(size=(50, 9)).astype(np.float32)
TABLE = np.random.default_rng(8).integers(-127, 128, (50, 9)).astype(np.int8)
SCALES = np.random.default_rng(9).normal(size=50).astype(np.float32)
ROWS = st.lists(st.tuples(st.integers(0, 49), st.floats(-9, 9, width=32)), max_size=60)


@given(ROWS, st.sampled_from([1, 4, 9]))
def test_sums_of_rows_are_the_same_to_the_bit(rows: list[tuple[int, float]], columns: int) -> None:
    places = np.array([place for place, _ in rows], dtype=np.int64)
    weights = np.array([weight for _, weight in rows], dtype=np.float32)
    matrix = np.ascontiguousarray(MATRIX[:, :columns])
    wanted = np.zeros(columns, np.float32)
    for place, weight in zip(places, weights, strict=True):
        wanted += weight * matrix[place]
    for found in (
        Rows(matrix).sum(places, weights),
        Rows(matrix).sum_by_numpy(places, weights),
        Rows(MATRIX[:, :columns]).sum(places, weights),
        copy.deepcopy(Rows(matrix)).sum(places, weights),
    ):
        assert found.tobytes() == wanted.tobytes()


@given(st.lists(st.integers(0, 49), max_size=60), st.sampled_from([1, 4, 9]))
def test_sums_of_scaled_rows_are_the_same_to_the_bit(rows: list[int], columns: int) -> None:
    places, table = np.array(rows, dtype=np.int32), np.ascontiguousarray(TABLE[:, :columns])
    wanted = np.zeros(columns, np.float32)
    for place in rows:
        wanted += SCALES[place] * table[place].astype(np.float32)
    for found in (
        ScaledRows(table, SCALES).sum(places),
        ScaledRows(table, SCALES).sum_by_numpy(places),
        ScaledRows(TABLE[:, :columns], SCALES).sum(places),
        copy.deepcopy(ScaledRows(table, SCALES)).sum(places),
    ):
        assert found.tobytes() == wanted.tobytes()


@given(ROWS, st.lists(st.tuples(st.integers(0, 8), st.integers(0, 9)), max_size=4), st.booleans())
def test_products_of_rows_are_the_same_to_the_bit(
    rows: list[tuple[int, float]], parts: list[tuple[int, int]], some: bool
) -> None:
    numbers = np.array([weight for _, weight in rows] + [0.5] * 30, np.float32)
    matrix = np.ascontiguousarray(np.hstack((MATRIX, MATRIX, MATRIX)))
    spans = np.array([(first, 2 * size, first % 3) for first, size in parts], np.int64).reshape(-1, 3)
    places = np.array([place for place, _ in rows], dtype=np.int64) if some else None
    found = Rows(matrix).products(numbers, spans, places)
    assert found.tobytes() == Rows(matrix).products_by_numpy(numbers, spans, places).tobytes()
    taken = matrix if places is None else matrix[places]
    for span, (first, size, start) in enumerate(spans.tolist()):
        wanted = taken[:, first : first + size].astype(np.float64) @ numbers[start : start + size]
        assert found[:, span] == pytest.approx(wanted, rel=1e-4, abs=1e-4)


@given(st.lists(st.tuples(st.integers(0, 49), st.integers(0, 3)), max_size=40))
def test_what_the_absence_of_an_owners_rows_takes_off(rows: list[tuple[int, int]]) -> None:
    places, owners = (np.array([row[at] for row in rows], dtype=np.int64) for at in (0, 1))
    scaled = ScaledRows(TABLE, SCALES)
    places, owners, directions = places.astype(np.int32), owners - 1, MATRIX[:2]
    found = scaled.absences(places, owners, 3, directions)
    assert found.tobytes() == scaled.absences_by_numpy(places, owners, 3, directions).tobytes()
    whole = scaled.sum_by_numpy(places)
    for owner in range(3):
        rest = scaled.sum_by_numpy(places[owners != owner])
        for direction, lost in zip(directions, found[owner], strict=True):
            ends = [one @ direction / (np.linalg.norm(one) or 1) for one in (whole, rest)]
            if np.linalg.norm(rest) > 1e-3 or not rest.any():
                assert lost == pytest.approx(ends[0] - ends[1], abs=1e-3)
    assert scaled.absences(places[:0], owners[:0], 0, directions).shape == (0, 2)


@pytest.mark.parametrize("place", [50, -1, 2**31 - 1])
def test_a_row_that_is_not_there_is_refused(place: int) -> None:
    with pytest.raises(IndexError):
        Rows(MATRIX).sum(np.array([3, place]), np.ones(2, np.float32))
    with pytest.raises(IndexError):
        Rows(MATRIX).sum_by_numpy(np.array([3, place]), np.ones(2, np.float32))
    with pytest.raises(IndexError):
        Rows(MATRIX).products(np.ones(9, np.float32), np.array([[0, 9, 0]]), np.array([3, place]))
    with pytest.raises(IndexError):
        Rows(MATRIX).products_by_numpy(np.ones(9, np.float32), np.array([[0, 9, 0]]), np.array([3, place]))
    with pytest.raises(IndexError):
        ScaledRows(TABLE, SCALES).absences(np.array([3, place], np.int32), np.array([0, 0]), 1, MATRIX[:1])
    with pytest.raises(IndexError):
        ScaledRows(TABLE, SCALES).absences_by_numpy(np.array([3, 4], np.int32), np.array([0, 1]), 1, MATRIX[:1])
    with pytest.raises(IndexError):
        ScaledRows(TABLE, SCALES).sum(np.array([3, place], np.int32))
    with pytest.raises(IndexError):
        ScaledRows(TABLE, SCALES).sum_by_numpy(np.array([3, place], np.int32))
