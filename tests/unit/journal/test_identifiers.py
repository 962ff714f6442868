from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import JournalError
from journal.identifiers import is_prediction_id, prediction_id

MOMENTS = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2500, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is an argument


@given(MOMENTS, MOMENTS)
def test_names_sort_by_time_in_milliseconds(one: datetime, other: datetime) -> None:
    earlier, later = sorted([one, other])
    if int(earlier.timestamp() * 1000) < int(later.timestamp() * 1000):
        assert prediction_id(earlier) < prediction_id(later)


def test_a_name_begins_with_its_milliseconds_as_in_the_example_of_rfc_9562() -> None:
    # RFC 9562, A.6: 22 February 2022, 14:22:22.00 -05:00 is 0x017F22E279B0.
    assert prediction_id(datetime.fromisoformat("2022-02-22T14:22:22-05:00")).startswith("017f22e279b0")


def test_names_of_one_moment_differ_and_look_like_names() -> None:
    names = {prediction_id(datetime(2026, 1, 1, tzinfo=UTC)) for _ in range(1000)}
    assert len(names) == 1000
    assert all(is_prediction_id(name) for name in names)


@pytest.mark.parametrize("text", ["", "0" * 31, "0" * 33, "G" * 32, "0" * 31 + "\n", "٠" * 32])
def test_what_is_no_name_does_not_look_like_one(text: str) -> None:
    assert not is_prediction_id(text)


@pytest.mark.parametrize("at", [datetime(2026, 1, 1), datetime(1969, 1, 1, tzinfo=UTC)])  # noqa: DTZ001 - refused
def test_a_time_without_zone_or_before_1970_is_refused(at: datetime) -> None:
    with pytest.raises(JournalError):
        prediction_id(at)


@given(MOMENTS)
def test_a_name_says_when_it_was_made(at: datetime) -> None:
    name = prediction_id(at)
    assert is_prediction_id(name)
    assert int(name[:12], 16) == int(at.timestamp() * 1000)


@given(st.text("0123456789abcdefABCDEFg ٣\n-", min_size=30, max_size=34) | st.text(max_size=40))
def test_only_32_small_hexadecimal_digits_look_like_a_name(text: str) -> None:
    assert is_prediction_id(text) == (len(text) == 32 and set(text) <= set("0123456789abcdef"))
