"""A label that grew since the members scored the newest rows is not made up for twice."""

import numpy as np
import pytest

from models.heads import Blend
from training.learning.rises import fair_rises


def blend_of(*bias: float) -> Blend:
    return Blend(2.0, 1.0, 0.5, 3.0, 1.0, np.array(bias))


def test_a_bias_rises_by_as_much_as_was_known_of_its_label() -> None:
    how = fair_rises(blend_of(1.0, 0.5, 2.0), blend_of(0.0, -0.5, 0.0), np.array([80, 10, 0]), np.array([100, 40, 30]))
    assert how.bias.tolist() == [pytest.approx(0.8), pytest.approx(-0.25), 0.0]
    assert (how.linear, how.meaning, how.trees, how.slope, how.offset) == (2.0, 1.0, 0.5, 3.0, 1.0)


def test_a_bias_that_falls_falls_whatever_was_known() -> None:
    how = fair_rises(blend_of(-1.0, 0.3), blend_of(0.0, 0.3), np.array([10, 5]), np.array([100, 5]))
    assert how.bias.tolist() == [-1.0, 0.3]


def test_a_label_without_a_row_keeps_the_bias_that_it_had() -> None:
    assert fair_rises(blend_of(0.7), blend_of(0.2), np.zeros(1, int), np.zeros(1, int)).bias.tolist() == [0.2]
