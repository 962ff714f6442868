"""Whether rows are spread otherwise: known statistics, quiet desks, restless desks."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from training.watch.categories import ABSENT, OTHER, cut_of
from training.watch.shifts import holm, moderated, shift_of, stretches, unrest_of


def test_the_statistic_is_pearsons() -> None:
    chance = np.random.default_rng(1)
    before, now = chance.integers(0, 4, 3_000), chance.integers(0, 4, 500)
    table = [np.bincount(now, minlength=4), np.bincount(before, minlength=4)]
    unrest = unrest_of(before, 4, stretches(3_000, 500))
    assert shift_of(before, now, 4, unrest).statistic == pytest.approx(chi2_contingency(table).statistic)


def test_holms_correction_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_stretches_are_as_long_as_the_recent_rows_or_eight() -> None:
    assert stretches(5_000, 500) == [slice(start, start + 500) for start in range(0, 5_000, 500)]
    assert len(stretches(600, 500)) == 8
    assert stretches(100, 500) == []


def test_independent_rows_alarm_as_often_as_the_level_says() -> None:
    chance, alarms, looks = np.random.default_rng(2), 0, 400
    for _ in range(looks):
        before, now = (
            chance.choice(5, 5_000, p=[0.4, 0.3, 0.15, 0.1, 0.05]),
            chance.choice(5, 500, p=[0.4, 0.3, 0.15, 0.1, 0.05]),
        )
        alarms += shift_of(before, now, 5, unrest_of(before, 5, stretches(5_000, 500))).p <= 0.05
    assert alarms / looks <= 0.08


def test_a_desk_that_swings_by_itself_does_not_alarm_where_a_still_one_would() -> None:
    """Two kinds of tickets, of which the share wanders from week to week between a tenth and three tenths."""
    chance = np.random.default_rng(3)
    weeks = np.repeat(0.2 + 0.1 * np.sin(np.arange(60)), 100)
    restless, still = (chance.random(6_000) < weeks).astype(np.int64), (chance.random(6_000) < 0.2).astype(np.int64)
    now = np.repeat([1, 0], [60, 140])
    parts = stretches(6_000, 200)
    assert shift_of(still, now, 2, unrest_of(still, 2, parts)).p < 0.01
    assert shift_of(restless, now, 2, unrest_of(restless, 2, parts)).p > 0.05


def test_one_questions_dispersion_is_drawn_to_that_of_all() -> None:
    chance = np.random.default_rng(4)
    codes = [(chance.random(4_000) < share).astype(np.int64) for share in (0.1, 0.2, 0.3)]
    found = moderated([unrest_of(one, 2, stretches(4_000, 400)) for one in codes])
    assert found == [(1.0, 1e6)] * 3
    weeks = np.repeat(0.2 + 0.1 * np.sin(np.arange(40)), 100)
    restless = (chance.random(4_000) < weeks).astype(np.int64)
    swinging = moderated([unrest_of(one, 2, stretches(4_000, 400)) for one in (codes[0], restless)])
    assert 1 < swinging[0][0] < swinging[1][0]
    assert {freedom for _, freedom in swinging} == {36}
    assert moderated([]) == []


def test_rare_values_are_pooled_and_new_ones_go_with_them() -> None:
    cutting = cut_of(["a"] * 500 + ["b"] * 480 + ["c"] * 5 + [None] * 15, recent=500)
    assert cutting.names == ("a", "b", ABSENT, OTHER)
    assert cutting.codes(["a", "c", "never seen", None]).tolist() == [0, 3, 3, 2]


def test_numbers_are_cut_at_the_references_quantiles_also_where_they_came_as_text() -> None:
    values = [str(number) for number in range(1_000)]
    cutting = cut_of(values, recent=500)
    counts = np.bincount(cutting.codes(values), minlength=len(cutting.names))
    assert counts[:-1].tolist() == [100] * 10
    assert cutting.names[-1] == ABSENT
    assert cutting.codes([None, "many", float("nan"), -5.0, 1e9]).tolist() == [10, 10, 10, 0, 9]


def test_a_number_that_is_always_the_same_is_one_category() -> None:
    cutting = cut_of([0.0] * 100, recent=100)
    assert cutting.codes([0.0, 0.0]).tolist() == [0, 0]
