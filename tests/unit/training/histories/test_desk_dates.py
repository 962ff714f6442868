from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.histories.dates import parse_time, parse_times

NOON = datetime(2026, 4, 3, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-04-03T12:05:00Z",
        "2026-04-03T14:05:00+02:00",
        "2026-04-03 12:05",
        "2026-04-03 12:05:00+00:00",
        "2026/04/03 12:05",
        "2026.4.3 12:05",
        "03.04.2026 12:05",
        "3/4/2026 12:05:00",
        "03-04-2026, 12:05",
        "3/4/26 12:05 PM",
        "3 Apr 2026 12:05",
        "Fri, 03 Apr 2026 12:05:00 GMT",
        "03-Apr-2026 12:05",
        "April 3, 2026 12:05 PM",
        "Apr 3, 2026, 12:05 p.m.",
        "Fri, 3 Apr 2026 08:05:00 EDT",
        "2026/04/03 14:05 +0200",
        "3.4.2026 14:05 MESZ",
        "1775217900",
        "1775217900.0",
        "1775217900000",
    ],
)
def test_one_moment_in_many_notations(text: str) -> None:
    assert parse_time(text) == NOON


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-13-01",
        "31.02.2026",
        "12",
        "20261121",
        "99/99/2026",
        "2026-04-03 25:00",
        "3 Foo 2026",
        "9999-12-31T23:59:59-14:00",
        "2026-04-03 12:05 XYZ",
    ],
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert parse_time(text) is None


def test_one_day_above_twelve_tells_the_order_for_every_column() -> None:
    found = parse_times({"a": ["04/03/2026", None], "b": ["04/25/2026"]})
    assert found["a"].values == [datetime(2026, 4, 3, tzinfo=UTC), None]
    assert (
        "1 dates could be day or month first; read as month first, as other dates of the file are" in found["a"].notes
    )


def test_an_order_that_nothing_proves_is_day_first_and_said() -> None:
    found = parse_times({"a": ["04/03/2026"]})["a"]
    assert found.values == [datetime(2026, 3, 4, tzinfo=UTC)]
    assert any("nothing in the file proves" in note for note in found.notes)


def test_missing_zones_mixed_notations_and_nonsense_are_said() -> None:
    found = parse_times({"a": ["2026-04-03 12:05", "2026-04-03T12:05:00Z", "13.04.2026", "later", None]})["a"]
    assert found.unreadable == [3]
    assert found.notes == (
        "2 times without a zone are taken as UTC",
        "mixed notations, each read by its own: 2 ISO 8601, 1 DD.MM.YYYY",
        "1 values are no times (the first in row 4) and count as missing",
    )


MOMENTS = st.integers(0, 7_000_000_000).map(lambda seconds: datetime(1971, 1, 1) + timedelta(seconds=seconds))  # noqa: DTZ001 - each test gives it a zone
ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(MOMENTS, ZONES)
def test_every_rfc_3339_time_comes_back_as_the_same_instant(at: datetime, zone: timezone) -> None:
    aware = at.replace(tzinfo=zone)
    assert parse_time(aware.isoformat()) == aware


@given(
    MOMENTS, st.sampled_from(["%d.%m.%Y %H:%M:%S", "%d %b %Y %H:%M:%S", "%B %d, %Y %I:%M:%S %p", "%Y/%m/%d %H:%M:%S"])
)
def test_every_local_notation_comes_back_as_the_same_instant(at: datetime, notation: str) -> None:
    assert parse_time(at.strftime(notation)) == at.replace(tzinfo=UTC)


@given(st.text(max_size=40))
def test_no_text_makes_it_stumble(text: str) -> None:
    found = parse_time(text)
    assert found is None or found.tzinfo is UTC
