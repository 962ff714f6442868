"""Hand-worked cases, scikit-learn as a second opinion, and what must hold of every draw."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from training.evidence import formulas

ROWS = st.lists(
    st.tuples(st.sampled_from([0.5, 0.6, 0.75, 0.9, 1.0]), st.booleans()),
    min_size=1,
    max_size=60,
)


def confidence_and_hit(rows: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([one for one, _ in rows]), np.array([hit for _, hit in rows])


def test_macro_f1_of_a_case_worked_by_hand() -> None:
    truth, answered = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1])
    # label 0: 2·1/(2+1) = 2/3; label 1: 2·1/(1+3) = 1/2; label 2: never found, 0
    assert formulas.macro_f1(truth, answered) == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)


def test_labels_that_the_head_does_not_know_lower_macro_f1_one_class_each() -> None:
    truth, answered = np.array([0, 1, -1, -1]), np.array([0, 1, 1, 1])
    # label 0: 1; label 1: 2·1/(1+3) = 1/2
    assert formulas.macro_f1(truth, answered) == pytest.approx(1.5 / 3)
    assert formulas.macro_f1(truth, answered, unseen=2) == pytest.approx(1.5 / 4)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40))
def test_macro_f1_agrees_with_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    truth, answered = np.array([one for one, _ in pairs]), np.array([one for _, one in pairs])
    theirs = sklearn_metrics.f1_score(truth, answered, average="macro", zero_division=0)
    assert formulas.macro_f1(truth, answered) == pytest.approx(theirs)


def test_top_three_counts_the_true_label_among_the_three_most_probable() -> None:
    probabilities = np.array([[0.4, 0.3, 0.2, 0.1]] * 3)
    assert formulas.top_share(np.array([2, 3, -1]), probabilities) == pytest.approx(1 / 3)


def test_of_equal_probabilities_the_first_columns_are_on_top() -> None:
    probabilities = np.full((2, 4), 0.25)
    assert formulas.top_share(np.array([2, 3]), probabilities) == pytest.approx(0.5)


def test_calibration_error_of_a_case_worked_by_hand() -> None:
    confidence = np.array([0.6, 0.6, 0.8, 0.8])
    hit = np.array([True, False, True, True])
    # two bins: gap |0.6 - 0.5| = 0.1 and |0.8 - 1| = 0.2, half of the rows each
    assert formulas.calibration_error(confidence, hit, bins=2) == pytest.approx(0.15)
    assert formulas.equal_mass_error(confidence, hit, bins=2) == pytest.approx(0.15)


def test_equal_mass_bins_stay_equal_where_most_confidences_are_equal() -> None:
    confidence = np.array([0.9] * 3 + [0.5])
    hit = np.array([True, True, False, False])
    # sorted: 0.5 (gap 0.5), then three of 0.9 that each count the hit rate 2/3 (gap 0.9 - 2/3);
    # two bins of two rows: |0.5 + 0.2333| / 4 and |2 · 0.2333| / 4
    gap = 0.9 - 2 / 3
    assert formulas.equal_mass_error(confidence, hit, bins=2) == pytest.approx((0.5 + gap) / 4 + 2 * gap / 4)


@given(ROWS, st.randoms(use_true_random=False))
def test_no_figure_depends_on_the_order_of_the_rows(rows: list[tuple[float, bool]], chance: object) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    for figure in (
        formulas.calibration_error,
        formulas.equal_mass_error,
        lambda one, hit: formulas.coverage_at(one, hit, 0.8),
        lambda one, hit: formulas.auroc(hit, one),
        lambda one, hit: formulas.average_precision(hit, one),
        lambda one, hit: formulas.recall_at_capacity(hit, one, 0.12),
    ):
        assert figure(*confidence_and_hit(rows)) == pytest.approx(
            figure(*confidence_and_hit(shuffled)), abs=1e-9, nan_ok=True
        )


@given(ROWS)
def test_calibration_errors_lie_between_nothing_and_one(rows: list[tuple[float, bool]]) -> None:
    for figure in (formulas.calibration_error, formulas.equal_mass_error):
        assert -1e-12 <= figure(*confidence_and_hit(rows)) <= 1 + 1e-12


def test_a_perfectly_calibrated_head_has_no_calibration_error() -> None:
    confidence = np.array([0.5] * 10 + [0.9] * 10)
    hit = np.array([True] * 5 + [False] * 5 + [True] * 9 + [False])
    assert formulas.calibration_error(confidence, hit) == pytest.approx(0)
    assert formulas.equal_mass_error(confidence, hit) == pytest.approx(0)


def test_coverage_goes_as_deep_as_the_precision_holds() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.6])
    hit = np.array([True, False, True, True])
    # precision by depth: 1, 1/2, 2/3, 3/4
    assert formulas.coverage_at(confidence, hit, 0.75) == pytest.approx(1.0)
    assert formulas.coverage_at(confidence, hit, 0.95) == pytest.approx(0.25)


def test_equal_confidences_are_covered_together_or_not_at_all() -> None:
    confidence = np.array([0.9, 0.9, 0.5])
    lucky, unlucky = np.array([True, False, False]), np.array([False, True, False])
    assert formulas.coverage_at(confidence, lucky, 0.95) == formulas.coverage_at(confidence, unlucky, 0.95) == 0.0
    assert formulas.coverage_at(confidence, lucky, 0.5) == pytest.approx(2 / 3)


@given(ROWS, st.floats(0.05, 1.0))
def test_a_stricter_precision_never_covers_more(rows: list[tuple[float, bool]], precision: float) -> None:
    confidence, hit = confidence_and_hit(rows)
    assert formulas.coverage_at(confidence, hit, precision) <= formulas.coverage_at(confidence, hit, precision / 2)


def test_kappa_of_a_case_worked_by_hand() -> None:
    # levels 0, 1, 2; truth 0 0 1 2, answers 0 1 1 2. Observed: one row one step off, 1/4.
    # Margins truth (1/2, 1/4, 1/4), answers (1/4, 1/2, 1/4): expected squared step
    # 1·(1/2·1/2 + 1/4·1/4 + 1/4·1/4 + 1/4·1/2) + 4·(1/2·1/4 + 1/4·1/4) = 0.5 + 0.75
    truth, answered = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2])
    assert formulas.quadratic_kappa(truth, answered, 3) == pytest.approx(1 - 0.25 / 1.25)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40))
def test_kappa_agrees_with_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    truth, answered = np.array([one for one, _ in pairs]), np.array([one for _, one in pairs])
    ours = formulas.quadratic_kappa(truth, answered, 4)
    if len(set(truth) | set(answered)) == 1:
        assert np.isnan(ours)
    else:
        theirs = sklearn_metrics.cohen_kappa_score(truth, answered, labels=range(4), weights="quadratic")
        assert ours == pytest.approx(theirs)


def test_auroc_of_a_case_worked_by_hand() -> None:
    happened, probability = np.array([True, False, True, False]), np.array([0.9, 0.9, 0.4, 0.1])
    # pairs (yes, no): 0.9/0.9 is a tie, 0.9/0.1 right, 0.4/0.9 wrong, 0.4/0.1 right
    assert formulas.auroc(happened, probability) == pytest.approx(2.5 / 4)


@given(ROWS)
def test_ranking_figures_agree_with_scikit_learn(rows: list[tuple[float, bool]]) -> None:
    probability, happened = confidence_and_hit(rows)
    if happened.all() or not happened.any():
        assert np.isnan(formulas.auroc(happened, probability))
        return
    assert formulas.auroc(happened, probability) == pytest.approx(sklearn_metrics.roc_auc_score(happened, probability))
    theirs = sklearn_metrics.average_precision_score(happened, probability)
    assert formulas.average_precision(happened, probability) == pytest.approx(theirs)


def test_recall_at_capacity_counts_what_the_reviewers_would_catch() -> None:
    probability = np.array([0.9, 0.8, 0.7, 0.6])
    happened = np.array([True, False, True, False])
    assert formulas.recall_at_capacity(happened, probability, 0.25) == pytest.approx(0.5)
    assert formulas.recall_at_capacity(happened, probability, 0.75) == pytest.approx(1.0)


def test_a_cut_through_equal_probabilities_catches_their_mean() -> None:
    happened = np.array([True, False, False, True, False])
    # one of four equals is reviewed beside the sure one: 1/4 of one further hit
    probability = np.array([0.9, 0.5, 0.5, 0.5, 0.5])
    assert formulas.recall_at_capacity(happened, probability, 0.4) == pytest.approx((1 + 0.25) / 2)


def test_brier_and_log_loss_of_a_case_worked_by_hand() -> None:
    probabilities = np.array([[0.8, 0.2], [0.4, 0.6]])
    truth = np.array([0, 0])
    assert formulas.brier(truth, probabilities) == pytest.approx(((0.2**2 + 0.2**2) + (0.6**2 + 0.6**2)) / 2)
    assert formulas.log_loss(truth, probabilities) == pytest.approx(-(np.log(0.8) + np.log(0.4)) / 2)


def test_an_unknown_true_label_is_a_row_of_zeros_to_brier_and_no_row_to_the_log_loss() -> None:
    probabilities = np.array([[0.8, 0.2], [0.4, 0.6]])
    truth = np.array([0, -1])
    assert formulas.brier(truth, probabilities) == pytest.approx(((0.2**2 + 0.2**2) + (0.4**2 + 0.6**2)) / 2)
    assert formulas.log_loss(truth, probabilities) == pytest.approx(-np.log(0.8))
    assert np.isnan(formulas.log_loss(np.array([-1, -1]), probabilities))


def test_yes_or_no_is_said_as_far_as_it_is_right_and_flags_few_for_nothing() -> None:
    # From the surest on: no, no, yes, yes (wrong), no. After three rows all is right, after four a false alarm.
    probability = np.array([0.01, 0.02, 0.97, 0.9, 0.2])
    happened = np.array([False, False, True, False, False])
    assert formulas.coverage_within(happened, probability, 0.94, 0.06) == pytest.approx(3 / 5)
    # Four of five may be right, but one flagged of the four that do not happen is a quarter.
    assert formulas.coverage_within(happened, probability, 0.8, 0.25) == pytest.approx(3 / 5)
    assert formulas.coverage_within(happened, probability, 0.8, 0.26) == 1.0
    assert formulas.coverage_within(~happened, probability, 0.94, 0.06) == 0.0


def test_rows_of_equal_confidence_are_said_together_whichever_side_they_are_on() -> None:
    probability, happened = np.array([0.1, 0.9, 0.1]), np.array([False, False, False])
    assert formulas.coverage_within(happened, probability, 0.5, 0.4) == 1.0
    assert formulas.coverage_within(happened, probability, 0.94, 0.06) == 0.0


def test_chance_alone_makes_a_calibration_error_as_the_normal_curve_says() -> None:
    # One bin of equal confidences: the gap's standard error is sqrt(0.8 · 0.2 / 400) = 0.02, 95 % lie within 1.96 of it
    chance = formulas.calibration_error_of_chance(np.full(400, 0.8), draws=2_000)
    assert chance == pytest.approx(1.96 * 0.02, rel=0.08)


def test_sure_answers_leave_nothing_to_chance() -> None:
    assert formulas.calibration_error_of_chance(np.ones(50)) == 0.0


def test_a_calibrated_head_stays_under_the_error_of_chance_in_most_cases() -> None:
    chance = np.random.default_rng(8)
    confidence = chance.uniform(0.3, 1.0, 900)
    most = formulas.calibration_error_of_chance(confidence)
    drawn = [formulas.calibration_error(confidence, chance.random(900) < confidence) for _ in range(300)]
    assert 0.9 < np.mean(np.array(drawn) <= most) < 0.99


def test_mean_recall_counts_every_label_that_occurs_the_same() -> None:
    truth, answered = np.array([0, 0, 0, 1, 2, -1]), np.array([0, 0, 1, 1, 0, 1])
    # label 0: 2 of 3; label 1: 1 of 1; label 2: none; label 3 does not occur
    assert formulas.mean_recall(truth, answered, np.array([0, 1, 3])) == pytest.approx((2 / 3 + 1) / 2)
    assert formulas.mean_recall(truth, answered, np.array([2])) == 0.0
    assert np.isnan(formulas.mean_recall(truth, answered, np.array([3])))
