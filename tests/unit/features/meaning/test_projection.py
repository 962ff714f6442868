"""Projections by chance signs: cosines survive, give or take what theory says."""

import numpy as np

from features.meaning.projection import DIMENSIONS, projected


def test_an_empty_row_is_nought() -> None:
    assert not projected(np.empty(0, np.int64), np.empty(0, np.float32)).any()


def test_the_same_row_has_the_same_projection_of_length_one() -> None:
    places, weights = np.array([3, 70_000, 2**40]), np.array([0.5, 0.2, 0.1], dtype=np.float32)
    first = projected(places, weights)
    assert first.tobytes() == projected(places, weights).tobytes()
    assert abs(np.linalg.norm(first) - 1) < 1e-6


def test_cosines_survive() -> None:
    chance = np.random.default_rng(2)
    errors = []
    for _ in range(300):
        places = np.sort(chance.choice(100_000, 60, replace=False))
        mine, yours = places[:40], places[20:]
        weights = chance.random(60).astype(np.float32)
        exact = weights[20:40] @ weights[20:40] / (np.linalg.norm(weights[:40]) * np.linalg.norm(weights[20:]))
        errors.append(projected(mine, weights[:40]) @ projected(yours, weights[20:]) - exact)
    # The error of one has a deviation of at most 1 / sqrt(256); the mean of 300 a seventeenth of that.
    assert np.std(errors) < 1.1 / np.sqrt(DIMENSIONS)
    assert abs(np.mean(errors)) < 4 / np.sqrt(DIMENSIONS * 300)
