"""What holds now: what the journal says, what answers, what is wrong, and the desk's settings as last read.

Values, and the one place that says which revision of a setting they come from. Knows neither journal nor files.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from desk.answer import DEFAULT_QUEUE
from desk.demands import SETTING, Demands
from desk.factors import DEFAULT_POLICY, FACTOR_SETTING, FactorPolicy
from desk.fallbacks import FALLBACKS_SETTING, NO_FALLBACKS, Fallbacks
from desk.holdback import HOLDBACK, HOLDBACK_SETTING
from desk.modes import NO_TERMS, Terms
from desk.shadow import ShadowPolicy
from desk.taxonomy import NO_CHANGES, Taxonomy
from desk.taxonomy_setting import TAXONOMY_SETTING
from journal.watch_reports import WatchFigures
from models.queue_names import QueueNames
from models.version import Version
from serving.basis import Basis, basis_json

__all__ = ["Champion", "Settings", "SettingsFollowed", "Standing", "Trouble"]

log = logging.getLogger("pointsman.champion")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the journal says: the champion's name (None before the first promotion), since when, the default queue.

    demands: what the desk demands of contracts; policy: what counts in the priority score; None where the setting
    cannot be read. holdback: the share of tickets kept from automation, taxonomy: how queues changed, fallbacks: labels
    whose contracts are in breach, all likewise. contracts, priority_factors, taxonomy_revision, fallbacks_revision: the
    revisions that say so, 0 where they were never set. erased_at: when somebody was erased last. watched: what the
    watch found last. shadow: who scores in shadow, None for nobody; shadow_revision: that says so.
    """

    version: str | None = None
    promoted_at: datetime | None = None
    default_queue: str = DEFAULT_QUEUE
    demands: Demands | None = field(default_factory=Demands)
    policy: FactorPolicy | None = DEFAULT_POLICY
    contracts: int = 0
    priority_factors: int = 0
    erased_at: datetime | None = None
    holdback: float | None = HOLDBACK
    taxonomy: Taxonomy | None = NO_CHANGES
    taxonomy_revision: int = 0
    fallbacks: Fallbacks | None = NO_FALLBACKS
    fallbacks_revision: int = 0
    watched: WatchFigures | None = None
    shadow: ShadowPolicy | None = None
    shadow_revision: int = 0


@dataclass(frozen=True, slots=True)
class Champion:
    """What answers now, as one value that is only ever replaced whole. `version` is None before there is one.

    terms: derived from the version's evidence and the desk's demands, in the background and never in a request.
    contracts: the revision of the demands, None where there are none that could be read. priority_factors: that of the
    policy. names: what the version's queues are called today, None where that is as it learned them. taxonomy: the
    revision that says so, and how many of its records have come about. fallbacks: the revision of the labels whose
    contracts are in breach. basis: all of it as each row of the journal keeps it.
    """

    version: Version | None = None
    promoted_at: datetime | None = None
    default_queue: str = DEFAULT_QUEUE
    terms: Terms = NO_TERMS
    policy: FactorPolicy = DEFAULT_POLICY
    contracts: int | None = 0
    priority_factors: int = 0
    names: QueueNames | None = None
    taxonomy: tuple[int, int] = (0, 0)
    fallbacks: int = 0
    basis: dict[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put the basis into JSON once, not with every answer."""
        terms = self.terms
        revisions = self.contracts, self.priority_factors
        made = Basis(
            self.default_queue,
            *revisions,
            terms.cuts,
            terms.too_little,
            terms.holdback,
            self.taxonomy,
            self.fallbacks,
        )
        object.__setattr__(self, "basis", basis_json(made))


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the journal's champion does not answer: the version (None: the journal itself), the reason, since when."""

    version: str | None
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Settings:
    """The desk's settings that hold, with their revisions; `demands` is None where none could ever be read."""

    default_queue: str = DEFAULT_QUEUE
    demands: Demands | None = None
    contracts: int | None = None
    policy: FactorPolicy = DEFAULT_POLICY
    priority_factors: int = 0
    holdback: float = HOLDBACK
    taxonomy: Taxonomy = NO_CHANGES
    taxonomy_revision: int = 0
    fallbacks: Fallbacks = NO_FALLBACKS
    fallbacks_revision: int = 0


_UNREAD: Final = {
    SETTING: ("contracts_cannot_be_read", f"The setting {SETTING!r} cannot be read; `pointsman contracts` says why."),
    FACTOR_SETTING: (
        "priority_factors_cannot_be_read",
        f"The setting {FACTOR_SETTING!r} cannot be read; `pointsman priority` says why.",
    ),
    HOLDBACK_SETTING: (
        "holdback_cannot_be_read",
        f"The setting {HOLDBACK_SETTING!r} cannot be read; `pointsman settings` shows it.",
    ),
    TAXONOMY_SETTING: (
        "taxonomy_cannot_be_read",
        f"The setting {TAXONOMY_SETTING!r} cannot be read; `pointsman taxonomy` says why.",
    ),
    FALLBACKS_SETTING: (
        "fallbacks_cannot_be_read",
        f"The setting {FALLBACKS_SETTING!r} cannot be read; `pointsman drift` writes it anew.",
    ),
}


class SettingsFollowed:
    """Holds the settings that were last read; one that cannot be read leaves the one before, and is reported."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.held = Settings()
        self._now = now
        self._troubles: dict[str, Trouble] = {}

    @property
    def trouble(self) -> Trouble | None:
        """Which setting cannot be read, since when; None where all can."""
        return next((self._troubles[name] for name in _UNREAD if name in self._troubles), None)

    def take(self, standing: Standing) -> bool:
        """Take over what the journal says; whether anything is worth remembering."""
        before = self.held
        is_readable = self._noted(SETTING, standing.demands), self._noted(FACTOR_SETTING, standing.policy)
        self._noted(HOLDBACK_SETTING, standing.holdback)
        is_read = self._noted(TAXONOMY_SETTING, standing.taxonomy)
        is_known = self._noted(FALLBACKS_SETTING, standing.fallbacks)
        self.held = Settings(
            standing.default_queue,
            standing.demands if is_readable[0] else before.demands,
            standing.contracts if is_readable[0] else before.contracts,
            standing.policy if is_readable[1] and standing.policy is not None else before.policy,
            standing.priority_factors if is_readable[1] else before.priority_factors,
            before.holdback if standing.holdback is None else standing.holdback,
            standing.taxonomy if is_read and standing.taxonomy is not None else before.taxonomy,
            standing.taxonomy_revision if is_read else before.taxonomy_revision,
            before.fallbacks if standing.fallbacks is None else standing.fallbacks,
            standing.fallbacks_revision if is_known else before.fallbacks_revision,
        )
        return self.held != before

    def _noted(self, name: str, value: object) -> bool:
        if value is not None:
            self._troubles.pop(name, None)
        elif name not in self._troubles:
            event, error = _UNREAD[name]
            self._troubles[name] = Trouble(None, f"{error} What held before it holds.", self._now())
            log.error(event)
        return value is not None
