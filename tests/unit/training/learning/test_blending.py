"""How members add up: the gradient against finite differences, and what is known to be right is found again."""

import numpy as np
import pytest
from scipy.optimize import check_grad

from models.heads import Blend, Members, blend, chosen
from training.learning import blending
from training.learning.blending import FAVOURS, fit_blend, fit_favour, fit_ordered_favour

CHANCE = np.random.default_rng(11)


def logistic(scores: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-scores))


def log_loss(how: Blend, linear: np.ndarray, trees: np.ndarray | None, codes: np.ndarray, *, risk: bool) -> float:
    return float(
        -np.log(blend(how, Members(linear, linear / 2, trees), risk=risk)[np.arange(len(codes)), codes]).mean()
    )


@pytest.mark.parametrize("has_trees", [True, False])
@pytest.mark.parametrize(("columns", "risk"), [(4, False), (1, True)])
def test_the_gradient_is_that_of_finite_differences(
    columns: int, risk: bool, has_trees: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    caught = {}

    def keep(loss: object, start: np.ndarray, **_: object) -> object:
        caught["loss"] = loss
        return type("Found", (), {"x": start})

    monkeypatch.setattr(blending, "minimize", keep)
    linear = CHANCE.normal(size=(60, columns))
    trees = CHANCE.normal(size=(60, columns)) if has_trees else None
    codes = CHANCE.integers(0, max(columns, 2), 60)
    fit_blend(Members(linear, linear**2, trees), codes, CHANCE.uniform(0.1, 1, 60), risk=risk)
    loss = caught["loss"]
    for _ in range(5):
        point = np.concatenate((CHANCE.uniform(0.2, 2, 4), CHANCE.normal(size=1), CHANCE.normal(size=columns)))
        if trees is None:
            point[2] = 0.0
        off = check_grad(lambda at: loss(at)[0], lambda at: loss(at)[1], point, epsilon=1e-6)
        assert off < 1e-5


def test_a_known_temperature_is_found_again() -> None:
    scores = CHANCE.normal(size=(8_000, 1))
    codes = (CHANCE.random(8_000) < logistic(2.5 * scores[:, 0] - 0.7)).astype(np.int64)
    how = fit_blend(Members(scores), codes, np.ones(8_000), risk=True)
    assert how.linear == pytest.approx(2.5, abs=0.15)
    assert how.bias == pytest.approx([-0.7], abs=0.1)
    assert how.trees == 0.0


def test_the_temperature_of_trees_that_know_the_odds_is_one_over_what_they_were_raised_by() -> None:
    odds = CHANCE.normal(size=(8_000, 3)) * 1.5
    probabilities = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
    codes = (CHANCE.random((8_000, 1)) > probabilities.cumsum(axis=1)).sum(axis=1)
    how = fit_blend(Members(CHANCE.normal(size=(8_000, 3)), None, 4 * odds), codes, np.ones(8_000), risk=False)
    assert how.trees == pytest.approx(0.25, abs=0.02)
    found = blend(how, Members(np.zeros((8_000, 3)), None, 4 * odds), risk=False)
    assert np.abs(found - probabilities).mean() < 0.02


def test_a_member_of_pure_chance_counts_for_next_to_nothing() -> None:
    scores, noise = CHANCE.normal(size=(8_000, 1)), CHANCE.normal(size=(8_000, 1))
    codes = (CHANCE.random(8_000) < logistic(scores[:, 0])).astype(np.int64)
    assert fit_blend(Members(scores, noise, noise), codes, np.ones(8_000), risk=True).trees < 0.1


def test_a_member_that_is_wrong_throughout_is_never_turned_round() -> None:
    scores = CHANCE.normal(size=(2_000, 1))
    codes = (scores[:, 0] < 0).astype(np.int64)
    how = fit_blend(Members(scores, scores, scores), codes, np.ones(2_000), risk=True)
    assert (how.linear, how.meaning, how.trees) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("risk", [True, False])
def test_the_fit_is_no_worse_than_where_it_began(risk: bool) -> None:
    columns = 1 if risk else 3
    linear = CHANCE.normal(size=(500, columns))
    codes = CHANCE.integers(0, max(columns, 2), 500)
    how = fit_blend(Members(linear, linear / 2, linear), codes, np.ones(500), risk=risk)
    began = Blend(1.0, 0.5, 0.5, 2.0, 1.0, np.zeros(columns))
    assert log_loss(how, linear, linear, codes, risk=risk) <= log_loss(began, linear, linear, codes, risk=risk)


def test_rows_that_count_nothing_teach_nothing() -> None:
    scores = np.concatenate((CHANCE.normal(size=(1_000, 1)), np.full((1_000, 1), 3.0)))
    codes = np.concatenate(
        ((CHANCE.random(1_000) < logistic(scores[:1_000, 0])).astype(np.int64), np.zeros(1_000, int))
    )
    weights = np.concatenate((np.ones(1_000), np.zeros(1_000)))
    how = fit_blend(Members(scores), codes, weights, risk=True)
    assert how.linear == pytest.approx(1.0, abs=0.2)


def test_a_label_without_rows_is_neither_held_back_nor_helped() -> None:
    linear = CHANCE.normal(size=(300, 3))
    how = fit_blend(Members(linear), CHANCE.integers(0, 2, 300), np.ones(300), risk=False)
    assert how.bias[2] == 0
    assert 0 < blend(how, Members(linear), risk=False)[:, 2].mean() < 0.2


def test_of_labels_that_are_nearly_as_likely_one_without_rows_is_favoured_as_the_mean_label() -> None:
    codes, probabilities = np.repeat([0, 1], [900, 100]), np.repeat([[0.6, 0.1, 0.3], [0.3, 0.4, 0.3]], [900, 100], 0)
    favour = fit_favour(probabilities, codes, np.ones(1_000))
    assert favour[0] <= favour[2] <= favour[1]


@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_few_rows_that_are_all_told_apart_are_not_believed_to_be_certain(count: int) -> None:
    codes = np.arange(count) % 2
    scores = 3 * np.eye(2)[codes]
    how = fit_blend(Members(scores, scores), codes, np.ones(count), risk=False)
    asked = 3 * np.eye(2)
    assert blend(how, Members(asked, asked), risk=False).max() < 0.99


def test_the_same_rows_give_the_same_blend_to_the_bit() -> None:
    linear, codes = CHANCE.normal(size=(9_000, 3)), CHANCE.integers(0, 3, 9_000)
    one, other = (fit_blend(Members(linear, None, linear**2), codes, np.ones(9_000), risk=False) for _ in range(2))
    assert (one.linear, one.trees, one.slope, one.offset) == (other.linear, other.trees, other.slope, other.offset)
    assert one.bias.tobytes() == other.bias.tobytes()


def test_labels_as_frequent_as_each_other_are_not_favoured() -> None:
    probabilities = CHANCE.dirichlet(np.ones(4), 400)
    assert np.ptp(fit_favour(probabilities, np.arange(400) % 4, np.ones(400))) == 0


def test_a_rare_label_that_is_nearly_as_likely_is_favoured_where_it_costs_little() -> None:
    # Rows of the rare label say 0.49 for it, a few of the frequent one 0.45: one in three powers tells them apart.
    codes = np.repeat([0, 1], [900, 100])
    rare = np.repeat([0.1, 0.49], [900, 100])
    favour = fit_favour(np.stack((1 - rare, rare), axis=1), codes, np.ones(1_000), lifts=(0.0,))
    assert favour[1] - favour[0] in [pytest.approx(power * np.log(9)) for power in FAVOURS[1:]]


def test_a_rare_label_is_not_favoured_at_the_price_of_many_right_answers() -> None:
    codes = np.repeat([0, 1], [900, 100])
    rare = np.full(1_000, 0.49)
    assert np.ptp(fit_favour(np.stack((1 - rare, rare), axis=1), codes, np.ones(1_000))) == 0


def three_labels() -> tuple[np.ndarray, np.ndarray]:
    """Rows of labels with 8,000, 1,800 and 20 rows; half of the last's say 0.3 for it and 0.5 for the first.

    600 rows of the first and 50 of the second say 0.47 and 0.46: were the second favoured, it would be dear.
    """
    kinds = [[0.9, 0.06, 0.04], [0.47, 0.46, 0.07], [0.1, 0.85, 0.05], [0.1, 0.05, 0.85], [0.5, 0.2, 0.3]]
    said = np.repeat([0, 1, 2, 1, 3, 4], [7_400, 600, 1_750, 50, 10, 10])
    return np.array(kinds)[said], np.repeat([0, 1, 2], [8_000, 1_800, 20])


def test_a_label_with_few_rows_is_answered_as_if_it_had_more() -> None:
    probabilities, codes = three_labels()
    favour = fit_favour(probabilities, codes, np.ones(len(codes)))
    assert favour.tolist() == pytest.approx(np.log([8_050 / 8_010, 1_850 / 1_810, 70 / 30]).tolist())
    assert (chosen(probabilities, favour)[codes == 2] == 2).all()
    assert not np.ptp(fit_favour(probabilities, codes, np.ones(len(codes)), lifts=(0.0,)))


@pytest.mark.parametrize(("rows", "is_lifted"), [(40, False), (20, True)])
def test_of_labels_with_many_rows_recall_counts_no_more_than_in_macro_f1(rows: int, is_lifted: bool) -> None:
    # A fifth of the second label's rows are found at the price of half as many of the first: its recall gains, and its
    # F1 loses. A thousand rows of a third label are never found, so that the price is small.
    kinds = [[0.9, 0.05, 0.05], [0.55, 0.43, 0.02], [0.2, 0.75, 0.05]]
    said = np.repeat([0, 1, 1, 2, 0], [4_000 - rows // 2, rows // 2, rows // 5, rows - rows // 5, 1_000])
    codes = np.repeat([0, 1, 2], [4_000, rows, 1_000])
    favour = fit_favour(np.array(kinds)[said], codes, np.ones(len(codes)))
    assert bool(np.ptp(favour) > 0) == is_lifted


def test_rows_that_count_nothing_say_how_rare_a_label_is_and_no_more() -> None:
    probabilities, codes = three_labels()
    rest = np.tile([0.1, 0.2, 0.7], (len(codes), 1))  # nearly all wrong
    weights = np.repeat([1.0, 0.0], len(codes))
    favour = fit_favour(np.concatenate((probabilities, rest)), np.concatenate((codes, codes)), weights)
    assert favour[2] - favour[0] == pytest.approx(np.log(90 / 50) - np.log(16_050 / 16_010))


def test_no_priority_is_lifted_for_having_few_rows() -> None:
    probabilities, codes = three_labels()
    assert not np.ptp(fit_ordered_favour(probabilities, codes, np.ones(len(codes)), np.arange(3))[0])


def told(parts: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """A thousand rows that all say `parts`, and are right to."""
    return np.tile(parts, (1_000, 1)), np.repeat(range(len(parts)), np.round(1_000 * np.array(parts)).astype(int))


def test_between_two_ends_that_are_hardly_likelier_the_middle_is_answered() -> None:
    # 670 wrong answers instead of 665, macro-F1 0.165 instead of 0.167, and none of 335 is two levels off any more.
    probabilities, codes = told([0.335, 0.33, 0.335])
    favour = fit_ordered_favour(probabilities, codes, np.ones(1_000), np.arange(3))
    assert chosen(probabilities, favour).tolist() == [1] * 1_000
    assert favour[1:].tolist() == [[0, 0, -0.25], [0, 0, 0], [-0.25, 0, 0]]  # the lowest price that does it


def test_the_order_of_the_labels_is_not_that_of_their_columns() -> None:
    probabilities, codes = told([0.335, 0.335, 0.33])
    favour = fit_ordered_favour(probabilities, codes, np.ones(1_000), np.array([0, 2, 1]))
    assert chosen(probabilities, favour).tolist() == [2] * 1_000


def test_no_far_miss_is_spared_at_the_price_of_many_right_answers() -> None:
    probabilities, codes = told([0.4, 0.2, 0.4])
    assert not fit_ordered_favour(probabilities, codes, np.ones(1_000), np.arange(3))[1:].any()


def test_nor_at_the_price_of_labels_that_would_never_be_answered() -> None:
    # The middle throughout is right 78 times, the ends are 80: but macro-F1 would fall from 0.33 to 0.19.
    probabilities = np.repeat([[0.4, 0.3, 0.3], [0.3, 0.3, 0.4]], 100, axis=0)
    codes = np.concatenate((np.repeat([0, 1, 2], [40, 39, 21]), np.repeat([0, 1, 2], [21, 39, 40])))
    favour = fit_ordered_favour(probabilities, codes, np.ones(200), np.arange(3))
    assert set(chosen(probabilities, favour).tolist()) == {0, 2}


def test_of_two_levels_none_is_far() -> None:
    probabilities = CHANCE.dirichlet([1.0, 2.0], 500)
    codes = (CHANCE.random(500) < probabilities[:, 1]).astype(int)
    favour = fit_ordered_favour(probabilities, codes, np.ones(500), np.arange(2))
    assert not favour[1:].any()
    assert favour[0].tolist() == pytest.approx(fit_favour(probabilities, codes, np.ones(500), lifts=(0.0,)).tolist())
