"""Which labels are in breach of their contract, and the setting that says so to the services. Knows no statistics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine

from desk.demands import Demands
from desk.errors import SettingConflictError, SettingError
from desk.fallbacks import FALLBACKS_SETTING, Fallback, Fallbacks, read_fallbacks
from desk.heads import Head
from desk.modes import Terms
from desk.sequential import follow
from journal.settings import get_setting, put_setting
from training.watch.report import ContractWatched
from training.watch.told import Told, contested

__all__ = ["Changed", "contracts_of", "write_fallbacks"]

WHO: Final = "watch"

_MOST_VERSIONS: Final = 20
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Changed:
    """Labels that are only suggested from now on, and that are applied again, as `queue 'Billing'`."""

    fell: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()


def contracts_of(
    told: Sequence[Told], head: Head, terms: Terms, demands: Demands, at: datetime
) -> tuple[ContractWatched, ...]:
    """Every label that has a threshold, those in breach first."""
    found = [
        ContractWatched(label, demand, threshold, follow(contested(told, label, threshold, at), demand))
        for label, threshold in terms.thresholds.get(head, {}).items()
        for demand in (demands.heads[head].of(label),)
    ]
    return tuple(sorted(found, key=lambda one: (not one.watch.is_in_breach, one.label)))


def write_fallbacks(
    engine: Engine, version: str, contracts: Mapping[Head, Sequence[ContractWatched]], at: datetime, tenant: str
) -> Changed:
    """Let the setting say which labels of `version` are in breach; what it says of other versions stays.

    Nothing is written where it says so already. Two watches at once agree: who finds the setting changed reads it
    again. Raises `JournalUnavailableError`.
    """
    found: dict[Head, dict[str, Fallback]] = {}
    for head, held in contracts.items():
        fallen = {one.label: Fallback(one.watch.since or at, one.why) for one in held if one.watch.is_in_breach}
        if fallen:
            found[head] = fallen
    for left in reversed(range(_TRIES)):
        setting = get_setting(engine, FALLBACKS_SETTING, tenant)
        before = _readable(None if setting is None else setting.value)
        changed = _changed(before, version, found)
        if changed == Changed() and (setting is None or before.to_json() == setting.value):
            return changed
        kept = {name: heads for name, heads in before.versions.items() if name != version and heads}
        after = Fallbacks(dict(list(kept.items())[-_MOST_VERSIONS:]) | ({version: found} if found else {}))
        try:
            revision = 0 if setting is None else setting.revision
            put_setting(engine, FALLBACKS_SETTING, after.to_json(), who=WHO, at=at, expected=revision, tenant=tenant)
        except SettingConflictError:
            if not left:
                raise
        else:
            return changed
    return Changed()


def _readable(value: object) -> Fallbacks:
    """A setting that cannot be read says nothing, and is written anew."""
    try:
        return read_fallbacks(value)
    except SettingError:
        return Fallbacks()


def _changed(before: Fallbacks, version: str, found: Mapping[Head, Mapping[str, Fallback]]) -> Changed:
    was = {(head, label) for head, labels in before.of(version).items() for label in labels}
    now = {(head, label) for head, labels in found.items() for label in labels}
    return Changed(_named(now - was), _named(was - now))


def _named(labels: set[tuple[Head, str]]) -> tuple[str, ...]:
    return tuple(f"{head} {label!r}" for head, label in sorted(labels))
