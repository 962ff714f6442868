"""What is worth asking people about, in order, and whose turn it is: two people never get the same question at once.

Who gets a question holds it for a while; a closed browser gives it back by itself. A question goes with its prediction.
Knows neither how the order is found (`training.asking`) nor how a question looks.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, insert, or_, select, update

from desk.question import Question
from journal.database import reading, writing
from journal.statements import AT_ONCE
from journal.tables import DEFAULT_TENANT, predictions
from journal.tables import questions as table
from journal.tenants import lock_tenant

__all__ = [
    "HeldQuestion",
    "Waiting",
    "give_back",
    "pass_on",
    "prepare",
    "questions",
    "reopen",
    "settle",
    "take_next",
    "waiting",
]


@dataclass(frozen=True, slots=True)
class HeldQuestion:
    """A question, and until when it is its holder's turn."""

    question: Question
    holder: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many questions wait, how many of them somebody holds, and when they were prepared (None: never)."""

    questions: int
    held: int
    prepared_at: datetime | None


def prepare(engine: Engine, ordered: Sequence[Question], *, at: datetime, tenant: str = DEFAULT_TENANT) -> int:
    """Put these questions, the most worth asking first, in place of those that wait; how many wait then.

    What somebody holds at `at` stays theirs, who passed a question on is remembered while it is asked again, and what
    was settled is not asked a second time. A prediction that is in the database no more, or not yet, is left out.
    Raises `JournalUnavailableError`.
    """
    with writing(engine) as connection:
        lock_tenant(connection, tenant)
        passed = _passed(connection, tenant)
        is_held = table.c.holder.is_not(None) & (table.c.until > at)
        gone = table.c.settled_at.is_(None) & ~func.coalesce(is_held, False)
        connection.execute(delete(table).where(table.c.tenant == tenant, gone))
        places = {one.prediction_id: place for place, one in reversed(list(enumerate(ordered)))}
        for start in range(0, len(ordered), AT_ONCE):
            some = ordered[start : start + AT_ONCE]
            asked = _may_be_asked(connection, [one.prediction_id for one in some], tenant)
            rows = [
                _row(one, places[one.prediction_id], passed.get(one.prediction_id, ()), at, tenant)
                for place, one in enumerate(some, start)
                if one.prediction_id in asked and places[one.prediction_id] == place
            ]
            if rows:
                connection.execute(insert(table), rows)
        return connection.scalar(select(func.count()).where(_unsettled(tenant))) or 0


def take_next(
    engine: Engine,
    who: str,
    *,
    at: datetime,
    lasting: timedelta,
    queues: Collection[str] | None = None,
    tenant: str = DEFAULT_TENANT,
) -> HeldQuestion | None:
    """The question whose turn it is with `who`, held for `lasting`: theirs already, or the first that is free.

    queues: only of those that are suggested one of these; None: of all. None where nothing is left for them.
    Raises `JournalUnavailableError`.
    """
    with writing(engine) as connection:
        lock_tenant(connection, tenant)
        mine = connection.execute(
            select(table).where(_unsettled(tenant), table.c.holder == who, table.c.until > at).limit(1)
        ).one_or_none()
        row = mine if mine is not None else _first_free(connection, who, at, queues, tenant)
        if row is None:
            return None
        until = at + lasting
        connection.execute(update(table).where(_this(row.prediction_id, tenant)).values(holder=who, until=until))
        return HeldQuestion(_question(row), who, until)


def give_back(engine: Engine, prediction_id: str, who: str, *, tenant: str = DEFAULT_TENANT) -> None:
    """Let others have it; nothing happens where it is not `who`'s. Raises `JournalUnavailableError`."""
    with writing(engine) as connection:
        mine = _this(prediction_id, tenant) & (table.c.holder == who)
        connection.execute(update(table).where(mine).values(holder=None, until=None))


def pass_on(engine: Engine, prediction_id: str, who: str, *, tenant: str = DEFAULT_TENANT) -> None:
    """Leave it to others: `who` is not asked again. Raises `JournalUnavailableError`."""
    with writing(engine) as connection:
        lock_tenant(connection, tenant)
        row = connection.execute(select(table).where(_this(prediction_id, tenant))).one_or_none()
        if row is None:
            return
        said: dict[str, Any] = {"passed_by": sorted({*row.passed_by, who})}
        if row.holder == who:
            said |= {"holder": None, "until": None}
        connection.execute(update(table).where(_this(prediction_id, tenant)).values(**said))


def settle(
    engine: Engine, prediction_ids: Collection[str], who: str, *, at: datetime, tenant: str = DEFAULT_TENANT
) -> None:
    """They were answered: nobody is asked again. Ids that are no questions are none of its matter.

    Raises `JournalUnavailableError`.
    """
    names = sorted(prediction_ids)
    with writing(engine) as connection:
        for start in range(0, len(names), AT_ONCE):
            these = table.c.prediction_id.in_(names[start : start + AT_ONCE])
            done = update(table).where(_unsettled(tenant), these)
            connection.execute(done.values(settled_at=at, settled_by=who, holder=None, until=None))


def reopen(engine: Engine, prediction_id: str, who: str, *, tenant: str = DEFAULT_TENANT) -> None:
    """What `who` settled is to be asked again, as after an answer was taken back. Raises `JournalUnavailableError`."""
    with writing(engine) as connection:
        theirs = _this(prediction_id, tenant) & (table.c.settled_by == who)
        connection.execute(update(table).where(theirs).values(settled_at=None, settled_by=None))


def questions(engine: Engine, tenant: str = DEFAULT_TENANT, *, topic: str | None = None) -> list[Question]:
    """What waits, in order: all, or of one topic. Raises `JournalUnavailableError`."""
    query = select(table).where(_unsettled(tenant))
    if topic is not None:
        query = query.where(table.c.topic == topic)
    with reading(engine) as connection:
        return [_question(row) for row in connection.execute(query.order_by(table.c.place, table.c.prediction_id))]


def waiting(engine: Engine, *, at: datetime, tenant: str = DEFAULT_TENANT) -> Waiting:
    """How much waits at `at`. Raises `JournalUnavailableError`."""
    held = _unsettled(tenant) & table.c.holder.is_not(None) & (table.c.until > at)
    with reading(engine) as connection:
        return Waiting(
            connection.scalar(select(func.count()).where(_unsettled(tenant))) or 0,
            connection.scalar(select(func.count()).where(held)) or 0,
            connection.scalar(select(func.max(table.c.prepared_at)).where(table.c.tenant == tenant)),
        )


def _first_free(connection: Connection, who: str, at: datetime, queues: Collection[str] | None, tenant: str) -> Any:
    is_free = or_(table.c.holder.is_(None), table.c.until <= at)
    query = select(table).where(_unsettled(tenant), is_free).order_by(table.c.place, table.c.prediction_id)
    if queues is not None:
        query = query.where(table.c.queue.in_(sorted(queues)))
    for row in connection.execute(query):
        if who not in row.passed_by:
            return row
    return None


def _passed(connection: Connection, tenant: str) -> dict[str, tuple[str, ...]]:
    rows = connection.execute(select(table.c.prediction_id, table.c.passed_by).where(_unsettled(tenant)))
    return {row.prediction_id: tuple(row.passed_by) for row in rows if row.passed_by}


def _may_be_asked(connection: Connection, names: Sequence[str], tenant: str) -> set[str]:
    """Those that are in the database and are no question yet."""
    known = select(predictions.c.prediction_id).where(
        predictions.c.tenant == tenant, predictions.c.prediction_id.in_(names)
    )
    asked = select(table.c.prediction_id).where(table.c.tenant == tenant, table.c.prediction_id.in_(names))
    return set(connection.scalars(known)) - set(connection.scalars(asked))


def _unsettled(tenant: str) -> ColumnElement[bool]:
    return (table.c.tenant == tenant) & table.c.settled_at.is_(None)


def _this(prediction_id: str, tenant: str) -> ColumnElement[bool]:
    return (table.c.tenant == tenant) & (table.c.prediction_id == prediction_id)


def _row(one: Question, place: int, passed_by: Collection[str], at: datetime, tenant: str) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "prediction_id": one.prediction_id,
        "ticket_id": one.ticket_id,
        "queue": one.queue,
        "place": place,
        "worth": one.worth,
        "reasons": [dict(reason) for reason in one.reasons],
        "topic": one.topic,
        "prepared_at": at,
        "passed_by": list(passed_by),
    }


def _question(row: Any) -> Question:
    return Question(row.prediction_id, row.ticket_id, row.queue, row.worth, tuple(row.reasons), row.topic)
