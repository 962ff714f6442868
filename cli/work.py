"""`pointsman work`: whatever ticks, until it is told to end."""

import logging
import signal
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any, Final

import click

from cli.workplace import now, open_journal

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from journal.environment import Environment

__all__ = ["Worker", "command"]

log = logging.getLogger("pointsman.work")

SECONDS_BETWEEN_LOOKS: Final = 30
BETWEEN_WATCHES: Final = timedelta(days=1)
AFTER_A_FAILURE: Final = timedelta(hours=1)
"""Before what failed is tried again."""


@click.command("work")
@click.option("--once", is_flag=True, help="Look once, do what is due, and end.")
def command(once: bool) -> None:
    """Make the next version when it is due, watch for drift, prepare questions; any number may run, one works.

    Due by the clock, after enough new labels, or when the watch finds something: the setting `retraining`. What it does
    is a line of JSON each on stdout. A worker that is killed loses nothing: the next goes on where it was.
    """
    from serving.json_log import log_to

    environment, engine = open_journal()
    over = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: _end(over))
    with closing(log_to(sys.stdout)):
        worker = Worker(environment, engine, began=now())
        _say("began", tenant=environment.tenant)
        while True:
            worker.look(now())
            if once or over.wait(SECONDS_BETWEEN_LOOKS):
                break
        _say("ended", tenant=environment.tenant)


def _end(over: Event) -> None:
    """End at once: what is under way goes on where it was when it is begun again."""
    over.set()
    raise SystemExit(0)


class Worker:
    """Looks what is due, and does it; what fails is said, and tried again later."""

    def __init__(self, environment: "Environment", engine: "Engine", *, began: datetime) -> None:
        self._environment, self._engine, self._began = environment, engine, began
        self._tried: datetime | None = None
        self._judged: datetime | None = None
        self._watched: datetime | None = None
        self._found: Sequence[str] = ()
        self._asked: datetime | None = None
        self._not_before: dict[str, datetime] = {}

    def look(self, at: datetime) -> None:
        """Do what is due at `at`."""
        self._attempt("watch", at, self._watch)
        self._attempt("ask", at, self._ask)
        self._attempt("retrain", at, self._retrain)

    def _attempt(self, what: str, at: datetime, work: Any) -> None:
        if at < self._not_before.get(what, at):
            return
        try:
            work(at)
        except Exception as error:
            # A worker outlives whatever goes wrong in one piece of work. The log shows no error's words but our own.
            from desk.errors import PointsmanError

            self._not_before[what] = at + AFTER_A_FAILURE
            said = str(error) if isinstance(error, PointsmanError) else type(error).__name__
            log.exception(f"{what}_failed", extra={"fields": {"error": said}})

    def _watch(self, at: datetime) -> None:
        if self._watched is not None and at - self._watched < BETWEEN_WATCHES:
            return
        from journal.promotions import champion
        from training.gate.contestants import contestant
        from training.watch.watch import watch

        standing = champion(self._engine, self._environment.tenant)
        if standing is not None:
            version = contestant(self._environment, standing.version).version
            self._found = watch(self._environment, self._engine, version, at=at).reasons
        self._watched = at

    def _ask(self, at: datetime) -> None:
        from desk.errors import LeaseHeldError
        from journal.promotions import champion
        from training.asking.preparing import prepare_questions
        from training.asking.schedule import reason_to_prepare
        from training.gate.contestants import contestant
        from training.progress import Unwatched
        from training.run_off.undecided import run_off_of

        tenant = self._environment.tenant
        if reason_to_prepare(self._engine, at=at, tried=self._asked, tenant=tenant) is None:
            return
        standing = champion(self._engine, tenant)
        if standing is not None:
            version = contestant(self._environment, standing.version).version
            run_off = run_off_of(self._environment, self._engine, at=at)
            try:
                prepare_questions(self._engine, version, at=at, tenant=tenant, progress=Unwatched(), run_off=run_off)
            except LeaseHeldError:
                _say("asking_elsewhere")
        self._asked = at

    def _retrain(self, at: datetime) -> None:
        from desk.errors import LeaseHeldError
        from training.progress import Unwatched
        from training.retraining.retraining import retrain
        from training.retraining.schedule import reason_now, run_off_due
        from training.runs.provenance import user

        why = reason_now(
            self._environment, self._engine, now=at, tried=self._tried, began=self._began, found=self._found
        )
        decides = None if why else run_off_due(self._environment, self._engine, tried=self._judged)
        if why is None and decides is None:
            return
        _say("retraining", why=why or decides)
        try:
            done = retrain(
                self._environment,
                self._engine,
                at=at,
                who=user(),
                why=why or decides or "",
                may_learn=why is not None,
                progress=Unwatched(),
            )
        except LeaseHeldError:
            _say("retraining_elsewhere")
            return
        finally:
            self._judged = at
            self._tried = self._tried if why is None else at
        _say("retrained", outcome=done.outcome, version=done.version, reasons=list(done.reasons), job=done.job)


def _say(event: str, **fields: object) -> None:
    log.info(event, extra={"fields": fields})
