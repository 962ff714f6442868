"""Looks for tickets by what they say, by id and by the queue that was answered, among those that were scored last.

Bounded: the newest answers are looked through and no others, and a few are returned. Knows no pages.
"""

from collections.abc import Iterator
from typing import Any, Final

import orjson
from sqlalchemy import Engine, Text, or_, select, type_coerce

from journal.answered import Scored
from journal.database import reading
from journal.tables import DEFAULT_TENANT, predictions, tickets

__all__ = ["AMONG", "search"]

AMONG: Final = 20_000
"""The newest answers, which are looked through."""

_READ: Final = 1_000
"""Rows that may be looked at more closely."""


def search(engine: Engine, text: str, *, most: int, among: int = AMONG, tenant: str = DEFAULT_TENANT) -> list[Scored]:
    """Answers to tickets that hold `text` in subject, body or a message, or have it as id or answered queue.

    Capitals make no difference (beyond ASCII they do on SQLite). The newest first, one of each ticket, at most `most`.
    Raises `JournalUnavailableError`.
    """
    wanted = text.strip()
    if not wanted:
        return []
    newest = (
        select(predictions.c.prediction_id, predictions.c.ticket_digest, predictions.c.at)
        .where(predictions.c.tenant == tenant)
        .order_by(predictions.c.at.desc())
        .limit(among)
        .subquery()
    )
    like = f"%{_escaped(orjson.dumps(wanted).decode()[1:-1])}%"
    mentions = type_coerce(tickets.c.content, Text).ilike(like, escape="\\")
    answers = type_coerce(predictions.c.answer, Text).ilike(like, escape="\\")
    query = (
        select(newest.c.prediction_id, newest.c.at, predictions.c.version, predictions.c.answer, tickets.c.content)
        .join(
            predictions,
            (predictions.c.tenant == tenant) & (predictions.c.prediction_id == newest.c.prediction_id),
        )
        .join(tickets, (tickets.c.tenant == tenant) & (tickets.c.digest == newest.c.ticket_digest))
        .where(or_(tickets.c.ticket_id == wanted, mentions, answers))
        .order_by(newest.c.at.desc(), newest.c.prediction_id)
        .limit(_READ)
    )
    found: dict[str, Scored] = {}
    with reading(engine) as connection:
        for row in connection.execute(query):
            one = Scored(row.prediction_id, row.at, row.version, row.content, row.answer)
            if len(found) < most and _holds(one, wanted.casefold()):
                found.setdefault(str(one.ticket["id"]), one)
    return list(found.values())


def _holds(one: Scored, wanted: str) -> bool:
    """Whether it is the ticket's words, and not the name of a field, that the text is in."""
    return any(wanted in text.casefold() for text in _texts(one.ticket, one.answer))


def _texts(ticket: dict[str, Any], answer: dict[str, Any]) -> Iterator[str]:
    yield str(ticket["id"])
    for name in ("subject", "body"):
        yield str(ticket.get(name) or "")
    for message in ticket.get("messages") or ():
        yield str(message.get("text") or "")
    yield str(answer["queue"].get("label") or "")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
