"""Keeps the version that answers: looks at the journal's last promotion in the background and swaps one reference.

A version that cannot be used leaves the old one serving; it is reported, and not tried again until its files or its
promotion change. Where the journal cannot be reached, the last good version goes on, also across a restart; so it does
where a process starts and the promoted version cannot be had. The version before stays in memory for a while: going
back to it takes no time. Knows neither HTTP nor how a version is checked.
"""

import gc
import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Final, Literal

from desk.errors import JournalError, PointsmanError, RegistryError, UnknownVersionError, VersionError
from desk.modes import NO_TERMS, Terms
from desk.shadow import ShadowPolicy
from desk.taxonomy import NO_CHANGES, Taxonomy
from desk.taxonomy_setting import default_queue_today
from journal.watch_reports import WatchFigures
from models.contributions import prepare as prepare_reasons
from models.evidence import put_away
from models.factors import prepare
from models.queue_names import QueueNames, names_of
from models.terms import version_terms
from models.version import Version
from serving.attempt import Attempt
from serving.holding import Champion, SettingsFollowed, Standing, Trouble
from serving.last_good import recall, remember
from serving.memory import give_back
from serving.rounds import Rounds

__all__ = ["Champion", "ChampionWatch", "Standing", "Trouble"]

LONGEST_PAUSE: Final = 32
"""In looks."""

SECONDS_BEFORE_IS_KEPT: Final = 300.0
"""How long the version before stays in memory, where it takes as much as the one that answers: most who go back go back
soon. Afterwards it is loaded from disk, which takes a second or two."""

_BEGINS: Final = {"champion": "version_answers", "challenger": "version_in_shadow"}
log = logging.getLogger("pointsman.champion")


@dataclass(slots=True)
class _Failure:
    """What failed, how many looks to let pass before it is tried again, and how many of them are left."""

    key: object
    pause: float
    left: float


@dataclass(frozen=True, slots=True)
class _Kept:
    """A version that was loaded, and what its files looked like then."""

    version: Version
    stamp: object


class ChampionWatch:
    """Holds `current`; a thread of its own renews it.

    `standing` reads the journal, `obtain` makes a version ready by name, `stamp` says what a version's files look like
    (falsy where there are none), `traffic` gives the scores of a version's last weeks, `remembered` is the file that
    keeps the last good standing (None: nothing does), `seconds` lie between two looks. `swapped` is called after every
    swap. made: when a version's files were written. role: in the log; a challenger answers nobody.
    """

    def __init__(
        self,
        standing: Callable[[], Standing],
        obtain: Callable[[str, Event], Version],
        *,
        stamp: Callable[[str], object],
        traffic: Callable[[str], Sequence[float]],
        remembered: Path | None,
        now: Callable[[], datetime],
        seconds: float,
        swapped: Callable[[], None] = lambda: None,
        made: Callable[[str], object] = lambda _: None,
        role: Literal["champion", "challenger"] = "champion",
    ) -> None:
        self.current = Champion()
        self.watched: WatchFigures | None = None
        self.shadow: tuple[ShadowPolicy | None, int] = (None, 0)
        """Who scores in shadow, and by which revision of the setting, as last read."""
        self._role = role
        self._standing, self._obtain, self._stamp, self._traffic = standing, obtain, stamp, traffic
        self._remembered, self._now, self._seconds, self._swapped = remembered, now, seconds, swapped
        self._settings = SettingsFollowed(now)
        self._loaded: _Kept | None = None
        self._before: _Kept | None = None
        self._swapped_at = 0.0
        self._made = made
        self._made_at: object = None
        self._failure: _Failure | None = None
        self._no_stand_in: object = None
        self._version_trouble: Trouble | None = None
        self._journal_trouble: Trouble | None = None
        self._basis: object = None
        self._named_by = NO_CHANGES
        self._erased_at: datetime | None = None
        self.erasure_seen = -math.inf
        """When this process saw that somebody was erased, in the seconds of `time.monotonic`."""
        self._rounds = Rounds("champion", self._look_and_prepare, seconds)
        self.looked = self._rounds.been_round

    @property
    def trouble(self) -> Trouble | None:
        """Why the champion does not answer, or else what of the journal cannot be read; None where all is well."""
        return self._version_trouble or self._journal_trouble or self._settings.trouble

    def at_hand(self, name: str) -> Version | None:
        """The version of this name, if it is in memory: the one that answers, or for a while the one before it."""
        known = (one.version for one in (self._loaded, self._before) if one is not None)
        return next((version for version in known if version.name == name), None)

    def start(self) -> None:
        """Begin to look, at once and then every few seconds; `looked` is set after the first look."""
        self._rounds.start()

    def stop(self) -> None:
        """Stop looking; a version that is being tried is given up."""
        self._rounds.stop()

    def look(self) -> None:
        """One look: follow the journal, or report why not."""
        if self._before is not None and time.monotonic() - self._swapped_at > SECONDS_BEFORE_IS_KEPT:
            self._before = None
        standing = self._read()
        if standing is not None:
            self._follow(standing)
        elif self.current.version is None:
            self._follow(self._recalled())

    def _look_and_prepare(self) -> None:
        try:
            self.look()
        finally:
            if self.current.version is None:
                prepare(None)

    def _read(self) -> Standing | None:
        """What the journal says; None where it cannot be read, which is reported."""
        try:
            standing = self._standing()
        except JournalError as error:
            self._report_journal(error)
            return None
        self._journal_trouble = None
        self.watched = standing.watched
        self.shadow = standing.shadow, standing.shadow_revision
        if standing.erased_at != self._erased_at:
            self._erased_at, self.erasure_seen = standing.erased_at, time.monotonic()
        return standing

    def _follow(self, standing: Standing) -> None:
        is_new = self._settings.take(standing)
        self._renew(self.current.version)
        answering = self.current.version
        if standing.version is None or (answering is not None and answering.name == standing.version):
            self.current = replace(self.current, promoted_at=standing.promoted_at)
            self._version_trouble = self._failure = None
            if is_new:
                self._remember(standing.version)
            if answering is not None and self._made(answering.name) not in (None, self._made_at):
                # Written anew, as when a person was erased from it: what is in memory must go too.
                self._try(standing)
        elif self._may_try(self._key(standing)):
            self._try(standing)

    def _key(self, standing: Standing) -> object:
        """What must change before a version that failed is tried again."""
        return standing.version, standing.promoted_at, self._stamp(standing.version or "")

    def _may_try(self, key: object) -> bool:
        if self._failure is None or self._failure.key != key:
            return True
        self._failure.left -= 1
        return self._failure.left < 0

    def _try(self, standing: Standing) -> None:
        """Let the promoted version answer, or report why it cannot."""
        name = str(standing.version)
        if self.current.version is None and not self._stamp(name):
            # It has to be fetched, which may take minutes or fail: until then the last good one answers.
            self._stand_in(but=name)
        key = self._key(standing)
        self._made_at = self._made(name)
        try:
            self._swap(self._obtained(name, lambda: self._is_outdated(name)), standing)
        except Exception as error:
            if self._rounds.stopping.is_set() or self._is_outdated(name):
                return
            self._fail(name, error, standing, is_again=self._failure is not None and self._failure.key == key)
            if self.current.version is None:
                self._stand_in(but=name)
        else:
            self._version_trouble = self._failure = None
            self._remember(name)
            self._swapped()

    def _fail(self, name: str, error: Exception, standing: Standing, *, is_again: bool) -> None:
        if isinstance(error, RegistryError | UnknownVersionError):
            # The registry may come back, so this is tried again; each time a little later.
            before = self._failure.pause if is_again and self._failure is not None else 0.5
            pause = min(2 * before, LONGEST_PAUSE)
        else:
            pause = math.inf
        # The key as it is now: files that were fetched anew meanwhile are not files that have changed since.
        self._failure = _Failure(self._key(standing), pause, pause)
        self._report_version(name, _in_public(name, error), error)

    def _stand_in(self, *, but: str) -> None:
        """Where nothing answers: let the last good version answer, if its files are here; each is tried once."""
        last = self._recalled().version
        key = (last, None if last is None else self._stamp(last))
        if last in (None, but) or not key[1] or key == self._no_stand_in:
            return
        self._no_stand_in = key
        try:
            self._swap(self._obtained(str(last), lambda: False), Standing(last))
        except Exception as error:
            log.warning("last_version_does_not_answer", extra={"fields": {"version": last, "error": str(error)}})

    def _obtained(self, name: str, is_outdated: Callable[[], bool]) -> _Kept:
        """The version, from memory where it was the one before; looks on meanwhile, and lets go of it if outdated."""
        if self._before is not None and self._before.version.name == name and self._before.stamp == self._stamp(name):
            return self._before
        attempt = Attempt(self._obtain, name)
        while not attempt.is_done(self._seconds):
            if self._rounds.stopping.is_set() or is_outdated():
                attempt.give_up()
        return _Kept(attempt.result(), self._stamp(name))

    def _is_outdated(self, name: str) -> bool:
        """Whether another version has been promoted meanwhile; settings that change meanwhile hold at once."""
        standing = self._read()
        if standing is None:
            return False
        if self._settings.take(standing):
            self._renew(self.current.version)
        return standing.version != name

    def _swap(self, kept: _Kept, standing: Standing) -> None:
        version = kept.version
        prepare(version.factors)
        prepare_reasons(version)  # with the forest: the first ticket would wait for it
        self._renew(version, standing.promoted_at)
        if self._loaded is not None and self._loaded.version.name != version.name:
            self._before = self._loaded
        self._loaded, self._swapped_at = kept, time.monotonic()
        log.info(_BEGINS[self._role], extra={"fields": {"version": version.name}})
        # A version is many small objects that live long: without this each full collection walks them all.
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        put_away(version.evidence)
        give_back()

    def _renew(self, version: Version | None, promoted_at: datetime | None = None) -> None:
        """Let `version` answer on the settings that hold: one assignment, and none where nothing is new."""
        held = self._settings.held
        if version is self.current.version:
            promoted_at = self.current.promoted_at
        taxonomy = held.taxonomy.as_of(self._now())
        made = Champion(
            version,
            promoted_at,
            default_queue_today(held.default_queue, taxonomy),
            self._terms(version, taxonomy),
            held.policy,
            held.contracts,
            held.priority_factors,
            self._names(version, taxonomy),
            (held.taxonomy_revision, len(taxonomy.records)),
            held.fallbacks_revision,
        )
        if version is not self.current.version or made != self.current:
            self.current = made

    def _names(self, version: Version | None, taxonomy: Taxonomy) -> QueueNames | None:
        """What the version's queues are called today; while it and the records are the same, so are they."""
        if version is self.current.version and taxonomy == self._named_by:
            return self.current.names
        self._named_by = taxonomy
        return None if version is None else names_of(version, taxonomy)

    def _terms(self, version: Version | None, taxonomy: Taxonomy) -> Terms:
        """What follows from evidence, demands, traffic and names; while these are the same, so are the terms."""
        held = self._settings.held
        demands, holdback, fallbacks = held.demands, held.holdback, held.fallbacks
        if version is None or demands is None:
            self._basis = None
            return NO_TERMS
        traffic = self._traffic(version.name)
        basis = version.name, demands, traffic, holdback, taxonomy, fallbacks
        if basis == self._basis and version is self.current.version:
            return self.current.terms
        terms = version_terms(version, demands, traffic, holdback, taxonomy, fallbacks)
        self._basis = basis
        return terms

    def _remember(self, name: str | None) -> None:
        if self._remembered is not None:
            remember(self._remembered, name, self._settings.held)

    def _recalled(self) -> Standing:
        return Standing() if self._remembered is None else recall(self._remembered)

    def _report_version(self, version: str, words: str, error: Exception) -> None:
        before = self._version_trouble
        if before is None or (before.version, before.error) != (version, words):
            self._version_trouble = Trouble(version, words, self._now())
            fields = {"version": version, "error": str(error) if isinstance(error, PointsmanError) else words}
            log.error(f"{self._role}_does_not_answer", extra={"fields": fields})

    def _report_journal(self, error: JournalError) -> None:
        if self._journal_trouble is None:
            # The error names the database's address, which is for the log and not for whoever asks over HTTP.
            self._journal_trouble = Trouble(None, "The journal cannot be read; the log says why.", self._now())
            log.error("journal_cannot_be_read", extra={"fields": {"error": str(error)}})


def _in_public(name: str, error: Exception) -> str:
    """The error for whoever asks over HTTP: where the registry and its files lie is for the log."""
    if isinstance(error, RegistryError):
        damage = f"{error.__cause__} " if isinstance(error.__cause__, VersionError) else ""
        return f"{damage}Version {name!r} could not be fetched from the registry; the log says why."
    if isinstance(error, UnknownVersionError):
        return f"Version {name!r} is neither on this machine nor in the registry."
    return str(error) if isinstance(error, PointsmanError) else type(error).__name__
