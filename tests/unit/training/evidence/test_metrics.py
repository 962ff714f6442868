"""What is measured of a head, what is withheld and why."""

import json

import numpy as np
import pytest

from training.evidence.contracts import HeadContract
from training.evidence.held_out import HeldOut
from training.evidence.intervals import bootstrap
from training.evidence.metrics import UNKNOWN_LABEL, measure
from training.evidence.verdict import learned_something

ORDER = ("P1", "P2", "P3")


def queue(truth: list[int], answers: list[int]) -> HeldOut:
    probabilities = np.full((len(truth), 3), 0.1)
    probabilities[np.arange(len(truth)), answers] = 0.8
    return HeldOut("queue", ("Billing", "Access", "Network"), np.array(truth), probabilities)


def priority(truth: list[int], answers: list[int], labels: tuple[str, ...] = ("P3", "P1", "P2")) -> HeldOut:
    one = queue(truth, answers)
    return HeldOut("priority", labels, one.truth, one.probabilities)


def risk(truth: list[int], probability: list[float]) -> HeldOut:
    yes = np.array(probability)
    return HeldOut("escalation", ("false", "true"), np.array(truth), np.column_stack((1 - yes, yes)))


def test_a_queue_heads_figures_are_those_worked_by_hand() -> None:
    found = measure(queue([0, 0, 1, 2], [0, 1, 1, 1]))
    assert (found.rows, found.unknown) == (4, 0)
    assert found.accuracy == pytest.approx(0.5)
    assert found.macro_f1 == pytest.approx((2 / 3 + 1 / 2) / 3)
    assert found.top3 == 1.0
    assert found.ece == pytest.approx(0.3)  # every confidence is 0.8, half of the answers are right
    assert found.coverage_95 == 0.0
    assert found.brier == pytest.approx(0.5 * (0.04 + 0.01 + 0.01) + 0.5 * (0.64 + 0.81 + 0.01))
    assert found.log_loss == pytest.approx(-(np.log(0.8) + np.log(0.1)) / 2)
    assert (found.kappa, found.auroc, found.base_rate) == (None, None, None)
    assert not found.withheld


def test_the_table_by_class_lists_the_most_frequent_first() -> None:
    table = measure(queue([0, 0, 1, 2], [0, 1, 1, 1])).by_class
    assert [row.label for row in table] == ["Billing", "Access", "Network"]
    assert [row.support for row in table] == [2, 1, 1]
    assert (table[0].precision, table[0].recall) == (1.0, 0.5)
    assert (table[1].precision, table[1].recall, table[1].answered) == (pytest.approx(1 / 3), 1.0, 3)
    assert table[1].confidence == pytest.approx(0.8)
    assert (table[2].precision, table[2].recall, table[2].f1, table[2].confidence) == (None, 0.0, 0.0, None)


def test_labels_that_the_head_does_not_know_count_as_wrong_and_are_listed() -> None:
    found = measure(queue([0, -1], [0, 1]))
    assert found.accuracy == pytest.approx(0.5)
    assert found.unknown == 1
    assert found.by_class[0].label == UNKNOWN_LABEL
    assert found.top3 == pytest.approx(0.5)


def test_no_known_true_label_at_all_can_still_be_measured() -> None:
    found = measure(queue([-1, -1], [0, 1]))
    assert (found.accuracy, found.macro_f1, found.log_loss) == (0.0, 0.0, None)


def test_kappa_follows_the_desks_order_and_not_the_columns() -> None:
    # in the desk's order P1 P2 P3 the columns P3, P1, P2 are levels 2, 0, 1
    found = measure(priority([1, 1, 2, 0], [1, 2, 2, 0]), priority_order=ORDER)
    assert found.kappa == pytest.approx(1 - 0.25 / 1.25)


def test_errors_of_two_levels_and_more_are_counted_in_the_desks_order() -> None:
    # levels 0, 0, 1, 2, 2 are answered 0, 2, 2, 0, 1: two of five are two levels off
    found = measure(priority([1, 1, 2, 0, 0], [1, 0, 0, 1, 2]), priority_order=ORDER)
    assert found.two_levels_off == pytest.approx(2 / 5)
    assert found.figures()["two_levels_off"] == pytest.approx(2 / 5)
    assert measure(priority([1, 1], [1, 2])).two_levels_off is None


def test_kappa_is_withheld_with_the_reason_where_the_order_is_unknown() -> None:
    found = measure(priority([1, 1], [1, 2]))
    assert found.kappa is None
    assert "not known" in found.withheld["kappa"]


def test_kappa_is_withheld_where_the_order_lacks_a_label() -> None:
    found = measure(priority([1, 1], [1, 2], labels=("P3", "P1", "Urgent")), priority_order=ORDER)
    assert "'Urgent'" in found.withheld["kappa"]


def test_kappa_leaves_out_rows_whose_priority_the_head_does_not_know() -> None:
    with_stranger = measure(priority([1, 1, 2, 0, -1], [1, 2, 2, 0, 0]), priority_order=ORDER)
    assert with_stranger.kappa == pytest.approx(1 - 0.25 / 1.25)


def test_a_risk_heads_figures_are_those_worked_by_hand() -> None:
    found = measure(risk([1, 0, 1, 0], [0.9, 0.9, 0.4, 0.1]), capacity=0.5)
    assert found.auroc == pytest.approx(2.5 / 4)
    assert found.base_rate == pytest.approx(0.5)
    assert found.recall_at_capacity == pytest.approx(0.5)
    assert found.brier == pytest.approx((0.1**2 + 0.9**2 + 0.6**2 + 0.1**2) / 4)
    assert found.top3 is None


def test_what_contracts_gave_is_measured_on_the_rows_that_they_apply_to() -> None:
    rows = queue([0, 0, 1, 2], [0, 1, 1, 1])  # every answer has a probability of 0.8
    found = measure(rows, contract=HeadContract(0.96, {"Access": 0.8}))
    assert (found.contract_coverage, found.contract_precision) == (0.75, pytest.approx(1 / 3))
    none = measure(rows, contract=HeadContract(0.96, {"Access": 0.800001}))
    assert (none.contract_coverage, none.contract_precision) == (0.0, None)
    assert none.withheld["contract_precision"] == "nothing is applied by itself at the demanded 0.96"
    assert (measure(rows).contract_coverage, measure(rows).contract_precision) == (None, None)


def test_false_alarms_are_counted_among_what_does_not_happen() -> None:
    found = measure(risk([1, 0, 0, 0], [0.9, 0.8, 0.4, 0.1]), capacity=0.5)
    assert (found.recall_at_capacity, found.false_alarms_at_capacity) == (1.0, pytest.approx(1 / 3))
    assert measure(risk([1, 1], [0.9, 0.8])).withheld["false_alarms_at_capacity"] == "it happened in every held-out row"


def test_a_risk_that_never_happened_is_not_ranked_and_says_why() -> None:
    found = measure(risk([0, 0], [0.2, 0.4]))
    assert found.auroc is None
    assert found.withheld["auroc"] == "it happened in no held-out row"
    assert "top3" not in found.withheld


def test_measures_are_plain_json() -> None:
    found = measure(risk([1, 0, 1, 0], [0.9, 0.8, 0.4, 0.1]))
    read = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert read["auroc"] == found.auroc
    assert read["intervals"]["accuracy"] == [found.intervals["accuracy"].low, found.intervals["accuracy"].high]
    assert set(found.figures()) >= {"accuracy", "auroc", "average_precision", "recall_at_capacity", "base_rate"}


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="held-out rows"):
        measure(queue([], []))


def test_an_interval_covers_the_known_spread_of_a_share() -> None:
    # 400 rows, half of them right: the standard error of the share is sqrt(0.25 / 400) = 0.025
    hit = np.array([True, False] * 200)
    between = bootstrap(lambda rows: float(hit[rows].mean()), 400)
    assert between.low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.01)
    assert between.high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.01)
    assert between == bootstrap(lambda rows: float(hit[rows].mean()), 400)


def always(answer: int, truth: list[int]) -> HeldOut:
    return queue(truth, [answer] * len(truth))


def test_answers_at_random_are_nothing_learned() -> None:
    chance = np.random.default_rng(5)
    truth = chance.integers(0, 3, 900).tolist()
    verdict = learned_something(queue(truth, chance.integers(0, 3, 900).tolist()), always(0, truth))
    assert not verdict.something
    assert verdict.words.startswith("nothing was learned for queue")
    assert "'Billing'" in verdict.words


def test_answers_that_beat_the_most_frequent_label_are_something_learned() -> None:
    truth = [0, 0, 1, 2] * 50
    verdict = learned_something(queue(truth, truth), always(0, truth))
    assert verdict.something
    assert "1.000 against 0.500" in verdict.words


def test_a_head_that_only_repeats_the_most_frequent_label_learned_nothing() -> None:
    truth = [0, 0, 1, 2] * 50
    assert not learned_something(always(0, truth), always(0, truth)).something


def test_a_risk_head_learned_something_where_it_ranks() -> None:
    chance = np.random.default_rng(6)
    truth = chance.integers(0, 2, 500)
    noise = chance.random(500)
    ranks = risk(truth.tolist(), (0.3 * truth + 0.7 * noise).tolist())
    guesses = risk(truth.tolist(), noise.tolist())
    assert learned_something(ranks, guesses).something
    assert "does not lie above chance" in learned_something(guesses, guesses).words


def test_rare_labels_are_those_learned_from_five_to_thirty_rows() -> None:
    rows = queue([0, 0, 1, 2, 2], [0, 1, 1, 1, 2])
    found = measure(rows, taught={"Billing": 30, "Access": 31, "Network": 5})
    assert found.rare_recall == pytest.approx((1 / 2 + 1 / 2) / 2)
    assert found.intervals["rare_recall"].high == 1.0
    assert measure(rows, taught={"Billing": 4, "Access": 31}).rare_recall is None
    assert measure(rows).rare_recall is None


def test_the_worst_label_is_the_one_whose_probability_is_most_wrong() -> None:
    # 250 rows each of the first two labels; the first's probability is always 0.8 or 0.1, as in `queue`
    truth, answers = [0] * 250 + [1] * 250 + [2] * 199, [0] * 250 + [1] * 150 + [0] * 100 + [2] * 199
    found = measure(queue(truth, answers), intervals=False)
    second, first, third = found.by_class  # of equally frequent labels by name
    # the first is said with 0.8 of 350 rows, 250 of which it is; with 0.1 of 349, none of which it is
    assert first.ece == pytest.approx((abs(350 * 0.8 - 250) + 349 * 0.1) / 699)
    # the second with 0.8 of 150, all rightly; with 0.1 of 549, of which it is 100
    assert second.ece == pytest.approx((abs(150 * 0.8 - 150) + abs(549 * 0.1 - 100)) / 699)
    assert third.ece is None
    assert (found.worst_label_ece, found.worst_label) == (max(first.ece, second.ece), "Access")


def test_the_recall_of_a_label_has_an_interval() -> None:
    billing = measure(queue([0] * 10, [0] * 5 + [1] * 5)).by_class[0]
    # Wilson's interval of five in ten, with z = 1.96
    assert (billing.recall_low, billing.recall_high) == (
        pytest.approx(0.2366, abs=1e-3),
        pytest.approx(0.7634, abs=1e-3),
    )
