"""The rows of a backup into a database, in one transaction: all of them or none.

Rows of people who were erased since, by a tombstone that is here or in the backup, stay out. Knows nothing of files
besides rows.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Engine, delete, func, insert, select, text

from journal.backup.form import TABLES, table_of
from journal.backup.opening import OpenedBackup
from journal.columns import Moment
from journal.database import reading, writing
from journal.erasures import Person
from journal.forgetting import named_in
from journal.tables import erasures
from journal.turns import delete_alone

__all__ = ["Tombstones", "is_empty", "load_rows", "tombstones_here"]

ROWS_AT_ONCE: Final = 500
FIRST_ROWS: Final[Mapping[str, int]] = {"tenants": 1}
"""Rows that a new journal has."""

Row = dict[str, Any]
Tombstones = dict[tuple[str, str], datetime]
Tick = Callable[[int], object]


@dataclass(slots=True)
class Sieve:
    """Keeps the rows of erased people out.

    held: tickets of theirs, for a prediction from after the tombstone. theirs: by tenant and id of all their tickets,
    when they were erased.
    """

    buried: Tombstones
    secret: bytes
    held: dict[tuple[str, str], tuple[datetime, Row]] = field(default_factory=dict)
    theirs: dict[tuple[str, str], datetime] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)

    def through(self, table: str, rows: Iterable[Row]) -> list[tuple[str, Row]]:
        """The rows that may be written, each with its table."""
        if not self.buried:
            return [(table, row) for row in rows]
        sift = {
            "tickets": self._ticket,
            "predictions": self._prediction,
            "shadow_predictions": self._shadow,
            "questions": self._question,
            "repeats": self._repeat,
            "verdicts": self._verdict,
            "outcomes": self._outcome,
            "suspects": self._suspect,
            "label_decisions": self._decision,
        }.get(table)
        if sift is None:
            return [(table, row) for row in rows]
        return [one for row in rows for one in sift(row)]

    def _ticket(self, row: Row) -> list[tuple[str, Row]]:
        at = self._erased_at(row)
        if at is None:
            return [("tickets", row)]
        self.held[row["tenant"], row["digest"]] = (at, row)
        return []

    def _erased_at(self, row: Row) -> datetime | None:
        """When the row's customer was erased, if they were."""
        customer = row["customer_id"]
        name = None if customer is None else Person.of(customer, row["tenant"], self.secret).name
        at = None if name is None else self.buried.get((row["tenant"], name))
        if at is not None:
            self.theirs[row["tenant"], row["ticket_id"]] = at
        return at

    def _prediction(self, row: Row) -> list[tuple[str, Row]]:
        key = (row["tenant"], row["ticket_digest"])
        if key not in self.held:
            return [("predictions", row)]
        at, ticket = self.held[key]
        if row["at"] <= at:
            self.dropped.add(row["prediction_id"])
            return []
        del self.held[key]
        return [("tickets", ticket), ("predictions", row)]

    def _shadow(self, row: Row) -> list[tuple[str, Row]]:
        return [] if row["prediction_id"] in self.dropped else [("shadow_predictions", row)]

    def _question(self, row: Row) -> list[tuple[str, Row]]:
        return [] if row["prediction_id"] in self.dropped else [("questions", row)]

    def _repeat(self, row: Row) -> list[tuple[str, Row]]:
        answer = None if row["answer"] is None else orjson.loads(row["answer"])
        return [] if named_in(answer, "prediction_id") & self.dropped else [("repeats", row)]

    def _verdict(self, row: Row) -> list[tuple[str, Row]]:
        at = self._erased_at(row)
        is_theirs = row["prediction_id"] in self.dropped or (at is not None and row["received_at"] <= at)
        return [] if is_theirs else [("verdicts", row)]

    def _suspect(self, row: Row) -> list[tuple[str, Row]]:
        return [] if self._is_theirs(row, row["opened_at"]) else [("suspects", row)]

    def _decision(self, row: Row) -> list[tuple[str, Row]]:
        return [] if self._is_theirs(row, row["decided_at"]) else [("label_decisions", row)]

    def _is_theirs(self, row: Row, since: datetime | None) -> bool:
        """Whether the row is of a ticket of theirs, from before they were erased or from nobody knows when."""
        at = self._erased_at(row) or self.theirs.get((row["tenant"], row["ticket_id"]))
        return at is not None and (since is None or since <= at)

    def _outcome(self, row: Row) -> list[tuple[str, Row]]:
        at = self.theirs.get((row["tenant"], row["ticket_id"]))
        return [] if at is not None and row["received_at"] <= at else [("outcomes", row)]


def is_empty(engine: Engine) -> bool:
    """Whether the migrated journal holds nothing but what a new one does."""
    with reading(engine) as connection:
        counts = {name: connection.scalar(select(func.count()).select_from(one)) or 0 for name, one in TABLES.items()}
    return all(count <= FIRST_ROWS.get(name, 0) for name, count in counts.items())


def tombstones_here(engine: Engine) -> list[Row]:
    """The rows of the tombstones that the journal holds now."""
    with reading(engine) as connection:
        return [dict(row) for row in connection.execute(select(TABLES[erasures.name])).mappings()]


def load_rows(engine: Engine, backup: OpenedBackup, secret: bytes, here: list[Row], tick: Tick = lambda _: None) -> int:
    """Put the backup's rows in the place of all that is there; how many predictions stayed out.

    engine: of the migrated journal. here: tombstones to keep. Raises `JournalUnavailableError` and `RowRefusedError`;
    then everything is as it was.
    """
    sieve = Sieve({(row["tenant"], row["customer"]): row["at"] for row in here}, secret)
    with writing(engine) as connection:
        delete_alone(connection)
        with _changeable(connection):
            for name in reversed(TABLES):
                connection.execute(delete(TABLES[name]))
        for name, file in backup.members("database/"):
            table = table_of(name)
            for rows in _parts(map(_row(table), file)):
                _write(connection, sieve.through(table, rows))
                tick(len(rows))
        _keep(connection, here)
    return len(sieve.dropped)


def _row(table: str) -> Callable[[bytes], Row]:
    moments = [one.name for one in TABLES[table].columns if isinstance(one.type, Moment)]

    def read(line: bytes) -> Row:
        row: Row = orjson.loads(line)
        for name in moments:
            row[name] = None if row[name] is None else datetime.fromisoformat(row[name])
        return row

    return read


def _parts(rows: Iterable[Row]) -> Iterator[list[Row]]:
    part: list[Row] = []
    for row in rows:
        part.append(row)
        if len(part) == ROWS_AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def _write(connection: Connection, rows: list[tuple[str, Row]]) -> None:
    for name in TABLES:
        mine = [row for table, row in rows if table == name]
        if mine:
            connection.execute(insert(TABLES[name]), mine)


def _keep(connection: Connection, here: list[Row]) -> None:
    """The tombstones that were here, where the backup has none or an older one."""
    table = TABLES[erasures.name]
    tenants = set(connection.scalars(select(TABLES["tenants"].c.name)))
    for row in here:
        mine = (table.c.tenant == row["tenant"]) & (table.c.customer == row["customer"])
        known = connection.execute(select(table.c.at).where(mine)).scalar()
        if row["tenant"] in tenants and (known is None or known < row["at"]):
            connection.execute(delete(table).where(mine))
            connection.execute(insert(table), [row])


@contextmanager
def _changeable(connection: Connection) -> Iterator[None]:
    """Within it, tables that are append-only let go of their rows; in the same transaction."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        triggers = [(str(row.name), str(row.sql)) for row in connection.execute(text(query))]
        before = [f'DROP TRIGGER "{name}"' for name, _ in triggers]
        after = [sql for _, sql in triggers]
    else:
        before, after = (
            [f"ALTER TABLE {name} {word} TRIGGER USER" for name in TABLES] for word in ("DISABLE", "ENABLE")
        )
    for words in before:
        connection.exec_driver_sql(words)
    yield
    for words in after:
        connection.exec_driver_sql(words)
