"""Messages, events and attachments of a ticket, from the lists that JSON Lines and Parquet hold.

Says which of them were there at the opening and rolls changed fields back. Knows no files.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from desk.errors import HistoryError
from desk.outcome import Event
from desk.ticket import Attachment, Message
from training.histories.dates import parse_time
from training.histories.tables.table import Table, Value, text_of
from training.histories.values import cut

__all__ = ["attachments_in", "events_in", "known_at", "messages_in", "values_before"]

AUTHORS: Final = {
    "customer": "customer",
    "requester": "customer",
    "user": "customer",
    "client": "customer",
    "caller": "customer",
    "reporter": "customer",
    "agent": "agent",
    "support": "agent",
    "staff": "agent",
    "assignee": "agent",
    "system": "system",
    "bot": "system",
    "automation": "system",
}
"""Who writes, by the words that helpdesks use for them."""


def messages_in(value: Value, table: Table, row: int) -> tuple[Message, ...]:
    """The thread, the oldest first; raises `HistoryError` where a message lacks its time or a known author."""
    found = [
        Message(_time(one, "messages", table, row), _author(one.get("author"), table, row), str(one.get("text") or ""))
        for one in _objects(value, "messages", table, row)
    ]
    return tuple(sorted(found, key=lambda message: message.at))


def events_in(value: Value, table: Table, row: int) -> tuple[Event, ...]:
    """The changes, the oldest first; raises `HistoryError` where one lacks its time or field."""
    found = []
    for one in _objects(value, "events", table, row):
        if not isinstance(one.get("field"), str):
            raise HistoryError(
                f"{table.source}: an event in {table.place(row)} names no field; expected at, field, from, to."
            )
        found.append(
            Event(_time(one, "events", table, row), one["field"], _text(one.get("from")), _text(one.get("to")))
        )
    return tuple(sorted(found, key=lambda event: event.at))


def attachments_in(value: Value, table: Table, row: int) -> tuple[Attachment, ...]:
    """The files that came with the ticket, in their order."""
    return tuple(
        Attachment(str(one.get("name") or ""), _text(one.get("type")), _text(one.get("text")))
        for one in _objects(value, "attachments", table, row)
    )


def known_at(opening: datetime | None, thread: tuple[Message, ...]) -> tuple[Message, ...]:
    """The messages that were there at the opening; none where nobody knows when that was."""
    return () if opening is None else tuple(message for message in thread if message.at <= opening)


def values_before(events: tuple[Event, ...], opening: datetime | None) -> Mapping[str, str | None]:
    """Field -> its value at the opening, for every field that was changed after it."""
    before: dict[str, str | None] = {}
    for event in events:
        if opening is None or event.at > opening:
            before.setdefault(event.field, event.before)
    return before


def _objects(value: Value, name: str, table: Table, row: int) -> list[dict[str, Any]]:
    if isinstance(value, str):
        value = _from_json(value)
    found = [] if value is None else value
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise HistoryError(
            f"{table.source}: {name!r} in {table.place(row)} must be a list of objects; "
            f"where the column means something else, leave it out by [ignore] columns."
        )
    return found


def _from_json(text: str) -> Any:
    """What a list looks like that had to be written as text, as CSV needs it; no list where it is none."""
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return False


def _time(one: dict[str, Any], name: str, table: Table, row: int) -> datetime:
    text = _text(one.get("at"))
    at = parse_time(text) if text else None
    if at is None:
        raise HistoryError(
            f"{table.source}: `at` in {name!r} in {table.place(row)} is {cut(text)}; "
            f"expected a time such as 2026-11-21T10:02:00Z."
        )
    return at


def _author(value: Any, table: Table, row: int) -> str:
    author = AUTHORS.get(str(value).strip().casefold())
    if author is None:
        raise HistoryError(
            f"{table.source}: `author` in 'messages' in {table.place(row)} is {cut(value)}; "
            f"expected customer, agent or system."
        )
    return author


def _text(value: Any) -> str | None:
    found = text_of(value)
    return found.strip() if isinstance(found, str) else None
