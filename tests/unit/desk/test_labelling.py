"""How minutes are counted, and what those that are left are worth."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.labelling import FIRST, LONGEST, Gain, gain_of, pace_of, spent

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
MOMENTS = st.lists(st.integers(0, 86_400).map(lambda seconds: NOON + timedelta(seconds=seconds)), max_size=40)


def after(*seconds: int) -> list[datetime]:
    return [NOON + timedelta(seconds=one) for one in seconds]


def test_each_answer_counts_from_the_one_before_but_no_more_than_two_minutes() -> None:
    assert spent([]) == timedelta()
    assert spent(after(0)) == FIRST
    assert spent(after(50, 0, 10)) == FIRST + timedelta(seconds=50)
    assert spent(after(0, 3_600)) == FIRST + LONGEST


@given(MOMENTS)
def test_no_order_and_no_pause_makes_more_of_it(times: list[datetime]) -> None:
    whole = spent(times)
    assert whole == spent(times[::-1])
    assert timedelta() <= whole <= FIRST + LONGEST * max(0, len(times) - 1)
    if times:
        assert whole <= FIRST + (max(times) - min(times))


def test_a_pace_is_the_median_of_enough_answers() -> None:
    assert pace_of(after(0, 1, 2)) == FIRST
    assert pace_of(after(0, 10, 20, 30, 40, 50, 60)) == timedelta(seconds=10)


def test_the_gain_is_the_share_of_worth_of_what_fits() -> None:
    assert gain_of(timedelta(minutes=1), timedelta(seconds=30), [4, 2, 1, 1]) == Gain(2, pytest.approx(0.75))
    assert gain_of(timedelta(), timedelta(seconds=30), [4, 2]) == Gain(0, 0.0)
    assert gain_of(timedelta(hours=9), timedelta(seconds=30), [4, 2]) == Gain(2, 1.0)
    assert gain_of(timedelta(hours=9), timedelta(), [4.0]) == Gain(1, 1.0)


@pytest.mark.parametrize("worths", [[], [0.0, 0.0]])
def test_where_nothing_is_known_of_the_worth_nothing_is_promised(worths: list[float]) -> None:
    assert gain_of(timedelta(minutes=5), timedelta(seconds=30), worths) is None
