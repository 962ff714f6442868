"""What people said of answers: verdicts, each kept once however often it comes, and read back as `Verdict`.

Knows neither whether a verdict counts (`desk.votes`) nor how it came in.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, select

from desk.feedback import Verdict
from journal.database import insert_told, reading, writing
from journal.erasures import customer_of, is_anybody_erased, unless_erased
from journal.predictions import RecordedPrediction
from journal.statements import AT_ONCE, digest_of
from journal.tables import DEFAULT_TENANT
from journal.tables import verdicts as table
from journal.turns import add_beside

__all__ = [
    "GivenVerdict",
    "KeptVerdict",
    "RecordedVerdict",
    "record",
    "recorded_verdicts",
    "verdicts",
    "verdicts_by",
    "verdicts_on",
]

SAID: Final = ("queue", "priority", "escalation", "comment", "saw_suggestion", "is_final", "withdraws")
"""Fields of a verdict that are kept together as its content."""


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """A verdict that comes in, and the prediction that it is of.

    has_time: whether it was told when it was said; else `verdict.at` is when it came in, and who says by it what they
    said last has said it once.
    """

    verdict: Verdict
    prediction: RecordedPrediction
    has_time: bool = True


@dataclass(frozen=True, slots=True)
class KeptVerdict:
    """Under which name a verdict is kept, when it was said, and whether it was new."""

    verdict_id: str
    at: datetime
    is_new: bool


@dataclass(frozen=True, slots=True)
class RecordedVerdict:
    """A verdict with what the journal knows of it. via: the key that brought it, or a file."""

    verdict_id: str
    ticket_id: str
    received_at: datetime
    via: str
    verdict: Verdict


def record(
    engine: Engine,
    given: Sequence[GivenVerdict],
    *,
    via: str,
    received_at: datetime,
    secret: Callable[[], bytes],
    tenant: str = DEFAULT_TENANT,
) -> list[KeptVerdict | None]:
    """Write verdicts on the tenant's predictions in one transaction; how each was kept, in their order.

    None where the prediction's customer was erased since. secret: the installation's, asked for only where somebody
    was erased. Raises `JournalUnavailableError`, and `JournalError` for a naive time.
    """
    kept: list[KeptVerdict | None] = []
    with writing(engine) as connection:
        add_beside(connection)
        is_to_be_sifted = is_anybody_erased(connection)
        for start in range(0, len(given), AT_ONCE):
            some = given[start : start + AT_ONCE]
            left = unless_erased(connection, [one.prediction for one in some], secret()) if is_to_be_sifted else None
            is_left = None if left is None else {one.prediction_id for one in left}
            kept += _record_some(connection, some, is_left, _Brought(tenant, via, received_at))
    return kept


@dataclass(frozen=True, slots=True)
class _Brought:
    tenant: str
    via: str
    received_at: datetime


def _record_some(
    connection: Connection, given: Sequence[GivenVerdict], left: set[str] | None, brought: _Brought
) -> list[KeptVerdict | None]:
    """left: names of the predictions whose customer is not erased; None: of all."""
    last = _said_last(connection, given, brought.tenant)
    found: list[KeptVerdict | None] = []
    rows: dict[str, dict[str, Any]] = {}
    for one in given:
        said = last.get((one.verdict.prediction_id, one.verdict.who))
        if left is not None and one.prediction.prediction_id not in left:
            found.append(None)
        elif said is not None and not one.has_time and said.content == _content(one.verdict):
            found.append(KeptVerdict(said.verdict_id, said.at, is_new=False))
        else:
            row = _row(one, brought)
            found.append(KeptVerdict(row["verdict_id"], one.verdict.at, is_new=row["verdict_id"] not in rows))
            rows[row["verdict_id"]] = row
    new = insert_told(connection, table, [rows[name] for name in sorted(rows)], "verdict_id")
    return [
        one if one is None else KeptVerdict(one.verdict_id, one.at, one.is_new and one.verdict_id in new)
        for one in found
    ]


def verdicts(
    engine: Engine,
    tenant: str = DEFAULT_TENANT,
    *,
    prediction_id: str | None = None,
    ticket_id: str | None = None,
    received_since: datetime | None = None,
) -> list[Verdict]:
    """The tenant's verdicts, those said first first: all, or those on one prediction, on one ticket, received since.

    Raises `JournalUnavailableError`.
    """
    found = recorded_verdicts(
        engine, tenant, prediction_id=prediction_id, ticket_id=ticket_id, received_since=received_since
    )
    return [one.verdict for one in found]


def recorded_verdicts(
    engine: Engine,
    tenant: str = DEFAULT_TENANT,
    *,
    prediction_id: str | None = None,
    ticket_id: str | None = None,
    received_since: datetime | None = None,
) -> list[RecordedVerdict]:
    """The same with what the journal knows of each."""
    query = select(table).where(table.c.tenant == tenant)
    if prediction_id is not None:
        query = query.where(table.c.prediction_id == prediction_id)
    if ticket_id is not None:
        query = query.where(table.c.ticket_id == ticket_id)
    if received_since is not None:
        query = query.where(table.c.received_at >= received_since)
    with reading(engine) as connection:
        found = connection.execute(query.order_by(table.c.at, table.c.received_at, table.c.verdict_id))
        return [_recorded(row) for row in found]


def verdicts_by(
    engine: Engine,
    who: str,
    *,
    most: int,
    since: datetime | None = None,
    before: datetime | None = None,
    tenant: str = DEFAULT_TENANT,
) -> list[RecordedVerdict]:
    """What one person said, the newest first: at most `most`, said `since` then and `before` then.

    Raises `JournalUnavailableError`.
    """
    query = select(table).where(table.c.tenant == tenant, table.c.who == who)
    if since is not None:
        query = query.where(table.c.at >= since)
    if before is not None:
        query = query.where(table.c.at < before)
    with reading(engine) as connection:
        found = connection.execute(query.order_by(table.c.at.desc(), table.c.verdict_id.desc()).limit(most))
        return [_recorded(row) for row in found]


def verdicts_on(engine: Engine, prediction_ids: Collection[str], tenant: str = DEFAULT_TENANT) -> list[RecordedVerdict]:
    """What anybody said of these predictions, those said first first. Raises `JournalUnavailableError`."""
    names, found = sorted(set(prediction_ids)), list[RecordedVerdict]()
    with reading(engine) as connection:
        for start in range(0, len(names), AT_ONCE):
            these = table.c.prediction_id.in_(names[start : start + AT_ONCE])
            found += map(_recorded, connection.execute(select(table).where(table.c.tenant == tenant, these)))
    return sorted(found, key=lambda one: (one.verdict.at, one.received_at, one.verdict_id))


def _said_last(connection: Connection, given: Sequence[GivenVerdict], tenant: str) -> dict[tuple[str, str], Any]:
    """The row of what each person said last of a prediction, of those predictions on which a verdict has no time."""
    names = {one.verdict.prediction_id for one in given if not one.has_time}
    if not names:
        return {}
    query = select(table).where(table.c.tenant == tenant, table.c.prediction_id.in_(names))
    rows = connection.execute(query.order_by(table.c.at, table.c.received_at, table.c.verdict_id))
    return {(row.prediction_id, row.who): row for row in rows}


def _row(given: GivenVerdict, brought: _Brought) -> dict[str, Any]:
    verdict, ticket = given.verdict, given.prediction.ticket
    content = _content(verdict)
    return {
        "tenant": brought.tenant,
        "verdict_id": digest_of(verdict.at, verdict.prediction_id, verdict.who, content),
        "prediction_id": verdict.prediction_id,
        "ticket_id": str(ticket["id"]),
        "customer_id": customer_of(ticket),
        "who": verdict.who,
        "at": verdict.at,
        "received_at": brought.received_at,
        "content": content,
        "via": brought.via,
    }


def _content(verdict: Verdict) -> dict[str, Any]:
    said = {name: getattr(verdict, name) for name in SAID}
    if not verdict.withdraws:
        del said["withdraws"]  # so that what was said before anything could be withdrawn keeps its name
    return said


def _recorded(row: Any) -> RecordedVerdict:
    return RecordedVerdict(row.verdict_id, row.ticket_id, row.received_at, row.via, _verdict(row))


def _verdict(row: Any) -> Verdict:
    return Verdict(
        row.prediction_id, row.who, row.at, **{name: row.content[name] for name in SAID if name in row.content}
    )
