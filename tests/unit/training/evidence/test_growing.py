import numpy as np
import pytest

from training.evidence.growing import HeldOutGrowth, judge_growth


def held_out(rows: int = 40) -> HeldOutGrowth:
    """After one message as good as at the opening, after two perfect; after three nearly nobody is left."""
    truth = np.arange(rows) % 2 == 0
    opening = np.where(np.arange(rows) % 4 < 2, 0.6, 0.4)  # half of either label is ranked above
    now = np.concatenate((opening, np.where(truth, 0.9, 0.1), opening[:4]))
    counts = np.repeat([1, 2, 3], [rows, rows, 4])
    both = np.concatenate((truth, truth, truth[:4]))
    return HeldOutGrowth("escalation", counts, both, np.concatenate((opening, opening, opening[:4])), now)


def test_each_moment_is_judged_beside_the_opening_of_its_own_tickets() -> None:
    evidence = judge_growth(held_out())
    first, second = evidence.moments
    assert (first.messages, first.rows, first.base_rate) == (1, 40, 0.5)
    assert first.auroc == first.opening_auroc == pytest.approx(0.5)
    assert (second.auroc, second.opening_auroc, second.gain) == (1.0, pytest.approx(0.5), pytest.approx(0.5))
    assert second.ece == pytest.approx(0.1)


def test_figures_are_named_by_their_moment() -> None:
    figures = judge_growth(held_out()).figures()
    assert figures["auroc_after_2"] == 1.0
    assert figures["auroc_at_opening_after_1"] == pytest.approx(0.5)
    assert figures["auroc_gain_after_2"] == pytest.approx(0.5)
    assert not any(name.endswith("_3") for name in figures)


def test_one_sentence_says_what_the_last_moment_gains() -> None:
    assert list(judge_growth(held_out()).notes()) == [
        "escalation, scored again after message 2: AUROC 1.000 on 40 held-out tickets that were open then, "
        "0.500 at their opening"
    ]
    nobody = np.empty(0)
    empty = HeldOutGrowth("breach", nobody.astype(np.int64), nobody.astype(np.bool_), nobody, nobody)
    assert list(judge_growth(empty).notes()) == []
    assert judge_growth(held_out()).to_json()[1]["gain"] == pytest.approx(0.5)
