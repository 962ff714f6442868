"""Keeps the version that answers: looks at the journal's last promotion in the background and swaps one reference.

A version that cannot be used leaves the old one serving; it is reported, and not tried again until its files or its
promotion change. Where the journal cannot be reached, the last good version goes on, also across a restart. Knows
neither HTTP nor how a version is checked.
"""

import gc
import json
import logging
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final

from desk.answer import DEFAULT_QUEUE
from desk.demands import SETTING, Demands, read_demands
from desk.errors import JournalError, PointsmanError, RegistryError, SettingError
from desk.factors import DEFAULT_POLICY, FACTOR_SETTING, FactorPolicy, policy_of
from desk.modes import NO_TERMS, Terms
from models.contributions import prepare as prepare_reasons
from models.factors import prepare
from models.terms import version_terms
from models.version import Version

__all__ = ["Champion", "ChampionWatch", "Standing", "Trouble"]

LONGEST_PAUSE: Final = 32
"""In looks."""
log = logging.getLogger("pointsman.champion")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the journal says: the champion's name (None before the first promotion), since when, the default queue.

    demands: what the desk demands of contracts; policy: what counts in the priority score; None where the setting
    cannot be read.
    """

    version: str | None = None
    promoted_at: datetime | None = None
    default_queue: str = DEFAULT_QUEUE
    demands: Demands | None = field(default_factory=Demands)
    policy: FactorPolicy | None = DEFAULT_POLICY


@dataclass(frozen=True, slots=True)
class Champion:
    """What answers now, as one value that is only ever replaced whole. `version` is None before there is one.

    terms: derived from the version's evidence and the desk's demands, in the background and never in a request.
    """

    version: Version | None = None
    promoted_at: datetime | None = None
    default_queue: str = DEFAULT_QUEUE
    terms: Terms = NO_TERMS
    policy: FactorPolicy = DEFAULT_POLICY


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the journal's champion does not answer: the version (None: the journal itself), the reason, since when."""

    version: str | None
    error: str
    at: datetime


@dataclass(slots=True)
class _Failure:
    """What failed, how many looks to let pass before it is tried again, and how many of them are left."""

    key: object
    pause: float
    left: float


class ChampionWatch:
    """Holds `current`; a thread of its own renews it.

    `standing` reads the journal, `obtain` makes a version ready by name, `stamp` says whether a version's files have
    changed, `made` when they were written, `traffic` gives the scores of a version's last weeks, `remembered` is the
    file that keeps the last good standing, `seconds` lie between two looks.
    """

    def __init__(
        self,
        standing: Callable[[], Standing],
        obtain: Callable[[str, Event], Version],
        *,
        stamp: Callable[[str], object],
        traffic: Callable[[str], Sequence[float]],
        remembered: Path,
        now: Callable[[], datetime],
        seconds: float,
        made: Callable[[str], object] = lambda _: None,
    ) -> None:
        self.current = Champion()
        self.looked = Event()
        self._standing, self._obtain, self._stamp, self._traffic = standing, obtain, stamp, traffic
        self._remembered, self._now, self._seconds = remembered, now, seconds
        self._made = made
        self._made_at: object = None
        self._failure: _Failure | None = None
        self._version_trouble: Trouble | None = None
        self._journal_trouble: Trouble | None = None
        self._terms_trouble: Trouble | None = None
        self._policy_trouble: Trouble | None = None
        self._demands: Demands | None = None
        self._basis: object = None
        self._stop = Event()
        self._thread = Thread(target=self._run, name="champion", daemon=True)

    @property
    def trouble(self) -> Trouble | None:
        """Why the champion does not answer, or else what of the journal cannot be read; None where all is well."""
        return self._version_trouble or self._journal_trouble or self._terms_trouble or self._policy_trouble

    def start(self) -> None:
        """Begin to look, at once and then every few seconds; `looked` is set after the first look."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking; a version that is being tried is given up."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def look(self) -> None:
        """One look: follow the journal, or report why not."""
        try:
            standing = self._standing()
        except JournalError as error:
            self._report_journal(error)
            if self.current.version is None:
                self._follow(self._recalled())
        else:
            self._journal_trouble = None
            self._follow(standing)

    def _run(self) -> None:
        while True:
            try:
                self.look()
            except Exception as error:
                # The thread is all that keeps the service up to date: it must outlive what nobody foresaw.
                log.exception("champion_watch_failed", extra={"fields": {"error": type(error).__name__}})
            if self.current.version is None:
                prepare(None)
            self.looked.set()
            if self._stop.wait(self._seconds):
                return

    def _follow(self, standing: Standing) -> None:
        before = self.current
        self.current = replace(before, default_queue=standing.default_queue, policy=self._policy(standing))
        changed = self._are_new(standing.demands) or (before.default_queue, before.policy) != (
            self.current.default_queue,
            self.current.policy,
        )
        self._demand(standing)
        answering = self.current.version
        if standing.version is None or (answering is not None and answering.name == standing.version):
            self.current = replace(self.current, promoted_at=standing.promoted_at)
            self._version_trouble = self._failure = None
            self._renew_terms()
            if changed:
                self._remember(standing)
            if answering is not None and self._made(answering.name) not in (None, self._made_at):
                # Written anew, as when a person was erased from it: what is in memory must go too.
                self._try(answering.name, standing, None)
        elif self._may_try(key := (standing.version, standing.promoted_at, self._stamp(standing.version))):
            self._try(standing.version, standing, key)

    def _may_try(self, key: object) -> bool:
        if self._failure is None or self._failure.key != key:
            return True
        self._failure.left -= 1
        return self._failure.left < 0

    def _try(self, name: str, standing: Standing, key: object) -> None:
        self._made_at = self._made(name)
        try:
            version = self._obtain(name, self._stop)
        except RegistryError as error:
            # The registry may come back, so this is tried again; each time a little later.
            before = self._failure
            pause = min(2 * before.pause, LONGEST_PAUSE) if before is not None and before.key == key else 1
            self._failure = _Failure(key, pause, pause)
            self._report_version(name, str(error))
        except Exception as error:
            if not self._stop.is_set():
                self._failure = _Failure(key, math.inf, math.inf)
                self._report_version(name, str(error) if isinstance(error, PointsmanError) else type(error).__name__)
        else:
            self._swap(version, standing)

    def _swap(self, version: Version, standing: Standing) -> None:
        prepare(version.factors)
        prepare_reasons(version)  # with the forest: the first ticket would wait for it
        terms = self._terms(version)
        self.current = Champion(version, standing.promoted_at, standing.default_queue, terms, self.current.policy)
        self._version_trouble = self._failure = None
        self._remember(standing)
        log.info("version_answers", extra={"fields": {"version": version.name}})
        # A version is many small objects that live long: without this each full collection walks them all.
        gc.unfreeze()
        gc.collect()
        gc.freeze()

    def _are_new(self, demands: Demands | None) -> bool:
        return None not in (self._demands, demands) and self._demands != demands

    def _demand(self, standing: Standing) -> None:
        """Take the demands over; those that cannot be read leave the ones before, or nothing applied by itself."""
        if standing.demands is not None:
            self._demands, self._terms_trouble = standing.demands, None
        elif self._terms_trouble is None:
            error = (
                f"The setting {SETTING!r} cannot be read; `pointsman contracts` says why. What held before it holds."
            )
            self._terms_trouble = Trouble(None, error, self._now())
            log.error("contracts_cannot_be_read")

    def _policy(self, standing: Standing) -> FactorPolicy:
        """The policy of the priority score; where it cannot be read, the one before."""
        if standing.policy is not None:
            self._policy_trouble = None
            return standing.policy
        if self._policy_trouble is None:
            error = f"The setting {FACTOR_SETTING!r} cannot be read; `pointsman priority` says why."
            self._policy_trouble = Trouble(None, f"{error} What held before it holds.", self._now())
            log.error("priority_factors_cannot_be_read")
        return self.current.policy

    def _renew_terms(self) -> None:
        version = self.current.version
        if version is not None and self._basis != self._basis_of(version):
            self.current = replace(self.current, terms=self._terms(version))

    def _terms(self, version: Version) -> Terms:
        self._basis = self._basis_of(version)
        if self._demands is None:
            return NO_TERMS
        return version_terms(version, self._demands, self._traffic(version.name))

    def _basis_of(self, version: Version) -> object:
        """What terms are derived from: while it is the same, so are they."""
        return version.name, self._demands, self._traffic(version.name)

    def _report_version(self, version: str, error: str) -> None:
        before = self._version_trouble
        if before is None or (before.version, before.error) != (version, error):
            self._version_trouble = Trouble(version, error, self._now())
            log.error("champion_does_not_answer", extra={"fields": {"version": version, "error": error}})

    def _report_journal(self, error: JournalError) -> None:
        if self._journal_trouble is None:
            # The error names the database's address, which is for the log and not for whoever asks over HTTP.
            self._journal_trouble = Trouble(None, "The journal cannot be read; the log says why.", self._now())
            log.error("journal_cannot_be_read", extra={"fields": {"error": str(error)}})

    def _remember(self, standing: Standing) -> None:
        kept: dict[str, Any] = {"version": standing.version, "default_queue": standing.default_queue}
        kept[FACTOR_SETTING] = self.current.policy.to_json()
        if self._demands is not None:
            kept[SETTING] = self._demands.to_json()
        beside = self._remembered.with_suffix(f".{os.getpid()}")
        try:
            self._remembered.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(kept), encoding="utf-8")
            beside.replace(self._remembered)
        except OSError as error:
            log.warning("champion_not_remembered", extra={"fields": {"error": error.strerror}})

    def _recalled(self) -> Standing:
        try:
            kept = json.loads(self._remembered.read_text(encoding="utf-8"))
            demands = read_demands(kept[SETTING])
            version = None if kept["version"] is None else str(kept["version"])
            policy = policy_of(kept.get(FACTOR_SETTING, {}))
            return Standing(version, default_queue=str(kept["default_queue"]), demands=demands, policy=policy)
        except (OSError, ValueError, KeyError, TypeError, SettingError):
            return Standing()
