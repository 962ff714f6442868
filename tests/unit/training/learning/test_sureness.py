"""How sure a blend may be on newer rows: found again where it is known, and never at the price of the answer."""

import numpy as np
import pytest

from models.heads import Blend, Members, add_up, blend
from training.learning.sureness import Sureness, fit_sureness, tempered

CHANCE = np.random.default_rng(4)


@pytest.mark.parametrize("truth", [0.5, 1.0, 1.6])
def test_newer_rows_say_how_sure_a_blend_may_be_of_its_answers(truth: float) -> None:
    how = Blend(2.0, 1.0, 0.5, 3.0, 1.0, np.array([0.5, -0.5, 0.0]))
    members = Members(*(CHANCE.normal(size=(20_000, 3)) for _ in range(3)))
    scores = truth * add_up(how, members, risk=False)
    codes = (scores + CHANCE.gumbel(size=scores.shape)).argmax(axis=1)
    found = fit_sureness(how, members, codes)
    assert found.all == pytest.approx(truth, rel=0.1)  # of 8,000 rows, beside two other numbers
    assert abs(found.scatter) < 0.15  # of three labels doubt is hardly ever scattered


def test_a_tempered_blend_says_the_same_as_surely_as_it_is_told() -> None:
    how = Blend(2.0, 1.0, 0.5, 3.0, 1.0, np.array([0.5, -0.5, 0.0]))
    members = Members(*(CHANCE.normal(size=(100, 3)) for _ in range(3)))
    whole, half = add_up(how, members, risk=False), add_up(tempered(how, Sureness(0.5, 0.0)), members, risk=False)
    assert half == pytest.approx(0.5 * whole)


def test_rows_of_labels_that_nobody_knew_make_a_blend_less_sure() -> None:
    how = Blend(2.0, 1.0, 0.5, 3.0, 1.0, np.zeros(3))
    members = Members(*(CHANCE.normal(size=(5_000, 3)) for _ in range(3)))
    codes = add_up(how, members, risk=False).argmax(axis=1)
    codes[::3] = -1
    known = np.where(codes < 0, 0, codes)
    assert fit_sureness(how, members, codes).all < fit_sureness(how, members, known).all < 2.0


def test_a_single_rival_that_is_often_right_makes_a_blend_less_sure_where_there_is_one() -> None:
    how = Blend(1.0, 0.0, 0.0, 1.0, 0.0, np.zeros(30))
    linear = CHANCE.normal(-6.0, 0.1, size=(8_000, 30))
    linear[:, 0] = 2.0
    linear[:4_000, 1] = -0.5  # one rival
    linear[4_000:, 1:] = -4.5  # twenty-nine that share the doubt
    codes = np.where(CHANCE.random(8_000) < 0.7, 0, 1)
    codes[4_000:] = np.where(CHANCE.random(4_000) < 0.9, 0, 1)
    members = Members(linear)
    found = fit_sureness(how, members, codes)
    assert found.scatter > 0.03
    sure = blend(tempered(how, found), members, risk=False).max(axis=1)
    assert sure[:4_000].mean() == pytest.approx(0.7, abs=0.02)
    assert sure[4_000:].mean() == pytest.approx(0.9, abs=0.02)


def test_whatever_the_sureness_the_answers_and_their_order_stay() -> None:
    how = Blend(2.0, 1.0, 0.5, 3.0, 1.0, CHANCE.normal(size=12))
    members = Members(*(CHANCE.normal(size=(300, 12)) for _ in range(3)))
    before = np.argsort(add_up(how, members, risk=False))
    after = add_up(tempered(how, Sureness(0.7, 0.4)), members, risk=False)
    assert (np.argsort(after) == before).all()


def test_the_same_rows_say_the_same_again() -> None:
    how = Blend(2.0, 1.0, 0.5, 3.0, 1.0, np.zeros(6))
    members = Members(*(CHANCE.normal(size=(500, 6)) for _ in range(3)))
    codes = CHANCE.integers(-1, 6, 500)
    assert fit_sureness(how, members, codes) == fit_sureness(how, members, codes)


def test_tickets_that_are_like_none_that_taught_are_answered_less_surely() -> None:
    how = Blend(1.0, 0.0, 0.0, 1.0, 0.0, np.zeros(3))
    linear = np.full((12_000, 3), -3.0)
    linear[:, 0] += 1.5
    linear[6_000:] -= 3.0  # as sure beside each other, and each of them like none
    codes = np.where(CHANCE.random(12_000) < np.repeat([0.68, 0.6], 6_000), 0, 1)
    found = fit_sureness(how, Members(linear), codes)
    assert found.familiar > 0.05
    sure = blend(tempered(how, found), Members(linear), risk=False).max(axis=1)
    assert sure[:6_000].mean() == pytest.approx(0.68, abs=0.02)
    assert sure[6_000:].mean() == pytest.approx(0.6, abs=0.02)


def test_a_larger_score_stays_larger_however_sure_familiar_tickets_may_be() -> None:
    how = Blend(1.0, 0.0, 0.0, 1.0, 0.0, np.zeros(3))
    evidence = np.linspace(-5.0, 3.0, 50)[:, np.newaxis] + np.array([0.0, -1.0, -2.0])
    largest = add_up(how, Members(evidence), risk=False).max(axis=1)
    for familiar in (-0.15, 0.15):
        heated = add_up(tempered(how, Sureness(1.0, 0.0, familiar)), Members(evidence), risk=False).max(axis=1)
        assert (np.argsort(heated) == np.argsort(largest)).all()
