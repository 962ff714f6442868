"""Who is learned from and who judges: by time where there is time, else dealt like cards."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.learning.split import deal, split_rows

START = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = st.lists(st.integers(0, 30), min_size=1, max_size=80)
COPIES = st.lists(st.tuples(st.integers(0, 25), st.sampled_from(["A", "B", "C", None])), min_size=1, max_size=80)


def at(*hours: int) -> list[datetime | None]:
    return [START + timedelta(hours=hour) for hour in hours]


@given(HOURS)
def test_every_row_is_learned_from_or_judges_and_none_does_both(hours: list[int]) -> None:
    for times in (at(*hours), [None] * len(hours)):
        split = split_rows(times, range(len(hours)), ["A"] * len(hours), seed=1)
        assert sorted([*split.learned, *split.judged]) == list(range(len(hours)))


@given(HOURS)
def test_by_time_all_that_is_learned_from_came_before_all_that_judges(hours: list[int]) -> None:
    split = split_rows(at(*hours), range(len(hours)), ["A"] * len(hours), seed=1)
    if split.by_time:
        assert max(hours[place] for place in split.learned) < min(hours[place] for place in split.judged)
        assert [hours[place] for place in split.learned] == sorted(hours[place] for place in split.learned)
        assert 0.05 <= len(split.judged) / len(hours) <= 0.5


def test_the_newest_fifth_judges_whatever_the_order_of_the_file() -> None:
    hours = list(np.random.default_rng(1).permutation(100))
    split = split_rows(at(*map(int, hours)), range(100), ["A"] * 100, seed=1)
    assert sorted(hours[place] for place in split.judged) == list(range(80, 100))
    assert (
        split.how == "by time: learned from what was opened before 2026-01-04T08:00:00+00:00, judged on what came after"
    )


@pytest.mark.parametrize(
    ("sizes", "judged"),
    [
        ([70, 20, 10], 30),  # rows 71 to 90 share a moment: the nearer border lies before them
        ([75, 20, 5], 25),
        ([60, 30, 10], 10),  # the nearer one lies after them
        ([50, 50], 50),
    ],
)
def test_rows_of_one_moment_stay_on_one_side(sizes: list[int], judged: int) -> None:
    hours = [hour for hour, size in enumerate(sizes) for _ in range(size)]
    split = split_rows(at(*hours), range(100), ["A"] * 100, seed=1)
    assert split.by_time
    assert len(split.judged) == judged


@pytest.mark.parametrize("sizes", [[100], [99, 1], [3, 97], [40, 60]])
def test_where_too_many_share_a_moment_it_is_a_shuffle_and_says_so(sizes: list[int]) -> None:
    hours = [hour for hour, size in enumerate(sizes) for _ in range(size)]
    split = split_rows(at(*hours), range(100), ["A"] * 100, seed=1)
    assert not split.by_time
    assert "the history has too few different times" in split.how
    assert len(split.judged) == 20


def test_the_same_instant_in_other_zones_is_the_same_moment() -> None:
    times = [datetime.fromisoformat(f"2026-01-01T{12 + zone:02}:00:00+{zone:02}:00") for zone in range(10)] * 10
    assert not split_rows(times, range(100), ["A"] * 100, seed=1).by_time


@pytest.mark.parametrize(
    ("times", "why"), [([None] * 10, "has no times"), ([*at(*range(9)), None], "lacks the time of 1 of 10 rows")]
)
def test_without_all_times_it_is_a_shuffle_that_says_why(times: list[datetime | None], why: str) -> None:
    split = split_rows(times, range(10), ["A"] * 10, seed=7)
    assert (split.by_time, len(split.judged)) == (False, 2)
    assert split.how.startswith(f"a shuffle with seed 7, since the history {why};")


def test_a_shuffle_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    splits = [split_rows([None] * 50, range(50), ["A"] * 50, seed=seed).judged.tolist() for seed in (1, 1, 2)]
    assert splits[0] == splits[1] != splits[2]


@given(COPIES)
def test_copies_of_one_ticket_never_stand_on_both_sides(rows: list[tuple[int, str | None]]) -> None:
    copies, labels = [copy for copy, _ in rows], [label for _, label in rows]
    split = split_rows([None] * len(rows), copies, labels, seed=3)
    assert not {copies[place] for place in split.learned} & {copies[place] for place in split.judged}


@given(st.lists(st.sampled_from(["A", "B", None]), max_size=60), st.integers(2, 7), st.integers(0, 5))
def test_a_deal_gives_each_fold_its_share_of_each_label(labels: list[str | None], folds: int, seed: int) -> None:
    dealt = deal(range(len(labels)), labels, folds=folds, seed=seed)
    assert set(dealt.tolist()) <= set(range(folds))
    for wanted in [*set(labels), ...]:
        counts = Counter(int(fold) for fold, label in zip(dealt, labels, strict=True) if wanted in (label, ...))
        shares = [counts[fold] for fold in range(folds)]
        assert max(shares) - min(shares) <= 1


@given(COPIES, st.integers(2, 5))
def test_rows_that_are_copies_are_dealt_to_one_fold(rows: list[tuple[int, str | None]], folds: int) -> None:
    dealt = deal([copy for copy, _ in rows], [label for _, label in rows], folds=folds, seed=1)
    found = defaultdict(set)
    for fold, (copy, _) in zip(dealt.tolist(), rows, strict=True):
        found[copy].add(fold)
    assert all(len(one) == 1 for one in found.values())


def test_nothing_is_dealt_where_nothing_is() -> None:
    assert deal([], [], folds=3, seed=1).tolist() == []
    assert len(split_rows([], [], [], seed=1).judged) == 0
