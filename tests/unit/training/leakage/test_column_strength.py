"""Hand-worked cases of what a column tells."""

import numpy as np
import pytest

from training.leakage.strength import area, copy_of, explained, recall

LABELS = np.repeat(np.arange(4), 50)


def test_another_numbering_of_a_label_is_a_whole_copy() -> None:
    copy = copy_of(np.array([7, 3, 9, 1])[LABELS], LABELS)
    assert (copy.share, copy.bound, copy.owners) == (1.0, 1.0, 1.0)


def test_a_copy_keeps_one_minus_its_noise_however_rare_the_label() -> None:
    labels = np.repeat([0, 1], [900, 100])
    values = labels.copy()
    values[:90] = 1
    values[900:910] = 0
    copy = copy_of(values, labels)
    assert copy.share == pytest.approx(0.9)
    # Standard error of the mean of two shares of 0.9: sqrt(0.09 / 900 + 0.09 / 100) / 2.
    assert copy.bound == pytest.approx(0.9 - 1.64 * np.sqrt(0.09 / 900 + 0.09 / 100) / 2)


def test_a_column_that_merges_labels_is_no_copy() -> None:
    copy = copy_of(LABELS // 2, LABELS)
    assert (copy.share, copy.owners) == (0.5, 0.5)


def test_labels_with_a_handful_of_rows_are_not_matched() -> None:
    assert copy_of(np.array([0, 1, 2]), np.array([0, 1, 2])).share == 0.0


def test_every_value_of_one_label_gives_full_recall_and_a_constant_gives_chance() -> None:
    fine = LABELS * 5 + np.arange(200) % 5
    assert recall(fine, LABELS) == 1.0
    assert recall(np.zeros(200, dtype=np.int64), LABELS) == pytest.approx(0.25, abs=0.05)


def test_values_that_never_repeat_point_nowhere() -> None:
    assert recall(np.arange(200), LABELS) == 0.0


def test_all_and_nothing_of_the_entropy_is_explained() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 4000)
    order = np.arange(4000)
    assert explained(labels, labels, order)[0] > 0.99
    assert explained(labels, labels, order)[1] == 1.0
    assert abs(explained(rng.integers(0, 2, 4000), labels, order)[0]) < 0.01


def test_unknown_labels_are_left_out() -> None:
    labels = np.where(np.arange(200) % 3 == 0, -1, LABELS)
    assert copy_of(LABELS, labels).share == 1.0
    assert recall(LABELS, labels) == 1.0


def test_the_area_counts_ties_as_halves() -> None:
    # Pairs (positive, negative): 3>1, 3>2, 2>1 are right, 2=2 is half: 3.5 of 4.
    assert area(np.array([3.0, 2.0, 1.0, 2.0]), np.array([1, 1, 0, 0])) == pytest.approx(3.5 / 4)
    assert area(np.array([1.0, 2.0]), np.array([1, 1])) == 0.5
