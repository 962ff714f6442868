"""Records of changed queues, and what a version makes of them, in lines for people. Knows no verbs and no journal."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from desk.taxonomy import Record, Taxonomy

__all__ = ["told_in_words"]


def told_in_words(taxonomy: Taxonomy, told: Mapping[str, Any], now: datetime) -> Iterator[str]:
    """A line a record, the oldest first, then what the champion makes of them (`models.queue_names.effect_json`)."""
    if not taxonomy.records:
        yield "No queue was renamed, merged, split, retired or added: labels mean what they say."
        return
    for record in taxonomy.records:
        ahead = "" if record.at <= now else ", which is to come"
        yield f"{record.at.isoformat()}  {_words(record)}{ahead}"
    yield f"Revision {told['revision']}; running services follow within seconds."
    if told["version"] is None:
        return
    by = f"version {told['version']}"
    if told["gone"]:
        yield f"  · never answered any more, though {by} learned them: {_names(told['gone'])}"
    if told["unproven"]:
        yield f"  · suggested and not applied until the next training: {_names(told['unproven'])}"
    if told["unknown"]:
        yield f"  · not known to {by}; the next training learns them from their description: {_names(told['unknown'])}"
    if told["strange"]:
        yield f"  · never heard of by {by}, are they spelt as in the history? {_names(told['strange'])}"


def _words(record: Record) -> str:
    old, new = _names(record.queues), _names(record.into)
    match record.kind:
        case "renamed":
            return f"{old} is called {new}"
        case "merged":
            return f"{old} became one: {new}"
        case "split":
            return f"{old} became {new}"
        case "retired":
            return f"{old} is no more" + (f"; {new} took over" if new else "")
    return f"{new} is new"


def _names(queues: Any) -> str:
    return ", ".join(map(repr, queues))
