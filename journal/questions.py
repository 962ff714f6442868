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
    "AnsweredQuestion",
    "HeldQuestion",
    "Waiting",
    "Worth",
    "answered_questions",
    "find_questions",
    "give_back",
    "pass_on",
    "prepare",
    "questions",
    "reopen",
    "settle",
    "settled_topics",
    "take",
    "take_next",
    "waiting",
    "worth_of",
]


@dataclass(frozen=True, slots=True)
class HeldQuestion:
    """A question, and until when it is its holder's turn."""

    question: Question
    holder: str
    until: datetime


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question that was answered, by whom and when."""

    question: Question
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many questions wait, how many of them somebody holds, and when they were prepared (None: never)."""

    questions: int
    held: int
    prepared_at: datetime | None


@dataclass(frozen=True, slots=True)
class Worth:
    """settled: how many questions were answered, and `settled_worth`, what they were worth together.

    left: the worth of each that waits, in order.
    """

    settled: int
    settled_worth: float
    left: tuple[float, ...]


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

    With a question of a topic the others of that topic are held, for they are one card. queues: only of those that are
    suggested one of these; None: of all. None where nothing is left for them.
    Raises `JournalUnavailableError`.
    """
    with writing(engine) as connection:
        lock_tenant(connection, tenant)
        theirs = select(table).where(_unsettled(tenant), table.c.holder == who, table.c.until > at)
        mine = connection.execute(theirs.order_by(table.c.place, table.c.prediction_id).limit(1)).one_or_none()
        row = mine if mine is not None else _first_free(connection, who, at, queues, tenant)
        if row is None:
            return None
        return _held(connection, row, who, at + lasting, tenant)


def take(
    engine: Engine,
    prediction_id: str,
    who: str,
    *,
    at: datetime,
    lasting: timedelta,
    tenant: str = DEFAULT_TENANT,
) -> HeldQuestion | None:
    """This question for `who`, where it waits and nobody else holds it; None otherwise.

    Raises `JournalUnavailableError`.
    """
    with writing(engine) as connection:
        lock_tenant(connection, tenant)
        is_mine = _unsettled(tenant) & _this(prediction_id, tenant) & (_is_free(at) | (table.c.holder == who))
        row = connection.execute(select(table).where(is_mine)).one_or_none()
        return None if row is None else _held(connection, row, who, at + lasting, tenant)


def give_back(engine: Engine, prediction_id: str, who: str, *, tenant: str = DEFAULT_TENANT) -> None:
    """Let others have it, with all of its card; nothing happens where it is not `who`'s.

    Raises `JournalUnavailableError`.
    """
    with writing(engine) as connection:
        row = connection.execute(select(table).where(_this(prediction_id, tenant))).one_or_none()
        if row is not None:
            mine = _card(row, tenant) & (table.c.holder == who)
            connection.execute(update(table).where(mine).values(holder=None, until=None))


def pass_on(engine: Engine, prediction_id: str, who: str, *, tenant: str = DEFAULT_TENANT) -> None:
    """Leave it, with all of its card, to others: `who` is not asked again. Raises `JournalUnavailableError`."""
    with writing(engine) as connection:
        lock_tenant(connection, tenant)
        asked = connection.execute(select(table).where(_this(prediction_id, tenant))).one_or_none()
        if asked is None:
            return
        for row in connection.execute(select(table).where(_card(asked, tenant))).all():
            said: dict[str, Any] = {"passed_by": sorted({*row.passed_by, who})}
            if row.holder == who:
                said |= {"holder": None, "until": None}
            connection.execute(update(table).where(_this(row.prediction_id, tenant)).values(**said))


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


def find_questions(
    engine: Engine, prediction_ids: Collection[str], tenant: str = DEFAULT_TENANT
) -> dict[str, Question]:
    """Those of these predictions that wait to be asked about, by id. Raises `JournalUnavailableError`."""
    names, found = sorted(set(prediction_ids)), dict[str, Question]()
    with reading(engine) as connection:
        for start in range(0, len(names), AT_ONCE):
            these = table.c.prediction_id.in_(names[start : start + AT_ONCE])
            rows = connection.execute(select(table).where(_unsettled(tenant), these))
            found |= {row.prediction_id: _question(row) for row in rows}
    return found


def worth_of(engine: Engine, *, since: datetime, tenant: str = DEFAULT_TENANT) -> Worth:
    """What the list is worth: all that was settled since then, and each that waits, in order.

    Raises `JournalUnavailableError`.
    """
    settled = select(func.count(), func.sum(table.c.worth)).where(table.c.tenant == tenant, table.c.settled_at >= since)
    left = select(table.c.worth).where(_unsettled(tenant)).order_by(table.c.place, table.c.prediction_id)
    with reading(engine) as connection:
        count, worth = connection.execute(settled).one()
        return Worth(count, worth or 0.0, tuple(connection.scalars(left)))


def answered_questions(
    engine: Engine, *, since: datetime | None = None, tenant: str = DEFAULT_TENANT
) -> dict[str, AnsweredQuestion]:
    """By prediction, what was settled from then on; None: ever. Raises `JournalUnavailableError`."""
    query = select(table).where(table.c.tenant == tenant, table.c.settled_at.is_not(None))
    if since is not None:
        query = query.where(table.c.settled_at >= since)
    with reading(engine) as connection:
        rows = connection.execute(query.order_by(table.c.settled_at, table.c.prediction_id))
        return {row.prediction_id: AnsweredQuestion(_question(row), row.settled_by, row.settled_at) for row in rows}


def settled_topics(engine: Engine, tenant: str = DEFAULT_TENANT) -> dict[str, str]:
    """Ticket id -> topic, of the questions of topics that were settled. Raises `JournalUnavailableError`."""
    over = (table.c.tenant == tenant) & table.c.settled_at.is_not(None) & table.c.topic.is_not(None)
    with reading(engine) as connection:
        return {row.ticket_id: row.topic for row in connection.execute(select(table).where(over))}


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
    held = select(table.c.topic).where(_unsettled(tenant), ~_is_free(at), table.c.topic.is_not(None))
    is_apart = or_(table.c.topic.is_(None), table.c.topic.not_in(held))
    query = (
        select(table).where(_unsettled(tenant), _is_free(at), is_apart).order_by(table.c.place, table.c.prediction_id)
    )
    if queues is not None:
        query = query.where(table.c.queue.in_(sorted(queues)))
    for row in connection.execute(query):
        if who not in row.passed_by:
            return row
    return None


def _held(connection: Connection, row: Any, who: str, until: datetime, tenant: str) -> HeldQuestion:
    connection.execute(update(table).where(_card(row, tenant)).values(holder=who, until=until))
    return HeldQuestion(_question(row), who, until)


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


def _is_free(at: datetime) -> ColumnElement[bool]:
    return or_(table.c.holder.is_(None), table.c.until <= at)


def _card(row: Any, tenant: str) -> ColumnElement[bool]:
    """The question itself, or all that are open of its topic."""
    if row.topic is None:
        return _this(row.prediction_id, tenant)
    topic: str = row.topic
    return _unsettled(tenant) & (table.c.topic == topic)


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
