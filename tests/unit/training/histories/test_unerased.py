"""An export that is given again brings nobody back who was erased."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from desk.outcome import Outcome, ResolvedTicket
from desk.ticket import Customer, Ticket
from journal.database import connect, migrate
from journal.environment import Environment, read_environment
from journal.erasures import Person, bury
from journal.secret import installation_secret
from journal.tenants import add_tenant
from training.histories.history import History, digest_of
from training.histories.unerased import without_erased

ERASED_AT = datetime(2026, 3, 1, tzinfo=UTC)


def row(number: int, customer: str | None, opened: datetime | None) -> ResolvedTicket:
    return ResolvedTicket(Ticket(id=str(number), created_at=opened, customer=Customer(customer)), Outcome(queue="A"))


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return read_environment({"POINTSMAN_HOME": str(tmp_path), "POINTSMAN_SECRET": "a secret of some length"})


@pytest.fixture
def engine(environment: Environment) -> Engine:
    made = connect(environment.database_url)
    migrate(made)
    return made


@pytest.fixture
def history() -> History:
    before, after = ERASED_AT - timedelta(days=1), ERASED_AT + timedelta(days=1)
    rows = (
        row(1, "c-9", before),
        row(2, "c-9", ERASED_AT),
        row(3, "c-9", after),
        row(4, "c-9", None),
        row(5, "c-10", before),
        row(6, None, None),
    )
    return History(rows, digest_of(rows), {}, ("as it was read",), "", ())


def test_where_nobody_was_erased_it_is_the_same_history(
    history: History, environment: Environment, engine: Engine
) -> None:
    assert without_erased(history, replace(environment, secret="short"), engine) is history


def test_tickets_from_before_the_erasing_are_left_out_and_newer_ones_stay(
    history: History, environment: Environment, engine: Engine
) -> None:
    secret = installation_secret(environment)
    for customer in ("c-9", "nobody in the history"):
        bury(engine, Person.of(customer, environment.tenant, secret), who="a test", at=ERASED_AT)
    left = without_erased(history, environment, engine)
    assert [one.ticket.id for one in left.rows] == ["3", "5", "6"]
    assert left.digest == digest_of(left.rows) != history.digest
    assert left.notes == ("as it was read", "3 tickets of people who were erased: left out")


def test_the_erasure_of_another_tenant_s_customer_means_nothing_here(
    history: History, environment: Environment, engine: Engine
) -> None:
    add_tenant(engine, "other", at=ERASED_AT)
    bury(engine, Person.of("c-9", "other", installation_secret(environment)), who="a test", at=ERASED_AT)
    assert without_erased(history, environment, engine) is history
