"""Figures that are told again and again of rows drawn: each is its formula's, to the bit."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import rankdata

from training.evidence import formulas, redrawn
from training.evidence.intervals import Interval, bootstrap

SEEDS = st.integers(0, 2**32 - 1)
ROWS = st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.51, 0.9, 1.0]), st.booleans()), min_size=1, max_size=60)
CHANCES = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)
LABELS = st.lists(st.tuples(st.integers(-1, 4), st.integers(0, 6)), min_size=1, max_size=60)


def drawn(rows: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, rows, rows)


def same(one: float, other: float) -> bool:
    return one == other or (np.isnan(one) and np.isnan(other))


@given(ROWS | CHANCES, SEEDS)
@example([(0.5, True)] * 3, 1)
@example([(0.5, False), (0.2, False)], 1)
@example([(0.9, True), (0.9, False)], 4)
def test_figures_of_ranked_rows_are_those_of_the_rows_drawn(pairs: list[tuple[float, bool]], seed: int) -> None:
    values, flags = np.array([one for one, _ in pairs]), np.array([flag for _, flag in pairs])
    rows = drawn(len(pairs), seed)
    some, flagged = values[rows], flags[rows]
    assert same(redrawn.auroc(flags, values)(rows), formulas.auroc(flagged, some))
    assert same(redrawn.average_precision(flags, values)(rows), formulas.average_precision(flagged, some))
    for share in (0.0, 0.12, 0.5, 1.0):
        found = redrawn.recall_at_capacity(flags, values, share)(rows)
        assert same(found, formulas.recall_at_capacity(flagged, some, share))
        assert redrawn.coverage_at(values, flags, share)(rows) == formulas.coverage_at(some, flagged, share)


@given(ROWS | CHANCES, SEEDS, st.integers(1, 15))
def test_calibration_errors_are_those_of_the_rows_drawn(pairs: list[tuple[float, bool]], seed: int, bins: int) -> None:
    values, flags = np.array([one for one, _ in pairs]), np.array([flag for _, flag in pairs])
    rows = drawn(len(pairs), seed)
    plain = formulas.calibration_error(values[rows], flags[rows], bins)
    assert redrawn.calibration_error(values, flags, bins)(rows) == plain


@given(LABELS, SEEDS, st.none() | st.integers(1, 3), st.booleans())
@example([(-1, 0), (-1, 2)], 1, None, False)
def test_macro_f1_is_that_of_the_rows_drawn(
    pairs: list[tuple[int, int]], seed: int, unseen: int | None, only_true: bool
) -> None:
    truth, answered = np.array([one for one, _ in pairs]), np.array([one for _, one in pairs])
    rows = drawn(len(pairs), seed)
    plain = formulas.macro_f1(truth[rows], answered[rows], unseen=unseen, only_true=only_true)
    assert redrawn.macro_f1(truth, answered, unseen=unseen, only_true=only_true)(rows) == plain


def by_ranks(happened: np.ndarray, probability: np.ndarray) -> float:
    """Mann and Whitney's U by midranks, over all pairs."""
    yes = int(happened.sum())
    no = len(happened) - yes
    if not (yes and no):
        return float("nan")
    return float((rankdata(probability)[happened].sum() - yes * (yes + 1) / 2) / (yes * no))


@given(ROWS | CHANCES)
def test_auroc_is_that_of_midranks(pairs: list[tuple[float, bool]]) -> None:
    values, flags = np.array([one for one, _ in pairs]), np.array([flag for _, flag in pairs])
    assert same(formulas.auroc(flags, values), by_ranks(flags, values))


@pytest.mark.parametrize("digits", [1, 3, 16])
def test_an_interval_is_the_same_as_of_the_plain_formula(digits: int) -> None:
    chance = np.random.default_rng(3)
    values, flags = chance.random(300).round(digits), chance.random(300) < 0.1
    ways: list[tuple[Callable[[np.ndarray], float], Callable[[np.ndarray], float]]] = [
        (redrawn.auroc(flags, values), lambda rows: by_ranks(flags[rows], values[rows])),
        (
            redrawn.calibration_error(values, flags),
            lambda rows: formulas.calibration_error(values[rows], flags[rows]),
        ),
    ]
    for fast, plain in ways:
        assert bootstrap(fast, 300) == bootstrap(plain, 300)


def test_of_one_class_alone_there_is_no_interval() -> None:
    values, flags = np.array([0.1, 0.7, 0.7]), np.zeros(3, dtype=np.bool_)
    between = bootstrap(redrawn.auroc(flags, values), 3)
    assert isinstance(between, Interval)
    assert np.isnan([between.low, between.high]).all()


def test_of_no_rows_nothing_is_covered_and_nothing_ranked() -> None:
    values, flags = np.empty(0), np.empty(0, dtype=np.bool_)
    assert formulas.coverage_at(values, flags, 0.9) == 0.0
    for figure in (formulas.auroc, formulas.average_precision):
        assert np.isnan(figure(flags, values))
    assert np.isnan(formulas.recall_at_capacity(flags, values, 0.12))


def test_rows_cannot_be_ranked_by_what_is_no_number() -> None:
    values, flags = np.array([0.3, np.nan, 0.5]), np.array([True, False, False])
    assert np.isnan(formulas.auroc(flags, values))
    assert np.isnan(redrawn.auroc(flags, values)(np.array([0, 1])))
    assert redrawn.auroc(flags, values)(np.array([0, 2])) == 0.0
