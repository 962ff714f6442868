"""What the operators decided, read strictly: demands on contracts, factors, who is held back, what runs show.

Knows neither versions nor services; a service reads the same more leniently (`serving.journaling`).
"""

from sqlalchemy import Engine

from desk.demands import SETTING, Demands, read_demands
from desk.factors import FACTOR_SETTING, FactorPolicy, policy_of
from desk.fallbacks import FALLBACKS_SETTING, Fallbacks, read_fallbacks
from desk.holdback import HOLDBACK, HOLDBACK_SETTING, read_holdback
from desk.run_policy import RUNS_SETTING, RunPolicy, read_run_policy
from desk.taxonomy import Taxonomy
from desk.taxonomy_setting import TAXONOMY_SETTING, read_taxonomy
from journal.settings import get_setting

__all__ = ["demands_in", "factor_policy_in", "fallbacks_in", "holdback_in", "run_policy_in", "taxonomy_in"]


def demands_in(engine: Engine, tenant: str) -> Demands:
    """What the desk demands of contracts. Raises `SettingError` where the setting is none."""
    setting = get_setting(engine, SETTING, tenant)
    return read_demands(None if setting is None else setting.value)


def factor_policy_in(engine: Engine, tenant: str) -> FactorPolicy:
    """What the desk lets each factor of the priority score count. Raises `SettingError` where the setting is none."""
    setting = get_setting(engine, FACTOR_SETTING, tenant)
    return policy_of({} if setting is None else setting.value)


def holdback_in(engine: Engine, tenant: str) -> float:
    """What share of tickets is kept from automation. Raises `SettingError` where the setting is none."""
    setting = get_setting(engine, HOLDBACK_SETTING, tenant)
    return HOLDBACK if setting is None else read_holdback(setting.value)


def taxonomy_in(engine: Engine, tenant: str) -> Taxonomy:
    """How the desk's queues changed, records of the future too. Raises `SettingError` where the setting is none."""
    setting = get_setting(engine, TAXONOMY_SETTING, tenant)
    return read_taxonomy(None if setting is None else setting.value)


def fallbacks_in(engine: Engine, tenant: str) -> Fallbacks:
    """Which labels' contracts are in breach. Raises `SettingError` where the setting is none."""
    setting = get_setting(engine, FALLBACKS_SETTING, tenant)
    return read_fallbacks(None if setting is None else setting.value)


def run_policy_in(engine: Engine, tenant: str) -> RunPolicy:
    """What a training's pages may show of texts. Raises `SettingError` where the setting is none."""
    setting = get_setting(engine, RUNS_SETTING, tenant)
    return read_run_policy(None if setting is None else setting.value)
