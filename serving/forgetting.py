"""A person erased for whoever asks over HTTP: tombstone and rows at once, the files by a child process.

The files need what the serving process must not import. A child that is interrupted leaves the tombstone's report
unfinished, and housekeeping starts it again. Knows no HTTP.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from threading import Event
from typing import Final

from sqlalchemy import Engine

from desk.errors import PointsmanError
from journal.environment import Environment
from journal.erasure_report import ErasureReport, report_of
from journal.erasures import Person, bury, erasures
from journal.forgetting import erase_rows, ticket_ids_of
from journal.secret import installation_secret
from serving.child import CODE

__all__ = ["UNDER_WAY", "erase_files", "erase_person", "erase_unfinished"]

UNDER_WAY: Final = "files are being erased: ask again in a minute"
SECONDS_FOR_FILES: Final = 600
BETWEEN_LOOKS: Final = 0.2


def erase_person(
    environment: Environment, engine: Engine, tenant: str, customer: str, who: str, at: datetime
) -> tuple[Person, ErasureReport, frozenset[str]]:
    """Set the tombstone and erase the rows; who it is for the files, what went, and ids of their tickets.

    Raises `JournalUnavailableError`, and `SettingError` where there is no secret.
    """
    person = Person.of(customer, tenant, installation_secret(environment))
    until = bury(engine, person, who=who, at=at).at
    known = frozenset(ticket_ids_of(engine, tenant, [customer]))
    rows = erase_rows(engine, tenant, [customer], until)
    counted = asdict(rows)
    return person, ErasureReport(counted, left=(UNDER_WAY,)), known


def erase_files(environment: Environment, person: Person, known: Collection[str], stop: Event) -> ErasureReport:
    """Erase the person's files in a child process, and return its report; `stop` ends the child early.

    Raises `PointsmanError` with the child's reason, also where it ends without a word.
    """
    asked = {"tenant": person.tenant, "customer": person.name, "tickets": sorted(known)}
    child = subprocess.Popen(
        [sys.executable, "-m", "training.forgetting"],
        cwd=CODE,
        env=_variables(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    give_up = time.monotonic() + SECONDS_FOR_FILES
    given: str | None = json.dumps(asked)
    try:
        while True:
            try:
                said, _ = child.communicate(given, timeout=BETWEEN_LOOKS)
                return _report(said, child.returncode)
            except subprocess.TimeoutExpired:
                given = None
                if stop.is_set() or time.monotonic() > give_up:
                    raise PointsmanError("The child process that erases files was ended early.") from None
    finally:
        child.kill()
        child.communicate()


def erase_unfinished(environment: Environment, engine: Engine, before: datetime, stop: Event) -> int:
    """Erase the files of those whose tombstone is older than `before` and not through; how many there were.

    Raises as `erase_files` does, and `JournalUnavailableError`.
    """
    unfinished = [one for one in erasures(engine) if one.at < before and one.report.get("complete") is not True]
    for one in unfinished:
        erase_files(environment, Person(one.tenant, one.customer, installation_secret(environment)), (), stop)
    return len(unfinished)


def _report(said: str, code: int) -> ErasureReport:
    try:
        told = json.loads(said.strip().splitlines()[-1])
        if told["ok"] is True and code == 0:
            return report_of(told["report"])
        reason = str(told["error"])
    except (ValueError, IndexError, KeyError, TypeError):
        reason = f"the child process ended with {code} and without a report"
    raise PointsmanError(f"Files could not be erased: {reason}.")


def _variables(environment: Environment) -> dict[str, str]:
    """The child is to find what this process found, whatever folder it starts in."""
    found = {
        **os.environ,
        "POINTSMAN_HOME": str(environment.home),
        "POINTSMAN_DATABASE_URL": environment.database_url,
        "POINTSMAN_MLFLOW_URI": environment.mlflow_uri,
    }
    return found if environment.secret is None else {**found, "POINTSMAN_SECRET": environment.secret}
