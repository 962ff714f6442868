"""What one version answered to which tickets: the newest tickets, and every answer that these were ever given.

Knows nothing of what is made of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, func, select

from desk.past_answers import PastAnswer, past_answer
from journal.database import reading
from journal.tables import DEFAULT_TENANT, predictions, tickets

__all__ = ["FirstAnswer", "GivenAnswer", "answers_beside", "newest_answered"]


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """The first that a version answered to a ticket. ticket, answer: JSON objects, as scored and as it left."""

    at: datetime
    ticket: Mapping[str, Any]
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer and the version that gave it, None where none did."""

    version: str | None
    answer: PastAnswer


def newest_answered(
    engine: Engine, version: str, count: int, until: datetime, tenant: str = DEFAULT_TENANT
) -> list[FirstAnswer]:
    """The `count` tickets that `version` was asked of last up to `until`, each as it was first asked, oldest first.

    A ticket that grows and is scored again is one ticket. Takes a second for a million predictions. Raises
    `JournalUnavailableError`.
    """
    first = func.min(predictions.c.at).label("first")
    mine = _by(version, tenant, select(tickets.c.ticket_id, first)).where(predictions.c.at <= until)
    newest = mine.group_by(tickets.c.ticket_id).order_by(first.desc(), tickets.c.ticket_id).limit(count).subquery()
    query = _by(version, tenant, select(predictions.c.at, predictions.c.answer, tickets.c.content, tickets.c.ticket_id))
    query = query.join(newest, (newest.c.ticket_id == tickets.c.ticket_id) & (newest.c.first == predictions.c.at))
    found: dict[str, FirstAnswer] = {}
    with reading(engine) as connection:
        for row in connection.execute(query.order_by(predictions.c.at, predictions.c.prediction_id)):
            found.setdefault(row.ticket_id, FirstAnswer(row.at, row.content, row.answer))
    return list(found.values())


def answers_beside(
    engine: Engine, version: str, until: datetime, tenant: str = DEFAULT_TENANT
) -> dict[str, list[GivenAnswer]]:
    """By ticket id: all answers up to `until`, by whichever version, to the tickets that `version` was asked of.

    Oldest first. An answer that cannot be read is left out. Raises `JournalUnavailableError`.
    """
    asked = _by(version, tenant, select(tickets.c.ticket_id))
    query = _joined(select(predictions.c.at, predictions.c.version, predictions.c.answer, tickets.c.ticket_id))
    query = query.where(predictions.c.tenant == tenant, predictions.c.at <= until, tickets.c.ticket_id.in_(asked))
    found: dict[str, list[GivenAnswer]] = {}
    with reading(engine) as connection:
        for row in connection.execute(query.order_by(predictions.c.at, predictions.c.prediction_id)):
            answer = _past(row.answer, row.at)
            if answer is not None:
                found.setdefault(row.ticket_id, []).append(GivenAnswer(row.version, answer))
    return found


def _by(version: str, tenant: str, query: Select[Any]) -> Select[Any]:
    return _joined(query).where(predictions.c.tenant == tenant, predictions.c.version == version)


def _joined(query: Select[Any]) -> Select[Any]:
    same = (tickets.c.tenant == predictions.c.tenant) & (tickets.c.digest == predictions.c.ticket_digest)
    return query.select_from(predictions.join(tickets, same))


def _past(answer: Any, at: datetime) -> PastAnswer | None:
    try:
        return past_answer(answer, at)
    except (KeyError, TypeError, AttributeError):
        return None
