"""What people say of tickets that two versions answer otherwise: the published interval, and that it holds."""

import json
import math
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.gate import judged
from desk.gate_evidence import Changed, Figure, GateEvidence, evidence_in, with_run_off
from desk.gate_policy import GatePolicy
from desk.run_off import Tally


def test_the_interval_is_the_published_one() -> None:
    # Bonett and Price (2012): with b = 9 and c = 2 of n = 20 told, (b + 1 - c - 1) / 22 and its standard error.
    mine, theirs = 10 / 22, 3 / 22
    around = 1.959964 * math.sqrt((mine + theirs - (mine - theirs) ** 2) / 22)
    low, high = Tally(500, 50, 20, champion=2, challenger=9).interval
    assert low == pytest.approx(0.1 * (mine - theirs - around))
    assert high == pytest.approx(0.1 * (mine - theirs + around))


def test_where_nothing_was_told_nothing_is_known() -> None:
    assert all(map(math.isnan, Tally(500, 50, 0, 0, 0).interval))
    assert Tally(0, 0, 0, 0, 0).share == 0


@given(st.integers(1, 200), st.data())
def test_it_lies_within_what_is_possible(told: int, data: st.DataObject) -> None:
    champion = data.draw(st.integers(0, told))
    challenger = data.draw(st.integers(0, told - champion))
    one = Tally(1_000, 300, told, champion, challenger)
    low, high = one.interval
    assert -one.share <= low <= high <= one.share
    other = Tally(1_000, 300, told, challenger, champion).interval
    assert other == pytest.approx((-high, -low))


@pytest.mark.parametrize(("mine", "theirs"), [(0.45, 0.45), (0.7, 0.15), (0.1, 0.6)])
def test_what_is_true_lies_within_it_as_often_as_it_says(mine: float, theirs: float) -> None:
    """Of 2,000 draws of 20 tickets 100 may miss; more than 140 would by chance in one of 10,000 suites."""
    chance, missed = Random(11), 0
    for _ in range(2_000):
        drawn = [chance.random() for _ in range(20)]
        challenger, champion = sum(one < mine for one in drawn), sum(mine <= one < mine + theirs for one in drawn)
        low, high = Tally(1_000, 100, 20, champion, challenger).interval
        missed += not low <= 0.1 * (mine - theirs) <= high
    assert missed <= 140


ROWS = {"golden": 300, "newest": 400}


def evidence(*figures: Figure, **more: object) -> GateEvidence:
    return GateEvidence(rows=ROWS, figures=figures, **more)  # type: ignore[arg-type]


def told(tally: Tally) -> Figure:
    (figure,) = with_run_off(evidence(), {"queue": tally}).figures
    return figure


LESS_COVERAGE = Figure("newest", "queue", "coverage", 2_000, 0.65, 0.5, -0.17, -0.13)
UNKNOWN = Figure("both", "queue", "accuracy", 300, 0.80, 0.81, -0.03, 0.05)


def test_it_proves_a_challenger_better_in_words_that_a_lead_reads() -> None:
    said = told(Tally(500, 50, 23, champion=3, challenger=17))
    found = judged(evidence(UNKNOWN, said), GatePolicy())
    assert found.passes
    assert found.reasons == (
        "asked by chance about 23 of the 50 of 500 tickets whose queue they answer otherwise, people named the "
        "challenger's 17 times and the champion's 3 times: 6.1 points more are right (+2.6 to +8.6)",
    )


def test_it_makes_up_for_less_automation_and_for_many_changed_answers() -> None:
    said = told(Tally(500, 60, 23, champion=3, challenger=17))
    changed = {"queue": Changed(1_000, 0.12)}
    assert not judged(evidence(LESS_COVERAGE, UNKNOWN, changed=changed), GatePolicy()).passes
    found = judged(evidence(LESS_COVERAGE, UNKNOWN, said, changed=changed), GatePolicy())
    assert found.passes
    assert len(found.notes) == 1


def test_it_refuses_who_is_worse_and_lets_pass_who_is_surely_no_worse() -> None:
    worse = told(Tally(500, 60, 40, champion=30, challenger=5))
    assert not judged(evidence(worse), GatePolicy()).passes
    even = told(Tally(500, 20, 20, champion=8, challenger=8))
    assert not judged(evidence(UNKNOWN), GatePolicy()).passes
    assert judged(evidence(UNKNOWN, even), GatePolicy()).passes, "so few differ that it cannot be worse by 2 points"


def test_undecided_is_who_lacks_a_proof_and_nothing_else() -> None:
    assert judged(evidence(UNKNOWN), GatePolicy()).undecided
    assert judged(evidence(LESS_COVERAGE, UNKNOWN), GatePolicy()).undecided
    passing = Figure("both", "queue", "accuracy", 300, 0.80, 0.85, 0.02, 0.08)
    assert not judged(evidence(passing), GatePolicy()).undecided
    assert not judged(evidence(UNKNOWN, missing={"breach": "too few"}), GatePolicy()).undecided
    worse = Figure("newest", "escalation", "auroc", 300, 0.85, 0.75, -0.15, -0.05)
    assert not judged(evidence(worse, UNKNOWN), GatePolicy()).undecided
    settled = told(Tally(500, 60, 40, champion=30, challenger=5))
    assert judged(evidence(UNKNOWN, settled), GatePolicy()).undecided, "another answer might come"


def test_evidence_is_read_back_as_it_was_and_takes_what_people_said_last() -> None:
    nothing = Figure("newest", "queue", "ece", 3, float("nan"), 0.1, float("nan"), float("nan"), where="tier gold")
    before = evidence(UNKNOWN, nothing, changed={"queue": Changed(10, 0.5)}, missing={"breach": "too few"})
    said = with_run_off(before, {"queue": Tally(500, 50, 23, 3, 17)})
    assert repr(evidence_in(json.loads(json.dumps(said.to_json())))) == repr(
        replace(said, milliseconds=(0.0, 0.0), megabytes=(0.0, 0.0))
    )
    again = with_run_off(said, {"queue": Tally(500, 50, 30, 4, 22)})
    assert [one.rows for one in again.figures if one.on == "differing"] == [30]
