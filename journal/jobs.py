"""Jobs: what was begun, what of it is done, and what became of it, so that whoever comes after a death goes on.

A job's steps are written down one by one. Knows neither what a kind of job does nor who may do it (`journal.leases`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, Engine, func, insert, select, update

from desk.errors import JournalError
from journal.database import reading, writing
from journal.leases import Lease, check_lease
from journal.tables import DEFAULT_TENANT
from journal.tables import jobs as table
from journal.tenants import lock_tenant

__all__ = ["Job", "State", "begin_job", "end_job", "find_job", "jobs", "last_job", "note_step"]

State: TypeAlias = Literal["running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a tenant. number: counts them from 1. subject: digest of what it works on.

    state: `running` until it is known how it ended, also when its process died. done: by step, what it left behind.
    result: what came of it, as JSON; None while it runs.
    """

    number: int
    kind: str
    subject: str
    state: State
    who: str
    why: str
    began_at: datetime
    ended_at: datetime | None = None
    done: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] | None = None
    tenant: str = DEFAULT_TENANT


def begin_job(engine: Engine, lease: Lease, *, kind: str, subject: str, who: str, why: str, at: datetime) -> Job:
    """Write down that a job begins, of the lease's tenant.

    Raises `LeaseLostError` where another has the lease, `JournalUnavailableError`.
    """
    with writing(engine) as connection:
        lock_tenant(connection, lease.tenant)
        check_lease(connection, lease)
        number = (connection.scalar(select(func.max(table.c.number)).where(table.c.tenant == lease.tenant)) or 0) + 1
        job = Job(number, kind, subject, "running", who, why, at, tenant=lease.tenant)
        connection.execute(
            insert(table).values(
                tenant=job.tenant,
                number=number,
                kind=kind,
                subject=subject,
                state=job.state,
                who=who,
                why=why,
                began_at=at,
                ended_at=None,
                done={},
                result=None,
            )
        )
    return job


def note_step(engine: Engine, lease: Lease, job: Job, step: str, left: Any) -> Job:
    """Write down that a step is done and what it left behind, a JSON value; the job as it is then.

    Raises `LeaseLostError`, `JournalError` where the job has ended, `JournalUnavailableError`.
    """
    return _changed(engine, lease, job, {"done": {**job.done, step: left}})


def end_job(engine: Engine, lease: Lease, job: Job, *, state: State, result: Mapping[str, Any], at: datetime) -> Job:
    """Write down what came of it. Raises as `note_step` does."""
    return _changed(engine, lease, job, {"state": state, "result": dict(result), "ended_at": at})


def find_job(engine: Engine, number: int, tenant: str = DEFAULT_TENANT) -> Job | None:
    """The job of this number, or None."""
    with reading(engine) as connection:
        return _find(connection, number, tenant)


def last_job(engine: Engine, kind: str, tenant: str = DEFAULT_TENANT, *, state: State | None = None) -> Job | None:
    """The newest job of this kind, or None; with `state` the newest that stands so."""
    found = jobs(engine, tenant, kind=kind, state=state, most=1)
    return found[0] if found else None


def jobs(
    engine: Engine,
    tenant: str = DEFAULT_TENANT,
    *,
    kind: str | None = None,
    state: State | None = None,
    most: int | None = None,
) -> list[Job]:
    """The tenant's jobs, the newest first."""
    query = select(table).where(table.c.tenant == tenant).order_by(table.c.number.desc()).limit(most)
    if kind is not None:
        query = query.where(table.c.kind == kind)
    if state is not None:
        query = query.where(table.c.state == state)
    with reading(engine) as connection:
        return [_job(row) for row in connection.execute(query)]


def _changed(engine: Engine, lease: Lease, job: Job, values: Mapping[str, Any]) -> Job:
    with writing(engine) as connection:
        check_lease(connection, lease)
        mine = (table.c.tenant == job.tenant) & (table.c.number == job.number) & (table.c.state == "running")
        changed = connection.execute(update(table).where(mine).values(**values).returning(table)).one_or_none()
        if changed is None:
            raise JournalError(f"Job {job.number} has ended; nothing more becomes of it.")
        return _job(changed)


def _find(connection: Connection, number: int, tenant: str) -> Job | None:
    row = connection.execute(select(table).where(table.c.tenant == tenant, table.c.number == number)).one_or_none()
    return None if row is None else _job(row)


def _job(row: Any) -> Job:
    return Job(
        number=row.number,
        kind=row.kind,
        subject=row.subject,
        state=row.state,
        who=row.who,
        why=row.why,
        began_at=row.began_at,
        ended_at=row.ended_at,
        done=row.done,
        result=row.result,
        tenant=row.tenant,
    )
