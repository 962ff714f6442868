"""How many votes for one label a person may give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.allowance import allowance_of
from desk.feedback_policy import FeedbackPolicy

QUARTER = FeedbackPolicy(most_of_a_label=0.25, always_allowed=2)
counts = st.lists(st.integers(1, 60), max_size=8)


@pytest.mark.parametrize(
    ("given_", "heard"),
    [
        ([], []),
        ([1], [1]),
        ([1000], [2]),  # alone: what is always allowed
        ([1000, 1000], [2, 2]),
        ([5, 5, 5, 5], [5, 5, 5, 5]),  # a quarter each
        ([1000, 3, 3, 3], [3, 3, 3, 3]),
        ([1000, 4, 4, 4], [4, 4, 4, 4]),
        # 30 of others: 10 of 40 are a quarter, and two that flood get 15 each of 60.
        ([1000, *[3] * 10], [10, *[3] * 10]),
        ([1000, 900, *[3] * 10], [15, 15, *[3] * 10]),
    ],
)
def test_nobody_is_heard_for_more_than_the_share(given_: list[int], heard: list[int]) -> None:
    allowed = allowance_of(given_, QUARTER)
    assert [min(count, allowed) for count in given_] == heard


@given(counts, st.sampled_from([0.1, 0.25, 0.5, 1.0]), st.integers(1, 10))
def test_it_is_the_greatest_number_that_keeps_the_share(given_: list[int], share: float, always: int) -> None:
    allowed = allowance_of(given_, FeedbackPolicy(most_of_a_label=share, always_allowed=always))
    fits = [
        number
        for number in range(1, max(given_, default=0) + 1)
        if number <= share * sum(min(count, number) for count in given_) + 1e-9
    ]
    assert allowed == max([always, *fits])


@given(counts, st.integers(0, 7), st.integers(1, 500))
def test_who_speaks_more_lowers_what_nobody_else_may_say(given_: list[int], place: int, more: int) -> None:
    before = allowance_of(given_, QUARTER)
    louder = [count + more * (number == place) for number, count in enumerate(given_)]
    after = allowance_of(louder, QUARTER)
    for number, count in enumerate(given_):
        assert number == place or min(count, after) >= min(count, before)
