"""Erases a person from the database: answers, shadows, verdicts, tickets, outcomes, suspect labels, mentions.

In batches, so that nobody waits long for the write lock. Knows neither the local log nor files of versions.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, Text, delete, exists, func, select, text, type_coerce, union, update

from journal.database import reading, unbound, writing
from journal.erasures import Person
from journal.tables import (
    label_decisions,
    outcomes,
    predictions,
    questions,
    repeats,
    shadow_predictions,
    suspects,
    tickets,
    verdicts,
)
from journal.turns import delete_alone

__all__ = [
    "Rows",
    "customer_ids",
    "erase_mentions",
    "erase_outcomes",
    "erase_rows",
    "erase_suspects",
    "named_in",
    "scrub",
]
__all__ += ["ticket_ids_of"]

AT_ONCE: Final = 500

_WITH_CUSTOMERS: Final = (tickets, verdicts, suspects, label_decisions)
"""A ticket that people spoke of may still be in the local log, and one that a history has was never scored."""

_EMPTIED: Final = (
    repeats,
    verdicts,
    outcomes,
    suspects,
    label_decisions,
    shadow_predictions,
    questions,
    predictions,
    tickets,
)
"""Where something of a person may have been."""

Tick = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows went, or would go."""

    predictions: int
    tickets: int
    repeats: int
    verdicts: int = 0
    outcomes: int = 0
    shadows: int = 0
    suspects: int = 0


def customer_ids(engine: Engine, person: Person) -> list[str]:
    """The ids under which the database knows the person: one at most, found by its hash among all of the tenant's."""
    queries = [select(one.c.customer_id).where(one.c.tenant == person.tenant) for one in _WITH_CUSTOMERS]
    with reading(engine) as connection:
        return [one for one in connection.scalars(union(*queries)) if person.has(one)]


def ticket_ids_of(engine: Engine, tenant: str, customers: Collection[str]) -> set[str]:
    """The ids of these customers' tickets in the database."""
    queries = [
        select(one.c.ticket_id).where(one.c.tenant == tenant, one.c.customer_id.in_(customers))
        for one in _WITH_CUSTOMERS
    ]
    with reading(engine) as connection:
        return set(connection.scalars(union(*queries)))


def erase_rows(
    engine: Engine,
    tenant: str,
    customers: Collection[str],
    until: datetime,
    *,
    dry_run: bool = False,
    tick: Tick = lambda: None,
) -> Rows:
    """Erase what these customers' tickets were answered up to `until`, and the tickets that nothing refers to then.

    With them go verdicts and outcomes that were received up to then, and what was suspect in their labels.
    `tick` is called after each batch. Raises
    `JournalUnavailableError`.
    """
    with reading(engine) as connection:
        names = list(connection.scalars(_predictions_of(tenant, customers, until)))
        digests = list(connection.scalars(_tickets_of(tenant, customers, until)))
        shadows = connection.scalar(_shadows_of(tenant, customers, until)) or 0
        said = list(connection.scalars(_verdicts_of(tenant, customers, until)))
    # Outcomes before tickets: these alone tell whose they are.
    ids = ticket_ids_of(engine, tenant, customers)
    became = erase_outcomes(engine, tenant, ids, until, dry_run=dry_run, tick=tick)
    suspect = erase_suspects(engine, tenant, ids, until, dry_run=dry_run, tick=tick)
    # Kept answers first: only the predictions' names tell whose they are.
    mentioned = _repeats_of(engine, tenant, set(names))
    if not dry_run:
        _delete(engine, repeats, repeats.c.name, tenant, mentioned, tick)
        _delete(engine, verdicts, verdicts.c.verdict_id, tenant, said, tick)
        _delete(engine, shadow_predictions, shadow_predictions.c.prediction_id, tenant, names, tick)
        _delete(engine, predictions, predictions.c.prediction_id, tenant, names, tick)
        _delete(engine, tickets, tickets.c.digest, tenant, digests, tick, unless=_is_referred_to())
    return Rows(len(names), len(digests), len(mentioned), len(said), became, shadows, suspect)


def erase_outcomes(
    engine: Engine,
    tenant: str,
    ticket_ids: Collection[str],
    until: datetime,
    *,
    dry_run: bool = False,
    tick: Tick = lambda: None,
) -> int:
    """Erase what was reported of these tickets up to `until`, and return how many reports that were.

    Raises `JournalUnavailableError`.
    """
    names, found = sorted(ticket_ids), list[str]()
    with reading(engine) as connection:
        for start in range(0, len(names), AT_ONCE):
            mine = (outcomes.c.tenant == tenant) & outcomes.c.ticket_id.in_(names[start : start + AT_ONCE])
            found += connection.scalars(select(outcomes.c.digest).where(mine, outcomes.c.received_at <= until))
    if not dry_run:
        _delete(engine, outcomes, outcomes.c.digest, tenant, found, tick)
    return len(found)


def erase_suspects(
    engine: Engine,
    tenant: str,
    ticket_ids: Collection[str],
    until: datetime,
    *,
    dry_run: bool = False,
    tick: Tick = lambda: None,
) -> int:
    """Erase suspect labels of these tickets, with their texts, and decisions on them; how many rows that were.

    Of tickets that were opened up to `until`, or nobody knows when, and decisions up to then. Raises
    `JournalUnavailableError`.
    """
    names, count = sorted(ticket_ids), 0
    was_opened = suspects.c.opened_at.is_(None) | (suspects.c.opened_at <= until)
    for table, are_old in ((suspects, was_opened), (label_decisions, label_decisions.c.decided_at <= until)):
        found: list[str] = []
        with reading(engine) as connection:
            for start in range(0, len(names), AT_ONCE):
                mine = (table.c.tenant == tenant) & table.c.ticket_id.in_(names[start : start + AT_ONCE])
                found += connection.scalars(select(table.c.ticket_id).where(mine, are_old))
        if not dry_run:
            _delete(engine, table, table.c.ticket_id, tenant, sorted(set(found)), tick, unless=~are_old)
        count += len(found)
    return count


def erase_mentions(
    engine: Engine,
    tenant: str,
    ticket_ids: Collection[str],
    *,
    dry_run: bool = False,
    tick: Tick = lambda: None,
) -> int:
    """Take these tickets out of the similar ones that others' answers list, and return how many answers did.

    Reads all answers that list similar tickets. Raises `JournalUnavailableError`.
    """
    gone, changed = frozenset(ticket_ids), 0
    if not gone:
        return 0
    for page in _answers(engine, tenant):
        found = {row.prediction_id: after for row in page if (after := _without(row.answer, gone)) is not row.answer}
        changed += len(found)
        if found and not dry_run:
            with writing(engine) as connection:
                for name, answer in found.items():
                    mine = (predictions.c.tenant == tenant) & (predictions.c.prediction_id == name)
                    connection.execute(update(predictions).where(mine).values(answer=answer))
        tick()
    if not dry_run:
        _delete(engine, repeats, repeats.c.name, tenant, _repeats_of(engine, tenant, gone, key="ticket_id"), tick)
    return changed


def scrub(engine: Engine) -> bool:
    """See that what was deleted is in the database's files no more; whether that succeeded at once.

    SQLite overwrites what it deletes; here the write-ahead log is emptied, which has to wait for whoever reads. On
    PostgreSQL the dead rows are vacuumed; its own write-ahead log and its backups are beyond our reach.
    """
    with unbound(engine) as connection:
        if engine.dialect.name == "sqlite":
            driver: Any = connection.connection.dbapi_connection
            return bool(driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
        for table in _EMPTIED:
            connection.execute(text(f"VACUUM {table.name}"))
    return True


def _predictions_of(tenant: str, customers: Collection[str], until: datetime) -> Any:
    theirs = (tickets.c.tenant == predictions.c.tenant) & (tickets.c.digest == predictions.c.ticket_digest)
    return (
        select(predictions.c.prediction_id)
        .join(tickets, theirs)
        .where(tickets.c.tenant == tenant, tickets.c.customer_id.in_(customers), predictions.c.at <= until)
        .order_by(predictions.c.prediction_id)
    )


def _shadows_of(tenant: str, customers: Collection[str], until: datetime) -> Any:
    """How many there are: they go with the predictions."""
    theirs = shadow_predictions.c.prediction_id.in_(_predictions_of(tenant, customers, until).order_by(None))
    return select(func.count()).where(shadow_predictions.c.tenant == tenant, theirs)


def _tickets_of(tenant: str, customers: Collection[str], until: datetime) -> Any:
    """Digests of the tickets that were scored up to `until` and not since."""
    mine = (tickets.c.tenant == tenant) & tickets.c.customer_id.in_(customers) & (tickets.c.first_scored_at <= until)
    since = (
        exists()
        .where(predictions.c.tenant == tickets.c.tenant, predictions.c.ticket_digest == tickets.c.digest)
        .where(predictions.c.at > until)
    )
    return select(tickets.c.digest).where(mine, ~since).order_by(tickets.c.digest)


def _verdicts_of(tenant: str, customers: Collection[str], until: datetime) -> Any:
    """Received up to `until`, or since on predictions that go."""
    mine = (verdicts.c.tenant == tenant) & verdicts.c.customer_id.in_(customers)
    on_theirs = verdicts.c.prediction_id.in_(_predictions_of(tenant, customers, until).order_by(None))
    query = select(verdicts.c.verdict_id).where(mine, (verdicts.c.received_at <= until) | on_theirs)
    return query.order_by(verdicts.c.verdict_id)


def _is_referred_to() -> Any:
    return exists().where(predictions.c.tenant == tickets.c.tenant, predictions.c.ticket_digest == tickets.c.digest)


def _delete(
    engine: Engine, table: Any, key: Any, tenant: str, names: Sequence[str], tick: Tick, unless: Any = None
) -> None:
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        query = delete(table).where(table.c.tenant == tenant, key.in_(some))
        with writing(engine) as connection:
            delete_alone(connection)
            connection.execute(query if unless is None else query.where(~unless))
        tick()


def _repeats_of(engine: Engine, tenant: str, wanted: Collection[str], key: str = "prediction_id") -> list[str]:
    """Names of the kept answers that say one of the wanted things under `key`, however deep."""
    query = select(repeats.c.name, repeats.c.answer).where(repeats.c.tenant == tenant, repeats.c.answer.is_not(None))
    with reading(engine) as connection:
        found = connection.execute(query.execution_options(yield_per=100))
        return sorted(name for name, answer in found if wanted and not named_in(answer, key).isdisjoint(wanted))


def named_in(answer: Any, key: str) -> set[str]:
    """What a kept answer says under `key`; that to a ticket is kept as the names of its predictions alone."""
    names = answer.get("predictions", ()) if key == "prediction_id" and isinstance(answer, dict) else ()
    return wanted_in(answer, key) | set(map(str, names))


def wanted_in(value: Any, key: str) -> set[str]:
    """Everything that a JSON value says under `key`, however deep."""
    if isinstance(value, list):
        return set().union(*(wanted_in(one, key) for one in value))
    if not isinstance(value, dict):
        return set()
    found = set().union(*(wanted_in(one, key) for one in value.values()))
    return found | {str(value[key])} if key in value else found


def _answers(engine: Engine, tenant: str) -> Iterator[Sequence[Any]]:
    """Answers that list similar tickets, page by page, so that no transaction stays open long."""
    last = ""
    similar = func.instr if engine.dialect.name == "sqlite" else func.strpos
    raw = type_coerce(predictions.c.answer, Text)
    while True:
        query = select(predictions.c.prediction_id, predictions.c.answer).where(
            predictions.c.tenant == tenant, predictions.c.prediction_id > last, similar(raw, '"similar"') > 0
        )
        with reading(engine) as connection:
            page = connection.execute(query.order_by(predictions.c.prediction_id).limit(AT_ONCE)).all()
        if not page:
            return
        yield page
        last = page[-1].prediction_id


def _without(answer: Any, gone: frozenset[str]) -> Any:
    """The answer itself where it lists none of these tickets."""
    listed = answer.get("similar") if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        return answer
    kept = [one for one in listed if not (isinstance(one, dict) and str(one.get("ticket_id")) in gone)]
    return answer if len(kept) == len(listed) else {**answer, "similar": kept}
