"""Thresholds from evidence: the published bound, the order of the tests, and that they hold as often as they say."""

from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import beta, binom

from desk.contracts import DELTA, _misses_allowed, rows_lacking, share_from, threshold_of
from desk.evidence import Answered


def answered(*runs: tuple[float, int, int]) -> Answered:
    """Runs of (probability, rows, misses among them), the surest first."""
    probabilities, hits = [], []
    for probability, rows, misses in runs:
        probabilities += [probability] * rows
        hits += [False] * misses + [True] * (rows - misses)
    return Answered(tuple(probabilities), tuple(hits))


def lower_bound(rows: int, misses: int) -> float:
    """Clopper and Pearson's one-sided lower bound of the precision, from the beta distribution."""
    return float(beta.ppf(DELTA, rows - misses, misses + 1)) if misses < rows else 0.0


@pytest.mark.parametrize(("demand", "rows"), [(0.9, 29), (0.95, 59), (0.96, 74), (0.97, 99), (0.99, 299)])
def test_without_a_miss_it_takes_the_rows_that_the_rule_of_three_is_known_for(demand: float, rows: int) -> None:
    # The least n with demand ** n <= 0.05: 0.9 ** 29 = 0.0471, 0.95 ** 59 = 0.0485, 0.96 ** 74 = 0.0488, …
    assert threshold_of(answered((0.99, rows, 0)), demand) == 0.99
    assert threshold_of(answered((0.99, rows - 1, 0)), demand) is None
    assert rows_lacking(answered((0.99, rows - 1, 0)), demand) == 1
    assert rows_lacking(answered(), demand) == rows


@given(st.integers(1, 400), st.integers(0, 20), st.floats(0.5, 0.999))
def test_one_set_of_rows_proves_exactly_what_its_clopper_pearson_bound_reaches(
    rows: int, misses: int, demand: float
) -> None:
    bound = lower_bound(rows, min(misses, rows))
    if abs(bound - demand) < 1e-9:
        return
    found = threshold_of(answered((0.9, rows, min(misses, rows))), demand)
    assert (found is not None) == (bound > demand)


def test_the_threshold_lies_where_the_evidence_stops_to_prove_the_demand() -> None:
    # 200 rows with 1 miss prove 0.96 (bound 0.9765), the next 100 with 10 more do not (300, 11: 0.940).
    rows = answered((0.99, 200, 1), (0.8, 100, 10))
    assert lower_bound(200, 1) > 0.96 > lower_bound(300, 11)
    assert threshold_of(rows, 0.96) == 0.99
    assert threshold_of(rows, 0.9) == 0.8
    assert share_from(rows, 0.99) == pytest.approx(2 / 3)
    assert share_from(rows, 0.8) == 1
    assert share_from(rows, None) == 0


def test_rows_of_equal_probability_are_taken_together() -> None:
    # The first 74 would do, but nobody can tell them from the 30 of the same probability that hold the misses.
    hits = (True,) * 74 + (False,) * 5 + (True,) * 25
    assert threshold_of(Answered((0.9,) * 104, hits), 0.96) is None


def test_a_miss_among_the_surest_does_not_end_it_where_probabilities_tell_of_misses() -> None:
    # Tickets that are right in 98 of 100: of 74 rows without a miss there is little hope, of 600 with 12 there is.
    hits = tuple(place % 50 != 0 for place in range(600))
    rows = Answered(tuple(0.98 - place * 1e-6 for place in range(600)), hits)
    assert not hits[0]
    found = threshold_of(rows, 0.96)
    assert found is not None
    assert share_from(rows, found) > 0.9


def test_rows_lacking_are_those_that_make_a_threshold_when_they_come_without_a_miss() -> None:
    # One miss among the first 80 rows: 117 rows prove 0.96 with one miss among them.
    assert lower_bound(117, 1) >= 0.96 > lower_bound(116, 1)
    rows = answered((0.9, 80, 1))
    assert rows_lacking(rows, 0.96) == 37
    assert threshold_of(answered((0.9, 117, 1)), 0.96) == 0.9


def test_misses_far_down_do_not_count_against_what_is_lacking_at_the_top() -> None:
    assert rows_lacking(answered((0.9, 50, 0), (0.4, 50, 40)), 0.96) == 24


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=200), st.sampled_from([0.6, 0.9, 0.96]))
def test_a_threshold_is_one_of_the_probabilities_and_its_rows_prove_the_demand(
    rows: list[tuple[float, bool]], demand: float
) -> None:
    rows.sort(key=lambda row: -row[0])
    evidence = Answered(tuple(row[0] for row in rows), tuple(row[1] for row in rows))
    threshold = threshold_of(evidence, demand)
    if threshold is None:
        assert rows_lacking(evidence, demand) >= 1
        return
    taken = [hit for probability, hit in rows if probability >= threshold]
    assert threshold in evidence.probabilities
    assert lower_bound(len(taken), taken.count(False)) >= demand - 1e-9


@pytest.mark.parametrize(("low", "high"), [(0.9, 1.0), (0.955, 0.955)])
def test_a_threshold_is_too_low_in_no_more_trials_than_it_may_be(low: float, high: float) -> None:
    """300 rows whose chances of being right fall, or all just miss the demand.

    Of 1,000 trials 50 may fail; more than 69 would by chance in one of 400 suites.
    """
    chance, failed = Random(7), 0
    falling = tuple(1 - place / 1000 for place in range(300))
    for _ in range(1_000):
        chances = sorted((chance.uniform(low, high) for _ in falling), reverse=True)
        hits = tuple(chance.random() < one for one in chances)
        threshold = threshold_of(Answered(falling, hits), 0.96)
        if threshold is not None:
            taken = falling.index(threshold) + 1
            failed += sum(chances[:taken]) / taken < 0.96
    assert failed <= 69


@given(st.integers(0, 300), st.floats(0.5, 0.9999), st.sampled_from([0.01, 0.05, 0.2]))
@example(rows=4096, demand=0.95, delta=DELTA)
def test_the_misses_that_are_allowed_are_those_that_counting_row_by_row_finds(
    rows: int, demand: float, delta: float
) -> None:
    expected, found = [-1], -1
    for count in range(1, rows + 1):
        found += bool(binom.cdf(found + 1, count, 1 - demand) <= delta)
        expected.append(found)
    assert list(_misses_allowed(rows, demand, delta)) == expected
