"""The service's side of the journal: keeps what was answered, finds it again, reads what the operators decided.

Knows neither HTTP nor how the journal does it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from desk.answer import DEFAULT_QUEUE
from desk.demands import SETTING, Demands, read_demands
from desk.errors import JournalError, SettingError
from desk.factors import FACTOR_SETTING, FactorPolicy, policy_of
from desk.fallbacks import FALLBACKS_SETTING, NO_FALLBACKS, Fallbacks, read_fallbacks
from desk.holdback import HOLDBACK, HOLDBACK_SETTING, read_holdback
from desk.settings import REQUESTS_SETTING, read_requests_per_minute
from desk.shadow import SHADOW_SETTING, ShadowPolicy, read_shadow
from desk.taxonomy import Taxonomy
from desk.taxonomy_setting import TAXONOMY_SETTING, read_taxonomy
from journal.drain import Drain
from journal.erasures import last_erasure
from journal.identifiers import is_prediction_id
from journal.keys import keys
from journal.log import Log
from journal.pending import look_up
from journal.predictions import RecordedPrediction
from journal.promotions import champion
from journal.settings import Setting, get_setting
from journal.tables import DEFAULT_TENANT
from journal.watch_reports import last_figures
from serving.holding import Standing
from serving.key_ring import Known

__all__ = [
    "Journaling",
    "demands_in",
    "fallbacks_in",
    "holdback_in",
    "policy_in",
    "read_known",
    "read_standing",
    "shadow_in",
    "taxonomy_in",
]

log = logging.getLogger("pointsman.journal")


@dataclass(frozen=True, slots=True)
class Journaling:
    """The local log of this process takes answers, the drain moves them to the database. One tenant."""

    log: Log
    drain: Drain
    engine: Engine
    tenant: str = DEFAULT_TENANT

    async def keep(self, row: dict[str, Any]) -> bool:
        """Whether the row is durable now. A row that is not is logged as lost; the answer leaves all the same."""
        try:
            await self.log.append({**row, "tenant": self.tenant})
        except JournalError as error:
            return _lost(1, error)
        return True

    def keep_all(self, rows: Sequence[dict[str, Any]]) -> bool:
        """The same for many rows, all or none, for a thread that may wait."""
        try:
            self.log.write(*({**row, "tenant": self.tenant} for row in rows))
        except JournalError as error:
            return _lost(len(rows), error)
        return True

    def look_up(self, prediction_id: str) -> RecordedPrediction | None:
        """What was answered under this id, from the database or still from the log.

        Raises `JournalUnavailableError` where neither can say.
        """
        if not is_prediction_id(prediction_id):
            return None
        return look_up(self.engine, self.log.folder, prediction_id, self.tenant)


def read_standing(engine: Engine, tenant: str = DEFAULT_TENANT) -> Standing:
    """Which version is champion, what the default queue is, and the settings that answers rest on.

    Raises `JournalUnavailableError`.
    """
    promotion = champion(engine, tenant)
    queue = get_setting(engine, "default_queue", tenant)
    contracts, factors = get_setting(engine, SETTING, tenant), get_setting(engine, FACTOR_SETTING, tenant)
    taxonomy, fallbacks, shadow = (
        get_setting(engine, name, tenant) for name in (TAXONOMY_SETTING, FALLBACKS_SETTING, SHADOW_SETTING)
    )
    return Standing(
        version=None if promotion is None else promotion.version,
        promoted_at=None if promotion is None else promotion.since,
        default_queue=queue.value if queue is not None and isinstance(queue.value, str) else DEFAULT_QUEUE,
        demands=demands_in(contracts),
        policy=policy_in(factors),
        contracts=0 if contracts is None else contracts.revision,
        priority_factors=0 if factors is None else factors.revision,
        erased_at=last_erasure(engine, tenant),
        holdback=holdback_in(get_setting(engine, HOLDBACK_SETTING, tenant)),
        taxonomy=taxonomy_in(taxonomy),
        taxonomy_revision=0 if taxonomy is None else taxonomy.revision,
        fallbacks=fallbacks_in(fallbacks),
        fallbacks_revision=0 if fallbacks is None else fallbacks.revision,
        watched=last_figures(engine, tenant),
        shadow=shadow_in(shadow),
        shadow_revision=0 if shadow is None else shadow.revision,
    )


def read_known(engine: Engine) -> Known:
    """All keys, and how often those of each tenant may ask. Raises `JournalUnavailableError`."""
    found = keys(engine)
    limits = {tenant: _limit(engine, tenant) for tenant in sorted({key.tenant for key in found})}
    return Known(tuple(found), {tenant: most for tenant, most in limits.items() if most is not None})


def _limit(engine: Engine, tenant: str) -> int | None:
    setting = get_setting(engine, REQUESTS_SETTING, tenant)
    try:
        return None if setting is None else read_requests_per_minute(setting.value)
    except SettingError:
        return None


def demands_in(setting: Setting | None) -> Demands | None:
    """What the setting `contracts` demands, with None for one that was never set; None where it cannot be read."""
    try:
        return read_demands(None if setting is None else setting.value)
    except SettingError:
        return None


def policy_in(setting: Setting | None) -> FactorPolicy | None:
    """What the setting `priority_factors` lets each factor count, likewise."""
    try:
        return policy_of({} if setting is None else setting.value)
    except SettingError:
        return None


def holdback_in(setting: Setting | None) -> float | None:
    """What share of tickets the setting `holdback` keeps from automation, likewise."""
    try:
        return HOLDBACK if setting is None else read_holdback(setting.value)
    except SettingError:
        return None


def taxonomy_in(setting: Setting | None) -> Taxonomy | None:
    """How queues changed, by the setting `taxonomy`, likewise."""
    try:
        return read_taxonomy(None if setting is None else setting.value)
    except SettingError:
        return None


def fallbacks_in(setting: Setting | None) -> Fallbacks | None:
    """Which labels the setting `fallbacks` keeps from being applied, likewise."""
    try:
        return NO_FALLBACKS if setting is None else read_fallbacks(setting.value)
    except SettingError:
        return None


def shadow_in(setting: Setting | None) -> ShadowPolicy | None:
    """Who scores in shadow by the setting `shadow`; nobody where it cannot be read."""
    try:
        return read_shadow(None if setting is None else setting.value)
    except SettingError:
        return None


def _lost(rows: int, error: JournalError) -> bool:
    log.error("not_journaled", extra={"fields": {"rows": rows, "error": str(error)}})
    return False
