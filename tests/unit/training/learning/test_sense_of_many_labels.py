"""A meaning member of many even labels: each row's slope is small from the first, and it must learn all the same."""

import numpy as np

from training.learning.sense import fit_sense, sense_member_scores


def test_many_even_labels_are_learned() -> None:
    chance = np.random.default_rng(5)
    centres = chance.normal(size=(150, 48))
    codes = np.tile(np.arange(150), 12)
    vectors = centres[codes] + 0.5 * chance.normal(size=(len(codes), 48)) + 3.0  # as texts' are: all much alike
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    scores = sense_member_scores(fit_sense("queue", vectors, codes, 150), vectors)
    assert (scores.argmax(axis=1) == codes).mean() > 0.9
