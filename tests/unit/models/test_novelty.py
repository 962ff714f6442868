"""What is familiar: two measures, each in its own spread, and a short way that changes no answer."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.novelty import Novelty, Scale, familiarity, is_novel
from training.learning.familiar import centres_of

CHANCE = np.random.default_rng(2)


def units(count: int) -> np.ndarray:
    vectors = CHANCE.normal(size=(count, 6)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


NOVELTY = Novelty(units(9), Scale(2.0, 0.5), Scale(0.7, 0.1), -1.0, np.array([0, 0, 1, 1, 1, 3, 4, 4, 4]))


def test_familiarity_adds_strength_and_nearness_in_their_own_spreads() -> None:
    novelty = replace(NOVELTY, centres=np.array([[1, 0], [0, 1]], np.float32), owners=np.array([0, 1]))
    # (2.5 - 2) / 0.5 = 1, and the nearer centre's cosine (0.8 - 0.7) / 0.1 = 1.
    assert familiarity(novelty, np.array([0.1, 2.5]), np.array([0.6, 0.8], np.float32)) == pytest.approx(2, abs=1e-5)
    assert familiarity(replace(NOVELTY, centres=units(0)), np.array([0.1, 2.5]), units(1)[0]) == 1


@given(st.integers(0, 2**32), st.floats(-4, 4))
def test_asking_the_centres_of_the_answer_first_changes_nothing(seed: int, cut: float) -> None:
    chance = np.random.default_rng(seed)
    novelty = replace(NOVELTY, cut=cut)
    scores, vector = chance.normal(2, 1, 5), chance.normal(size=6).astype(np.float32)
    vector /= np.linalg.norm(vector)
    unknown = replace(novelty, owners=np.empty(0, np.int64))
    assert is_novel(novelty, scores, vector) == is_novel(unknown, scores, vector)


def test_every_centre_is_of_the_label_whose_rows_made_it() -> None:
    vectors = np.repeat(np.eye(3, dtype=np.float32), 12, axis=0)
    vectors[0] = 0
    centres, owners = centres_of(vectors, np.repeat([4, 1, 7], 12))
    assert owners.tolist() == sorted(owners.tolist())
    assert set(owners.tolist()) == {1, 4, 7}
    for label, axis in ((4, 0), (1, 1), (7, 2)):
        assert centres[owners == label][:, axis] == pytest.approx(1)
    assert centres_of(np.empty((5, 0), np.float32), np.zeros(5, np.int64))[1].tolist() == []
