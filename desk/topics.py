"""Topics that were found in tickets and given a name: the setting `topics`, read strictly from JSON and written back.

A topic that became a queue is a record of the taxonomy instead. Knows neither tickets nor where settings live.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from desk.errors import SettingError
from desk.setting_values import moment_of

__all__ = ["TOPICS_SETTING", "Topic", "read_topics", "topics_json", "with_topic"]

TOPICS_SETTING: Final = "topics"

_KIND: Final = "tag"
_LONGEST_NAME: Final = 256
_MOST_TOPICS: Final = 2_000
_MOST_EXEMPLARS: Final = 100
_MEMBERS: Final = ("name", "since", "kind", "predictions")


@dataclass(frozen=True, slots=True)
class Topic:
    """A tag. since: aware. predictions: ids of answers to tickets that show what is meant."""

    name: str
    since: datetime
    predictions: tuple[str, ...] = ()


def read_topics(value: Any) -> tuple[Topic, ...]:
    """The topics in a JSON value: `{"topics": [{"name": …, "since": …, "kind": "tag", "predictions": […]}]}`.

    None, for a setting that was never set, holds none. Raises `SettingError` for whatever else it cannot mean, and for
    two of one name.
    """
    given = {"topics": []} if value is None else value
    if not isinstance(given, dict) or set(given) != {"topics"} or not isinstance(given["topics"], list):
        raise _wrong("", "must be a JSON object with a list of `topics`", value)
    if len(given["topics"]) > _MOST_TOPICS:
        raise _wrong("topics", f"must hold at most {_MOST_TOPICS:,} topics", len(given["topics"]))
    topics = tuple(_topic(one, f"topics.{place}") for place, one in enumerate(given["topics"]))
    names = [one.name.casefold() for one in topics]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise _wrong(f"topics.{place}.name", "must be one that no other topic has", topics[place].name)
    return topics


def topics_json(topics: Sequence[Topic]) -> dict[str, Any]:
    """The JSON value that `read_topics` reads as the same."""
    told = ({**asdict(one), "since": one.since.isoformat(), "predictions": list(one.predictions)} for one in topics)
    return {"topics": [{**one, "kind": _KIND} for one in told]}


def with_topic(topics: Sequence[Topic], topic: Topic) -> tuple[Topic, ...]:
    """The same with one more, in the order of their dates. Raises `SettingError` where there is one of its name."""
    bare = replace(topic, name=topic.name.strip())
    return read_topics(topics_json(sorted([*topics, bare], key=lambda one: one.since)))


def _topic(value: Any, field: str) -> Topic:
    if not isinstance(value, dict) or not set(value) <= set(_MEMBERS):
        raise _wrong(field, f"must be a JSON object with {', '.join(_MEMBERS)}", value)
    name, predictions = value.get("name"), value.get("predictions", [])
    if not isinstance(name, str) or not name.strip() or name != name.strip() or len(name) > _LONGEST_NAME:
        raise _wrong(f"{field}.name", f"must be a name of 1 to {_LONGEST_NAME} characters", name)
    if value.get("kind") != _KIND:
        raise _wrong(f"{field}.kind", f"must be {_KIND!r}", value.get("kind"))
    is_list = isinstance(predictions, list) and len(predictions) <= _MOST_EXEMPLARS
    if not is_list or not all(isinstance(one, str) and one for one in predictions):
        raise _wrong(f"{field}.predictions", f"must be a list of at most {_MOST_EXEMPLARS} prediction ids", predictions)
    return Topic(name, _moment(value.get("since"), f"{field}.since"), tuple(predictions))


def _moment(value: Any, field: str) -> datetime:
    moment = moment_of(value)
    if moment is None:
        raise _wrong(field, "must be a time with a zone, in text, such as 2026-03-01T00:00:00Z", value)
    return moment


def _wrong(field: str, expected: str, value: Any) -> SettingError:
    place = f"`{field}` of {TOPICS_SETTING!r}" if field else repr(TOPICS_SETTING)
    return SettingError(f"{place} {expected}, not {value!r}.", field=field, expected=expected)
