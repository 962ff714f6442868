"""Chance bits: those of the published generator."""

import numpy as np

from features.mixing import STEP, mixed


def test_the_bits_are_those_that_splitmix64_draws() -> None:
    # The first draws from the state 1234567, as the generator's reference implementation is commonly checked.
    states = np.uint64(1234567) + STEP * np.arange(5, dtype=np.uint64)
    assert mixed(states).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_the_values_that_are_given_stay_as_they_are() -> None:
    values = np.arange(3, dtype=np.uint64)
    mixed(values)
    assert values.tolist() == [0, 1, 2]
