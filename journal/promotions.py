"""Which version answers, since when, who said so and why: an append-only record whose last row is the champion.

Knows neither versions nor MLflow, whose alias only mirrors this.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any, Final

from sqlalchemy import Connection, Engine, insert, select

from desk.errors import JournalError, PromotionConflictError
from journal.database import reading, writing
from journal.tables import DEFAULT_TENANT
from journal.tables import promotions as table
from journal.tenants import lock_tenant

__all__ = ["WHATEVER", "Promotion", "Whatever", "champion", "newest_promotions", "promote", "promotions", "rollback"]


class Whatever:
    """The type of `WHATEVER`."""


WHATEVER: Final = Whatever()
"""As `expected`: whichever version is champion now."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """`version` answers from `since` until `until`, which is None for the champion.

    `number` counts the tenant's promotions from 1. `returns_to` is set by a rollback: the number of the promotion that
    it goes back to.
    """

    number: int
    version: str
    since: datetime
    who: str
    why: str
    returns_to: int | None = None
    until: datetime | None = None


def champion(engine: Engine, tenant: str = DEFAULT_TENANT) -> Promotion | None:
    """The promotion that holds now, or None before the first."""
    with reading(engine) as connection:
        return _last(connection, tenant)


def promotions(engine: Engine, tenant: str = DEFAULT_TENANT) -> list[Promotion]:
    """All promotions, oldest first: each lasts until the next begins, so there is neither gap nor overlap.

    One that lasted no time at all has `until == since`: the clock had been put back.
    """
    with reading(engine) as connection:
        rows = connection.execute(select(table).where(table.c.tenant == tenant).order_by(table.c.number)).all()
    ends = [row.since for row in rows[1:]]
    return [_promotion(row, until) for row, until in zip_longest(rows, ends)]


def newest_promotions(
    engine: Engine, *, most: int, before: int | None = None, tenant: str = DEFAULT_TENANT
) -> list[Promotion]:
    """At most `most` promotions, the newest first; with `before` only those with a lower number."""
    query = select(table).where(table.c.tenant == tenant).order_by(table.c.number.desc())
    if before is not None:
        # With the one that ended the first of them.
        query = query.where(table.c.number <= before)
    with reading(engine) as connection:
        rows = connection.execute(query.limit(most if before is None else most + 1)).all()
    ends = [None, *(row.since for row in rows)]
    found = [_promotion(row, until) for row, until in zip(rows, ends, strict=False)]
    return [one for one in found if before is None or one.number < before][:most]


def promote(
    engine: Engine,
    version: str,
    *,
    who: str,
    why: str,
    at: datetime,
    expected: str | Whatever | None = WHATEVER,
    tenant: str = DEFAULT_TENANT,
) -> Promotion:
    """Make `version` the champion, if the champion is still the `expected` one (None: there is none yet).

    A version that is champion already stays it, and no row is written. Promotions are in order whatever the clock does:
    one never begins before the one that it follows.

    Raises `PromotionConflictError` where another version is champion, `JournalError` where `version` or `who` is blank
    or there is no such tenant.
    """
    with writing(engine) as connection:
        lock_tenant(connection, tenant)
        last = _last(connection, tenant)
        _check_expected(last, expected)
        if last is not None and last.version == version:
            return last
        return _append(connection, tenant, last, version=version, who=who, why=why, at=at)


def rollback(
    engine: Engine,
    *,
    who: str,
    why: str,
    at: datetime,
    expected: str | Whatever | None = WHATEVER,
    tenant: str = DEFAULT_TENANT,
) -> Promotion:
    """Go back to the version that answered before the champion was promoted.

    Rolling back again goes further back, as undoing does, and never forth: after 1, 2, 3 it leads to 2, then to 1. A
    promotion made after rollbacks goes back to what answered just before it.

    Raises `JournalError` where nothing came before, `PromotionConflictError` where the champion is not the `expected`
    one.
    """
    with writing(engine) as connection:
        lock_tenant(connection, tenant)
        last = _last(connection, tenant)
        _check_expected(last, expected)
        # What a rollback went back to stands in for it: one steps back from there.
        before = None if last is None else _at(connection, tenant, _stands_for(last) - 1)
        if before is None:
            held = "there is no champion" if last is None else f"version {last.version!r} was the first"
            raise JournalError(f"There is no version to go back to: {held}. Promote one by its number instead.")
        goal = _stands_for(before)
        return _append(connection, tenant, last, version=before.version, who=who, why=why, at=at, returns_to=goal)


def _stands_for(promotion: Promotion) -> int:
    return promotion.number if promotion.returns_to is None else promotion.returns_to


def _check_expected(last: Promotion | None, expected: str | Whatever | None) -> None:
    held = None if last is None else last.version
    if isinstance(expected, Whatever) or held == expected:
        return
    wanted = "no champion yet" if expected is None else f"version {expected!r} as champion"
    if last is None:
        raise PromotionConflictError(f"Expected {wanted}, but there is none; look again and promote without it.")
    raise PromotionConflictError(
        f"Expected {wanted}, but {last.who!r} promoted version {last.version!r} at {last.since.isoformat()}: "
        f"{last.why!r}. Look at it, then promote again."
    )


def _append(
    connection: Connection,
    tenant: str,
    last: Promotion | None,
    *,
    version: str,
    who: str,
    why: str,
    at: datetime,
    returns_to: int | None = None,
) -> Promotion:
    if not version.strip() or not who.strip():
        raise JournalError(f"A promotion needs a version and who says so, not {version!r} and {who!r}.")
    promotion = Promotion(
        number=1 if last is None else last.number + 1,
        version=version,
        since=at if last is None else max(at, last.since),
        who=who,
        why=why,
        returns_to=returns_to,
    )
    connection.execute(
        insert(table).values(
            tenant=tenant,
            number=promotion.number,
            version=version,
            since=promotion.since,
            who=who,
            why=why,
            returns_to=returns_to,
        )
    )
    return promotion


def _last(connection: Connection, tenant: str) -> Promotion | None:
    query = select(table).where(table.c.tenant == tenant).order_by(table.c.number.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else _promotion(row)


def _at(connection: Connection, tenant: str, number: int) -> Promotion | None:
    row = connection.execute(select(table).where(table.c.tenant == tenant, table.c.number == number)).one_or_none()
    return None if row is None else _promotion(row)


def _promotion(row: Any, until: datetime | None = None) -> Promotion:
    return Promotion(
        number=row.number,
        version=row.version,
        since=row.since,
        who=row.who,
        why=row.why,
        returns_to=row.returns_to,
        until=until,
    )
