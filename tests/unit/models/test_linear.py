"""Linear scores against plain numpy, and the properties that one scoring path needs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.encoding import Encoded
from models.linear import Linear, linear_scores

WIDTH, COLUMNS = 40, 5


def linear(columns: int = COLUMNS) -> Linear:
    chance = np.random.default_rng(3)
    return Linear(chance.normal(size=(WIDTH, columns)).astype(np.float32), chance.normal(size=columns))


def encoded(places: list[int], text: int) -> Encoded:
    weights = np.random.default_rng(len(places)).normal(size=len(places)).astype(np.float32)
    return Encoded(np.array(places, dtype=np.int64), weights, text, np.empty(0))


ROWS = st.lists(st.integers(0, WIDTH - 1), unique=True).map(sorted)


@given(ROWS, st.integers(0, WIDTH), st.sampled_from([1, 2, COLUMNS]))
def test_scores_are_those_of_plain_numpy(places: list[int], text: int, columns: int) -> None:
    model, ticket = linear(columns), encoded(places, text)
    dense = np.zeros((2, WIDTH))
    dense[0, places] = ticket.weights
    dense[1, places[:text]] = ticket.weights[:text]
    wanted = dense @ model.weights.astype(np.float64)
    scores = linear_scores(model, ticket)
    assert scores.whole == pytest.approx(wanted[0] + model.intercepts, abs=1e-5)
    assert scores.text == pytest.approx(wanted[1], abs=1e-5)


def test_a_ticket_of_nothing_scores_the_intercepts() -> None:
    model = linear()
    scores = linear_scores(model, encoded([], 0))
    assert scores.whole.tolist() == model.intercepts.tolist()
    assert scores.text.tolist() == [0.0] * COLUMNS


def test_an_encoder_without_width_can_be_scored() -> None:
    model = Linear(np.empty((0, 2), np.float32), np.array([1.0, -1.0]))
    assert linear_scores(model, encoded([], 0)).whole.tolist() == [1.0, -1.0]


@given(ROWS)
def test_scores_are_the_same_to_the_bit_wherever_the_weights_lie_in_memory(places: list[int]) -> None:
    model, ticket = linear(), encoded(places, len(places) // 2)
    aside = np.empty(WIDTH * COLUMNS * 4 + 4, np.uint8)[4:].view(np.float32).reshape(WIDTH, COLUMNS)
    aside[:] = model.weights
    for weights in (aside, np.asfortranarray(model.weights)):
        again = linear_scores(Linear(weights, model.intercepts), ticket)
        assert again.whole.tobytes() == linear_scores(model, ticket).whole.tobytes()


@given(ROWS)
def test_a_column_scores_the_same_whatever_stands_beside_it(places: list[int]) -> None:
    model, ticket = linear(), encoded(places, 0)
    together = linear_scores(model, ticket).whole
    alone = linear_scores(Linear(model.weights[:, 2:4], model.intercepts[2:4]), ticket).whole
    assert together[2:4] == pytest.approx(alone, abs=1e-6)
