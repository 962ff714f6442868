from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from simulation.arrivals import add_staffed_hours, arrival_times, is_staffed

TIMES = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
HOURS = st.floats(0, 200)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_hours_are_counted_within_a_day() -> None:
    assert add_staffed_hours(at("2026-11-04 09:30"), 2.5) == at("2026-11-04 12:00")


def test_an_evening_ticket_starts_the_next_morning() -> None:
    assert add_staffed_hours(at("2026-11-04 22:00"), 1) == at("2026-11-05 08:00")


def test_friday_afternoon_runs_over_into_monday() -> None:
    assert add_staffed_hours(at("2026-11-06 16:00"), 3) == at("2026-11-09 09:00")


def test_a_saturday_ticket_waits_for_monday_and_fifty_hours_are_a_week() -> None:
    assert add_staffed_hours(at("2026-11-07 12:00"), 0.5) == at("2026-11-09 07:30")
    assert add_staffed_hours(at("2026-11-03 10:00"), 50) == at("2026-11-10 10:00")


@given(TIMES, HOURS)
def test_work_ends_later_and_while_somebody_is_there(begins: datetime, hours: float) -> None:
    ends = add_staffed_hours(begins, hours)
    assert ends >= begins - timedelta(milliseconds=1)
    assert is_staffed(ends + timedelta(milliseconds=1)) or ends.hour == 17


@given(TIMES, HOURS, st.floats(0.01, 50))
def test_more_work_takes_longer(begins: datetime, hours: float, more: float) -> None:
    assert add_staffed_hours(begins, hours + more) > add_staffed_hours(begins, hours)


def test_arrivals_ascend_within_the_days_and_fill_weekdays_more() -> None:
    start = at("2025-11-01 00:00")
    times = arrival_times(5000, start, 365, seed=3)
    assert times == sorted(times)
    assert start <= times[0]
    assert times[-1] < start + timedelta(days=365)
    weekend = sum(one.weekday() >= 5 for one in times) / 5000
    assert weekend < 2 / 7 / 2, "half of a weekend's share of the days"


def test_another_seed_gives_other_arrivals() -> None:
    start = at("2025-11-01 00:00")
    assert arrival_times(50, start, 30, 1) == arrival_times(50, start, 30, 1) != arrival_times(50, start, 30, 2)
