"""One ticket's answer: by compiled code and by Python the same to the bit, and that of many rows at once."""

import copy

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from features.compiled import IS_COMPILED
from models.answering import Answering, Said, Weights
from models.heads import Blend, Members, add_up, blend, chosen

LABELS = 5
SCORES = st.lists(st.floats(-40, 40), min_size=LABELS, max_size=LABELS).map(np.array)
WEIGHTS = st.builds(
    Weights,
    **{name: st.floats(0, 3) for name in ("linear", "meaning", "trees")},
    slope=st.floats(0.1, 5),
    offset=st.floats(-3, 3),
    sureness=st.floats(0.3, 2),
    scatter=st.sampled_from([0.0, 0.3, -0.3]),
    familiar=st.sampled_from([0.0, 0.02, -0.02]),
)
FAVOURS = st.one_of(
    st.just(np.empty(0)),
    SCORES.map(lambda favour: favour / 20),
    st.lists(SCORES, min_size=LABELS + 1, max_size=LABELS + 1).map(lambda rows: np.array(rows) / 20),
)
PLAIN = Weights(0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0)
BIAS = np.array([0.2, -0.1, 0.0, 0.5, -0.4])


def parts(said: Said) -> tuple[bytes, bytes, list[int]]:
    return said.scores.tobytes(), said.probabilities.tobytes(), list(said.places)


@given(WEIGHTS, FAVOURS, SCORES, st.none() | SCORES, st.none() | SCORES, st.integers(1, LABELS + 2))
def test_compiled_code_answers_as_python_does(
    weights: Weights,
    favour: np.ndarray,
    linear: np.ndarray,
    meaning: np.ndarray | None,
    trees: np.ndarray | None,
    top: int,
) -> None:
    head = Answering(weights, BIAS, favour)
    found = parts(head.answer_by_python(linear, meaning, trees, top))
    if IS_COMPILED:
        assert parts(head.answer(linear, meaning, trees, top)) == found
    assert parts(copy.deepcopy(head).answer(linear, meaning, trees, top)) == found


@given(WEIGHTS, SCORES, st.integers(0, LABELS - 1), SCORES, SCORES)
@example(Weights(1.0, 0, 0, 2.0, 0.5, 1.0, 0, 0), np.zeros(LABELS), 2, np.ones(LABELS), np.ones(LABELS))
def test_slopes_are_those_of_python_and_of_small_differences(
    weights: Weights, said: np.ndarray, label: int, empty: np.ndarray, whole: np.ndarray
) -> None:
    head = Answering(weights, BIAS, np.empty(0))
    against, slopes = head.slopes(said, label, empty, whole)
    assert [part.tobytes() for part in head.slopes_by_python(said, label, empty, whole)] == [
        against.tobytes(),
        slopes.tobytes(),
    ]
    assert against[label] == weights.sureness
    assert np.delete(against, label).sum() == pytest.approx(-weights.sureness)
    curve = [-weights.linear * np.logaddexp(0, -(weights.slope * at + weights.offset)) for at in (whole, empty)]
    assert slopes * (whole - empty) == pytest.approx(curve[0] - curve[1], abs=1e-6)


@given(WEIGHTS, FAVOURS, SCORES, st.none() | SCORES, st.none() | SCORES)
def test_one_ticket_gets_what_it_gets_among_many(
    weights: Weights, favour: np.ndarray, linear: np.ndarray, meaning: np.ndarray | None, trees: np.ndarray | None
) -> None:
    how = Blend(**{name: getattr(weights, name) for name in Weights.__slots__}, bias=BIAS)
    members = Members(linear, meaning, trees)
    found = Answering(weights, BIAS, favour).answer(linear, meaning, trees, LABELS)
    assert found.scores == pytest.approx(add_up(how, members, risk=False), rel=1e-9, abs=1e-9)
    probabilities = blend(how, members, risk=False)
    assert found.probabilities == pytest.approx(probabilities, abs=1e-9)
    assert found.places[0] == chosen(found.probabilities, favour)
    others = found.probabilities[list(found.places[1:])]
    assert (np.diff(others) <= 0).all()
    assert sorted(found.places) == list(range(LABELS))


def test_the_favoured_label_comes_first_and_the_others_follow_by_probability() -> None:
    meaning = np.log([0.40, 0.05, 0.38, 0.17])
    for favour, places in (
        (np.empty(0), [0, 2, 3, 1]),
        (np.array([0.0, 0.2, 0.1, 0.0]), [2, 0, 3, 1]),  # log(0.38 / 0.40) is -0.05
        (np.array([0.0, 9.0, 0.0, 0.0]), [1, 0, 2, 3]),
    ):
        head = Answering(PLAIN, np.zeros(4), favour)
        for top in (1, 2, 3, 4, 9):
            assert list(head.answer(np.zeros(4), meaning, None, top).places) == places[:top]


def test_of_labels_just_as_probable_the_first_comes_first() -> None:
    head = Answering(PLAIN, np.zeros(3), np.empty(0))
    assert list(head.answer(np.zeros(3), np.ones(3), None, 3).places) == [0, 1, 2]
