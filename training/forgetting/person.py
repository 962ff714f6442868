"""A person from tombstone to report: the journal's rows at once, then the files.

Knows no screen. What cannot be reached is said in the report: the same call does the rest.
"""

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Engine

from journal.environment import Environment
from journal.erasure_report import ErasureReport, report_of
from journal.erasures import Erasure, Person, bury, find_erasure, note_report
from journal.forgetting import customer_ids, erase_rows, ticket_ids_of
from journal.secret import installation_secret
from journal.tables import DEFAULT_TENANT
from training.forgetting.erasing import PATIENCE, Erasing
from training.forgetting.files import erase_files
from training.progress import Progress, Unwatched

__all__ = ["erase_again", "erase_rest", "forget"]


def forget(
    environment: Environment,
    engine: Engine,
    customer: str,
    *,
    who: str,
    at: datetime,
    tenant: str = DEFAULT_TENANT,
    dry_run: bool = False,
    patience: float = PATIENCE,
    progress: Progress | None = None,
) -> ErasureReport:
    """Erase the customer of this id everywhere, or with `dry_run` say what would go.

    engine: of the migrated journal. patience: seconds to wait for the log of living processes.
    Raises `JournalUnavailableError`, and `SettingError` where there is no secret.
    """
    person = Person.of(customer, tenant, installation_secret(environment))
    until = at if dry_run else bury(engine, person, who=who, at=at).at
    known = frozenset(ticket_ids_of(engine, tenant, [customer]))
    shown = progress or Unwatched()
    return _erased(Erasing(environment, engine, person, until, known, dry_run, patience, shown), [customer])


def erase_again(environment: Environment, engine: Engine, erasure: Erasure) -> ErasureReport:
    """Do once more what a tombstone stands for, as after a restore: all that is known is its keyed hash."""
    person = Person(erasure.tenant, erasure.customer, installation_secret(environment))
    customers = customer_ids(engine, person)
    known = frozenset(ticket_ids_of(engine, person.tenant, customers))
    return _erased(Erasing(environment, engine, person, erasure.at, known), customers)


def erase_rest(
    environment: Environment, engine: Engine, person: Person, known: Collection[str]
) -> ErasureReport | None:
    """The files of a person whose tombstone is set and whose rows are gone; None where there is no tombstone.

    known: ids of their tickets that the journal knew.
    """
    erasure = find_erasure(engine, person)
    if erasure is None:
        return None
    erasing = Erasing(environment, engine, person, erasure.at, frozenset(known))
    return _noted(erasing, erase_files(erasing))


def _erased(erasing: Erasing, customers: Collection[str]) -> ErasureReport:
    erasing.progress.stage("The journal", 1)
    tenant, dry_run = erasing.person.tenant, erasing.dry_run
    rows = erase_rows(erasing.engine, tenant, customers, erasing.until, dry_run=dry_run)
    counted = asdict(rows)
    whole = ErasureReport(counted) + erase_files(erasing)
    return whole if dry_run else _noted(erasing, whole)


def _noted(erasing: Erasing, report: ErasureReport) -> ErasureReport:
    """The report, with the versions that earlier ones listed; what all of them say is kept beside the tombstone."""
    erasure = find_erasure(erasing.engine, erasing.person)
    if erasure is None:
        return report
    whole = report_of(erasure.report) + report
    note_report(erasing.engine, erasure, whole.to_json())
    return replace(report, versions=whole.versions)
