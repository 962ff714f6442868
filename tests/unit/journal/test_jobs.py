"""What was begun, what of it is done, and who may still say so."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from desk.errors import JournalError, LeaseLostError
from journal.jobs import Job, begin_job, end_job, find_job, jobs, last_job, note_step
from journal.leases import Lease, take_lease
from journal.tenants import add_tenant

START = datetime(2026, 11, 21, 10, tzinfo=UTC)


def take(engine: Engine, minutes: int = 0, tenant: str = "default") -> Lease:
    at = START + timedelta(minutes=minutes)
    return take_lease(engine, "retrain", holder="one", at=at, lasting=timedelta(minutes=5), tenant=tenant)


def begin(engine: Engine, lease: Lease, subject: str = "abc") -> Job:
    return begin_job(engine, lease, kind="retrain", subject=subject, who="ann", why="by hand", at=START)


def test_a_job_remembers_its_steps_and_how_it_ended(engine: Engine) -> None:
    lease = take(engine)
    job = begin(engine, lease)
    assert (job.number, job.state, job.done, job.result) == (1, "running", {}, None)
    job = note_step(engine, lease, job, "gathered", {"rows": 7})
    job = note_step(engine, lease, job, "registered", {"version": "2"})
    assert job.done == {"gathered": {"rows": 7}, "registered": {"version": "2"}}
    ended = end_job(engine, lease, job, state="done", result={"outcome": "promoted"}, at=START + timedelta(hours=1))
    assert (ended.state, ended.result, ended.ended_at) == ("done", {"outcome": "promoted"}, START + timedelta(hours=1))
    assert find_job(engine, 1) == ended
    assert find_job(engine, 2) is None
    with pytest.raises(JournalError, match="Job 1 has ended"):
        note_step(engine, lease, job, "more", {})


def test_jobs_are_counted_and_the_newest_comes_first(engine: Engine) -> None:
    lease = take(engine)
    first = begin(engine, lease, "a")
    end_job(engine, lease, first, state="failed", result={}, at=START)
    begin(engine, lease, "b")
    assert [(one.number, one.subject) for one in jobs(engine)] == [(2, "b"), (1, "a")]
    newest, failed = last_job(engine, "retrain"), last_job(engine, "retrain", state="failed")
    assert newest is not None
    assert failed is not None
    assert (newest.number, failed.number) == (2, 1)
    assert last_job(engine, "drift") is None


def test_each_tenant_counts_its_own(engine: Engine) -> None:
    add_tenant(engine, "other", at=START)
    begin(engine, take(engine))
    assert begin(engine, take(engine, tenant="other")).number == 1
    assert len(jobs(engine)) == 1


def test_who_has_lost_the_lease_writes_nothing(engine: Engine) -> None:
    lost = take(engine)
    job = begin(engine, lost)
    held = take(engine, 6)
    with pytest.raises(LeaseLostError):
        begin(engine, lost)
    with pytest.raises(LeaseLostError):
        note_step(engine, lost, job, "gathered", {})
    assert note_step(engine, held, job, "gathered", {}).done == {"gathered": {}}
