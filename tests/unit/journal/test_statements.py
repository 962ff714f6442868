from datetime import UTC, datetime, timedelta, timezone

import pytest

from desk.errors import FeedbackError
from journal.statements import as_json, check_age, digest_of

NOW = datetime(2026, 11, 21, 10, 2, 3, 456789, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_name_is_of_what_is_said_in_whatever_zone_and_order() -> None:
    eastern = NOW.astimezone(timezone(timedelta(hours=3)))
    assert digest_of(NOW, {"a": 1, "b": None}) == digest_of(eastern, {"b": None, "a": 1})
    assert digest_of(NOW, "a") != digest_of(NOW + HOUR, "a") != digest_of(NOW, "b")


def test_times_are_kept_in_utc_and_all_else_as_it_is() -> None:
    said = {"resolved_at": NOW.astimezone(timezone(-HOUR)), "queue": None, "satisfaction": 0.1 + 0.2}
    kept = {"resolved_at": "2026-11-21T10:02:03.456789+00:00", "queue": None, "satisfaction": 0.1 + 0.2}
    assert as_json(said) == kept


def test_nothing_was_said_before_1970() -> None:
    check_age(datetime(1970, 1, 1, tzinfo=UTC))
    for early in (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), datetime.min.replace(tzinfo=UTC)):
        with pytest.raises(FeedbackError, match="'at' must not lie before 1970, not ") as caught:
            check_age(early)
        assert (caught.value.field, caught.value.expected) == ("at", "must not lie before 1970")
