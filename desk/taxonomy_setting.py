"""The setting `taxonomy`: how queues changed, read strictly from JSON, refused where records contradict each other.

`desk.taxonomy` says what follows from them. Knows neither versions nor where settings live.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from desk.answer import DEFAULT_QUEUE
from desk.demands import Demands
from desk.errors import SettingError
from desk.setting_values import moment_of
from desk.taxonomy import KINDS, Kind, Record, Taxonomy

__all__ = [
    "TAXONOMY_SETTING",
    "default_queue_today",
    "demands_today",
    "read_taxonomy",
    "taxonomy_json",
    "with_record",
]

TAXONOMY_SETTING: Final = "taxonomy"

_MEMBERS: Final = ("at", "kind", "queues", "into", "descriptions")
_MOST_RECORDS: Final = 2_000
_LONGEST_NAME: Final = 256
_LONGEST_DESCRIPTION: Final = 2_000


@dataclass(frozen=True, slots=True)
class _Bounds:
    """How many queues a kind of record takes away and brings; `most` None: any number."""

    queues: tuple[int, int | None]
    into: tuple[int, int | None]


_BOUNDS: Final[Mapping[Kind, _Bounds]] = {
    "renamed": _Bounds((1, 1), (1, 1)),
    "merged": _Bounds((1, None), (1, 1)),
    "split": _Bounds((1, 1), (2, None)),
    "retired": _Bounds((1, 1), (0, 1)),
    "added": _Bounds((0, 0), (1, 1)),
}


def read_taxonomy(value: Any) -> Taxonomy:
    """The records in a JSON value like `{"records": [{"at": …, "kind": "renamed", "queues": […], "into": […]}]}`.

    They may be in any order. None, for a setting that was never set, holds no record. Raises `SettingError` for
    whatever else it cannot mean, and for records that contradict each other: they take away a queue that is gone, or
    bring one that is there.
    """
    given = {"records": []} if value is None else value
    if not isinstance(given, dict) or set(given) != {"records"} or not isinstance(given["records"], list):
        expected = "must be a JSON object with a list of `records`"
        raise SettingError(f"{TAXONOMY_SETTING!r} {expected}, not {value!r}.", expected=expected)
    if len(given["records"]) > _MOST_RECORDS:
        expected = f"must hold at most {_MOST_RECORDS:,} records"
        raise SettingError(f"{TAXONOMY_SETTING!r} {expected}.", field="records", expected=expected)
    records = [_record(one, f"records.{place}") for place, one in enumerate(given["records"])]
    _check(records)
    return Taxonomy(tuple(records))


def taxonomy_json(taxonomy: Taxonomy) -> dict[str, Any]:
    """The JSON value that `read_taxonomy` reads as the same."""
    return {"records": [_record_json(one) for one in taxonomy.records]}


def with_record(taxonomy: Taxonomy, record: Record) -> Taxonomy:
    """The taxonomy with one more record, wherever its date puts it. Raises `SettingError` where they contradict."""
    return read_taxonomy(taxonomy_json(replace(taxonomy, records=(*taxonomy.records, record))))


def demands_today(demands: Demands, taxonomy: Taxonomy) -> Demands:
    """The demands with those of old queues made of their successors, the strictest where there are several.

    What is demanded of a queue under its present name counts before what is inherited.
    """
    held = demands.heads.get("queue")
    if held is None or not taxonomy.records:
        return demands
    labels: dict[str, float] = {}
    for label, demand in held.labels.items():
        queue = taxonomy.latest(label)
        if queue is not None and queue not in held.labels:
            labels[queue] = max(demand, labels.get(queue, 0.0))
    kept = {label: demand for label, demand in held.labels.items() if taxonomy.is_live(label)}
    return replace(demands, heads={**demands.heads, "queue": replace(held, labels={**kept, **labels})})


def default_queue_today(queue: str, taxonomy: Taxonomy) -> str:
    """The default queue, or what it has become; the one before there is a setting where it is no more."""
    return taxonomy.latest(queue) or DEFAULT_QUEUE


def _record(value: Any, field: str) -> Record:
    if not isinstance(value, dict):
        raise _wrong(field, f"must be a JSON object with {', '.join(_MEMBERS)}", value)
    for name in value:
        if name not in _MEMBERS:
            raise _wrong(f"{field}.{name}", "is not known here", name)
    kind: Kind | None = next((one for one in KINDS if one == value.get("kind")), None)
    if kind is None:
        raise _wrong(f"{field}.kind", f"must be one of {', '.join(KINDS)}", value.get("kind"))
    at = _moment(value.get("at"), f"{field}.at")
    queues = _names(value.get("queues", []), f"{field}.queues", *_BOUNDS[kind].queues)
    into = _names(value.get("into", []), f"{field}.into", *_BOUNDS[kind].into)
    record = Record(at, kind, queues, into, _described(value.get("descriptions", {}), into, f"{field}.descriptions"))
    if kind == "retired" and record.descriptions:
        raise _wrong(f"{field}.descriptions", "must be left out where a queue is retired", value["descriptions"])
    if undescribed := [one for one in into if kind in ("added", "split") and one not in record.descriptions]:
        raise _wrong(f"{field}.descriptions", "must say what each new queue is for", undescribed[0])
    if kind in ("renamed", "merged", "retired") and not record.gone:
        raise _wrong(f"{field}.queues", "must name a queue that is another than what it becomes", queues)
    return record


def _record_json(record: Record) -> dict[str, Any]:
    said = {"at": record.at.isoformat(), "kind": record.kind, "queues": list(record.queues), "into": list(record.into)}
    return {**said, **({"descriptions": dict(record.descriptions)} if record.descriptions else {})}


def _moment(value: Any, field: str) -> datetime:
    moment = moment_of(value)
    if moment is None:
        raise _wrong(field, "must be a time with a zone, in text, such as 2026-03-01T00:00:00Z", value)
    return moment


def _names(value: Any, field: str, least: int, most: int | None) -> tuple[str, ...]:
    count = f"{least} or more queues" if most is None else f"{most} queue" if least == most == 1 else f"{most} at most"
    if not isinstance(value, list) or not least <= len(value) <= (len(value) if most is None else most):
        raise _wrong(field, f"must be a list of {count}", value)
    for place, name in enumerate(value):
        if not isinstance(name, str) or not name.strip() or name != name.strip() or len(name) > _LONGEST_NAME:
            raise _wrong(f"{field}.{place}", f"must be a queue's name of 1 to {_LONGEST_NAME} characters", name)
    if len(set(value)) < len(value):
        raise _wrong(field, "must name each queue once", value)
    return tuple(value)


def _described(value: Any, into: tuple[str, ...], field: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _wrong(field, "must map new queues to what they are for", value)
    said: dict[str, str] = {}
    for name, line in value.items():
        if name not in into:
            raise _wrong(f"{field}.{name}", "must be of a queue in `into`", name)
        if not isinstance(line, str) or not 1 <= len(line.strip()) <= _LONGEST_DESCRIPTION:
            raise _wrong(
                f"{field}.{name}", f"must say in 1 to {_LONGEST_DESCRIPTION:,} characters what it is for", line
            )
        said[name] = " ".join(line.split())
    return said


def _check(records: list[Record]) -> None:
    """See that the records, by date, take away only queues that are there and bring only such as are not."""
    last: dict[str, Record] = {}
    for place, record in sorted(enumerate(records), key=lambda pair: pair[1].at):
        field = f"records.{place}"
        for name in sorted(record.names):
            before = last.get(name)
            if before is not None and before.at == record.at:
                raise _contradiction(f"{field}.at", record, name, "is in two records of one moment: date one later")
        for queue in record.queues:
            before = last.get(queue)
            if before is not None and queue in before.gone:
                raise _contradiction(f"{field}.queues", record, queue, f"{_went(before)}: there is none to change")
        for queue in record.into:
            before = last.get(queue)
            is_gone = before is not None and queue in before.gone
            if record.kind in ("renamed", "added") and before is not None and not is_gone:
                words = "is a queue already, and there cannot be two of one name: merge them, or choose another name"
                raise _contradiction(f"{field}.into", record, queue, words)
            if record.kind == "retired" and before is not None and is_gone:
                raise _contradiction(f"{field}.into", record, queue, f"{_went(before)}: it can take over from none")
        last.update(dict.fromkeys(record.names, record))


def _went(record: Record) -> str:
    return f"was {record.kind} at {record.at.isoformat()}"


def _contradiction(field: str, record: Record, queue: str, words: str) -> SettingError:
    return SettingError(
        f"{queue!r} cannot be in a record of {record.at.isoformat()} ({record.kind}): it {words}.",
        field=field,
        expected=f"cannot be: a queue of it {words}",
    )


def _wrong(field: str, expected: str, value: object) -> SettingError:
    return SettingError(f"`{field}` of {TAXONOMY_SETTING!r} {expected}, not {value!r}.", field=field, expected=expected)
