"""The setting `topics`."""

from datetime import UTC, datetime
from typing import Any

import pytest

from desk.errors import SettingError
from desk.topics import Topic, read_topics, topics_json, with_topic

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
GIVEN = {"name": "Wallet", "since": "2026-03-01T00:00:00Z", "kind": "tag", "predictions": ["p1"]}


def test_topics_are_read_and_written_as_the_same() -> None:
    topics = read_topics({"topics": [GIVEN]})
    assert topics == (Topic("Wallet", MARCH, ("p1",)),)
    assert read_topics(topics_json(topics)) == topics
    assert read_topics(None) == ()


def test_one_more_is_put_in_its_place_and_no_two_have_one_name() -> None:
    earlier = with_topic(read_topics({"topics": [GIVEN]}), Topic(" Refunds ", datetime(2026, 1, 1, tzinfo=UTC)))
    assert [one.name for one in earlier] == ["Refunds", "Wallet"]
    with pytest.raises(SettingError, match="no other topic has"):
        with_topic(earlier, Topic("wallet", MARCH))


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([], ""),
        ({"topics": {}}, ""),
        ({"topics": ["Wallet"]}, "topics.0"),
        ({"topics": [{**GIVEN, "words": []}]}, "topics.0"),
        ({"topics": [{**GIVEN, "name": " "}]}, "topics.0.name"),
        ({"topics": [{**GIVEN, "name": "x" * 257}]}, "topics.0.name"),
        ({"topics": [{**GIVEN, "kind": "queue"}]}, "topics.0.kind"),
        ({"topics": [{**GIVEN, "since": "2026-03-01T00:00:00"}]}, "topics.0.since"),
        ({"topics": [{**GIVEN, "predictions": [1]}]}, "topics.0.predictions"),
        ({"topics": [GIVEN, {**GIVEN, "name": "WALLET"}]}, "topics.1.name"),
    ],
)
def test_what_it_cannot_mean_is_refused_by_its_field(value: Any, field: str) -> None:
    with pytest.raises(SettingError) as raised:
        read_topics(value)
    assert raised.value.field == field
