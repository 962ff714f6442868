"""A history in the names of today: its queues read through the records of how the desk's queues changed.

Knows neither the journal nor files. What a label means now is for `desk.taxonomy` to say.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from desk.outcome import Event, Outcome, ResolvedTicket
from desk.taxonomy import Taxonomy
from training.histories.history import History, digest_of

__all__ = ["queues_today", "through"]


def through(history: History, taxonomy: Taxonomy, queue_column: str | None = None) -> History:
    """The history with every queue as it is called today; none where its queue is no more or nobody knows which part.

    taxonomy: records that have come about (`Taxonomy.as_of`). queue_column: what events call the queue, where that is
    not `queue`. A history that was read before is read on from there. It is named by the rows as they are read, and a
    note says how many were changed.
    """
    if not taxonomy.records:
        return history
    fields = {"queue", queue_column}
    before = history.read_through.records
    since = before[-1].at if before else None
    rows = tuple(_read(row, taxonomy, fields, since) for row in history.rows)
    pairs = [(was, now) for was, now in zip(history.rows, rows, strict=True) if was is not now]
    if not pairs:
        return replace(history, read_through=taxonomy)
    lost = sum(was.outcome.queue is not None and now.outcome.queue is None for was, now in pairs)
    called = sum(was.outcome.queue != now.outcome.queue for was, now in pairs) - lost
    notes = (*history.notes, *_notes(called, lost))
    return replace(history, rows=rows, digest=digest_of(rows), notes=notes, read_through=taxonomy)


def queues_today(described: Mapping[str, str], taxonomy: Taxonomy) -> dict[str, str]:
    """What queues are for: as the desk's file and the records say, under the names of today and of no other queue.

    What the file says of a queue under its present name counts before the records, and these before what it says under
    an old one.
    """
    if not taxonomy.records:
        return dict(described)
    old = {taxonomy.latest(queue): line for queue, line in described.items() if not taxonomy.is_live(queue)}
    present = {queue: line for queue, line in described.items() if taxonomy.is_live(queue)}
    renamed = {queue: line for queue, line in old.items() if queue is not None}
    return {**renamed, **taxonomy.described(), **present}


def _read(row: ResolvedTicket, taxonomy: Taxonomy, fields: set[str | None], since: datetime | None) -> ResolvedTicket:
    outcome = row.outcome
    events = _events(outcome.events, taxonomy, fields, since)
    queue = outcome.queue
    if queue is not None:
        queue = taxonomy.today(queue, _later(since, _said_at(row, fields)))
        if queue is None:
            # A ticket that was sorted anew when its queue was split says so in its last change.
            queue = next((event.after for event in reversed(events) if event.field in fields), None)
    if queue == outcome.queue and events == outcome.events:
        return row
    return replace(row, outcome=replace(outcome, queue=queue, events=events))


def _events(
    events: tuple[Event, ...], taxonomy: Taxonomy, fields: set[str | None], since: datetime | None
) -> tuple[Event, ...]:
    """The changes in the names of today; one that is none any more, as of a queue to its own new name, is left out."""
    if not any(event.field in fields for event in events):
        return events
    read = [_event(event, taxonomy, _later(since, event.at)) if event.field in fields else event for event in events]
    return tuple(
        now
        for was, now in zip(events, read, strict=True)
        if now is was or now.before is None or now.before != now.after
    )


def _event(event: Event, taxonomy: Taxonomy, said_at: datetime | None) -> Event:
    before, after = (None if name is None else taxonomy.today(name, said_at) for name in (event.before, event.after))
    return event if (before, after) == (event.before, event.after) else replace(event, before=before, after=after)


def _said_at(row: ResolvedTicket, fields: set[str | None]) -> datetime | None:
    """When the final queue was said: at the end, or else when it last changed, or at the opening."""
    outcome: Outcome = row.outcome
    changed = [event.at for event in outcome.events if event.field in fields]
    return outcome.resolved_at or max(changed, default=row.ticket.created_at)


def _later(since: datetime | None, said_at: datetime | None) -> datetime | None:
    """Names of a history that was read before are those of the day of its last record, or later ones."""
    if since is None or said_at is None:
        return since or said_at
    return max(since, said_at)


def _notes(called: int, lost: int) -> list[str]:
    said = []
    if called:
        said.append(f"{_rows(called)} read under the name that the queue has today")
    if lost:
        said.append(f"{_rows(lost)} without a queue: theirs was split or retired since")
    return said


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
