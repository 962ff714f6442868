"""What refuses a challenger and what does not, in words that people read."""

from dataclasses import replace
from typing import Any

import pytest

from desk.errors import SettingError
from desk.gate import Judgement, judged
from desk.gate_evidence import Changed, Figure, GateEvidence, with_run_off
from desk.gate_policy import GatePolicy, read_gate_policy
from desk.run_off import Tally

POLICY = GatePolicy()
ROWS: Any = {"golden": 300, "newest": 400}


def figure(champion: float, challenger: float, width: float = 0.01, **more: Any) -> Figure:
    difference = challenger - champion
    made = Figure("newest", "queue", "macro_f1", 400, champion, challenger, difference - width, difference + width)
    return replace(made, **more)


def evidence(*figures: Figure, **more: Any) -> GateEvidence:
    return GateEvidence(**{"rows": ROWS, "figures": figures, **more})


def test_what_is_no_worse_passes_and_says_what_is_better() -> None:
    better = figure(0.7, 0.75, name="accuracy", on="both")
    found = judged(evidence(figure(0.7, 0.69), better), POLICY)
    assert found.passes
    assert found.reasons == (
        "on all tickets that judge (400 rows) its queue accuracy is 0.750, the champion's 0.700: 5.0 points higher "
        "(4.0 to 6.0)",
    )
    assert judged(evidence(figure(0.7, 0.7)), POLICY).reasons == (
        "it is surely no worse than its margins allow, and knows newer tickets",
    )


def test_what_may_be_worse_waits_for_more_labels_unless_something_is_surely_better() -> None:
    unknown = figure(0.7, 0.7, width=0.03, name="accuracy", on="both", head="priority")
    found = judged(evidence(unknown), POLICY)
    assert not found.passes
    assert found.reasons == (
        "nothing proves it better, and on all tickets that judge (400 rows) its priority accuracy may be 3.0 points "
        "lower (-3.0 to +3.0), where 2.0 points are allowed: more labels will tell",
    )
    assert judged(evidence(figure(0.7, 0.7, width=0.019, name="accuracy", on="both")), POLICY).passes
    better = figure(0.7, 0.75, name="accuracy", on="both")
    assert judged(evidence(unknown, better), POLICY).passes
    nothing_known = replace(unknown, low=float("nan"), high=float("nan"))
    assert judged(evidence(nothing_known), POLICY).passes


def test_a_proof_is_corrected_for_how_many_figures_might_seem_one() -> None:
    """Breach 0.8 points higher (0.1 to 1.6) is a proof alone, and among four heads what chance brings in one of ten."""
    breach = figure(0.9, 0.908, width=0.0075, name="auroc", on="both", head="breach")
    unknown = figure(0.7, 0.7, width=0.03, name="accuracy", on="both")
    others = (replace(unknown, head="priority"), replace(unknown, head="escalation", name="auroc"))
    assert judged(evidence(breach, replace(unknown, low=-0.019)), POLICY).passes
    found = judged(evidence(breach, unknown, *others), POLICY)
    assert not found.passes
    assert found.undecided
    assert judged(evidence(replace(breach, low=0.004, high=0.012), unknown, *others), POLICY).passes


def test_no_head_may_look_worse_than_its_margin_though_another_is_surely_better() -> None:
    better = figure(0.7, 0.75, name="accuracy", on="both")
    worse = figure(0.7, 0.675, width=0.03, name="accuracy", on="both", head="priority")
    found = judged(evidence(better, worse), POLICY)
    assert not found.passes
    assert found.undecided
    assert found.reasons == (
        "on all tickets that judge (400 rows) its priority accuracy looks 2.5 points lower (-5.5 to +0.5), where 2.0 "
        "points are allowed, and nothing says yet that this is chance: more labels will tell",
    )
    assert judged(evidence(better, replace(worse, challenger=0.685)), POLICY).passes

    def said(champion: int, challenger: int) -> Judgement:
        tally = Tally(tickets=1_000, differing=100, told=20, champion=champion, challenger=challenger)
        return judged(with_run_off(evidence(better, worse), {"priority": tally}), POLICY)

    assert said(8, 9).passes, "people were asked about just what differs"
    assert not said(11, 7).passes
    assert said(11, 7).undecided


def test_a_risk_that_looks_worse_is_refused_and_no_question_would_tell() -> None:
    better = figure(0.7, 0.75, name="accuracy", on="both")
    worse = figure(0.9, 0.875, width=0.03, name="auroc", on="both", head="escalation")
    found = judged(evidence(better, worse), POLICY)
    assert not found.passes
    assert not found.undecided


def test_what_is_worse_beyond_its_margin_and_not_by_chance_refuses() -> None:
    found = judged(evidence(figure(0.7, 0.65)), POLICY)
    assert not found.passes
    assert found.reasons == (
        "on the newest tickets (400 rows) its queue macro-F1 is 0.650, the champion's 0.700: 5.0 points lower "
        "(4.0 to 6.0); 2.0 points worse is allowed",
    )


def test_within_the_margin_or_within_chance_nothing_is_held_against_it() -> None:
    assert judged(evidence(figure(0.7, 0.685)), POLICY).passes
    assert judged(evidence(figure(0.7, 0.65, width=0.06)), POLICY).passes


def test_of_a_calibration_error_less_is_better() -> None:
    assert not judged(evidence(figure(0.02, 0.06, name="ece")), POLICY).passes
    assert judged(evidence(figure(0.06, 0.02, name="ece")), POLICY).passes


def test_a_slice_has_a_margin_of_its_own() -> None:
    assert judged(evidence(figure(0.7, 0.66, name="accuracy", where="language de")), POLICY).passes
    found = judged(evidence(figure(0.7, 0.6, name="accuracy", where="language de")), POLICY)
    assert "(400 rows of language de)" in found.reasons[0]


def test_old_tickets_do_not_hold_up_a_desk_that_has_changed() -> None:
    old = figure(0.8, 0.7, on="golden")
    assert not judged(evidence(old), POLICY).passes
    found = judged(evidence(old, figure(0.6, 0.8)), POLICY)
    assert found.passes
    assert found.notes[0].endswith("but on the newest tickets it is better: the desk has changed")
    assert not judged(evidence(old, figure(0.6, 0.8, name="accuracy")), POLICY).passes


@pytest.mark.parametrize("on", ["golden", "newest"])
def test_who_is_right_more_often_on_the_newest_tickets_may_apply_fewer_by_itself(on: Any) -> None:
    less = figure(0.7, 0.5, name="coverage", on=on)
    assert not judged(evidence(less), POLICY).passes
    assert judged(evidence(less, figure(0.6, 0.8, name="accuracy")), POLICY).passes
    assert not judged(evidence(less, figure(0.6, 0.8, name="accuracy", on="golden")), POLICY).passes
    other = figure(0.6, 0.8, name="accuracy")
    assert not judged(evidence(less, replace(other, head="priority")), POLICY).passes


def test_too_few_rows_judge_nothing() -> None:
    found = judged(evidence(rows={"golden": 0, "newest": 99}), POLICY)
    assert found.reasons == (
        "too few rows judge it: 0 of the golden set and 99 new labelled tickets, where 100 of either are needed",
    )


def test_many_changed_answers_need_proof() -> None:
    changed: Any = {"queue": Changed(1000, 0.14)}
    found = judged(evidence(changed=changed), POLICY)
    assert found.reasons == (
        "it answers the queue of 14% of 1,000 recent tickets otherwise, where 10% is allowed and no new label says "
        "that it is right",
    )
    assert judged(evidence(figure(0.6, 0.7, name="accuracy"), changed=changed), POLICY).passes
    assert not judged(evidence(figure(0.6, 0.7, name="accuracy", on="golden"), changed=changed), POLICY).passes


def test_who_was_asked_by_chance_about_the_changed_answers_may_let_them_pass_without_a_proof() -> None:
    changed: Any = {"priority": Changed(1000, 0.14)}
    proof = figure(0.6, 0.7, name="accuracy")

    def said(champion: int, challenger: int) -> Judgement:
        tally = Tally(tickets=1_000, differing=140, told=20, champion=champion, challenger=challenger)
        return judged(with_run_off(evidence(proof, changed=changed), {"priority": tally}), POLICY)

    assert not judged(evidence(proof, changed=changed), POLICY).passes
    assert said(7, 9).passes
    assert not said(8, 8).passes
    assert not said(9, 7).passes


def test_a_version_that_learned_from_twice_as_many_tickets_may_be_twice_as_large() -> None:
    assert not judged(evidence(megabytes=(10.0, 20.0)), POLICY).passes
    assert judged(evidence(megabytes=(10.0, 20.0), taught=(6_000, 9_000)), POLICY).passes
    assert not judged(evidence(megabytes=(10.0, 20.0), taught=(9_000, 6_000)), POLICY).passes
    found = judged(evidence(megabytes=(10.0, 40.0), taught=(6_000, 9_000)), POLICY)
    assert found.reasons == ("it has 40 MB, 4.0 times the champion's; 2.25 times is allowed",)


def test_what_it_costs_is_bounded_and_no_head_is_lost() -> None:
    assert not judged(evidence(milliseconds=(0.4, 0.7)), POLICY).passes
    assert judged(evidence(milliseconds=(0.1, 0.49)), POLICY).passes, "half a millisecond is fast, whatever was faster"
    assert not judged(evidence(megabytes=(30.0, 50.0)), POLICY).passes
    assert judged(evidence(milliseconds=(0.4, 0.5), megabytes=(30.0, 40.0)), POLICY).passes
    missing: Any = {"breach": "too few rows"}
    assert judged(evidence(missing=missing), POLICY).reasons == ("it has no breach head: too few rows",)


def test_the_policy_is_read_strictly_and_written_back() -> None:
    assert read_gate_policy(None) == POLICY
    policy = read_gate_policy({"macro_f1": 0.01, "fewest_rows": 50})
    assert (policy.macro_f1, policy.fewest_rows, policy.accuracy) == (0.01, 50, 0.02)
    assert read_gate_policy(policy.to_json()) == policy


@pytest.mark.parametrize("value", [[], {"f1": 0.1}, {"macro_f1": "0.1"}, {"macro_f1": 1.5}, {"fewest_rows": 0.5}])
def test_whatever_else_it_cannot_mean_is_refused(value: Any) -> None:
    with pytest.raises(SettingError, match="gate"):
        read_gate_policy(value)
