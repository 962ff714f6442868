"""The last good standing, kept in a file: what a process goes by that starts while the journal is away.

Knows neither journal nor versions.
"""

import json
import logging
import os
from pathlib import Path
from typing import Any, Final

from desk.demands import SETTING, read_demands
from desk.errors import SettingError
from desk.factors import FACTOR_SETTING, policy_of
from desk.fallbacks import FALLBACKS_SETTING, read_fallbacks
from desk.holdback import HOLDBACK, HOLDBACK_SETTING, read_holdback
from desk.taxonomy_setting import TAXONOMY_SETTING, read_taxonomy, taxonomy_json
from serving.holding import Settings, Standing

__all__ = ["recall", "remember"]

_REVISIONS: Final = "revisions"
_UNKNOWN: Final = -1  # an older build kept none: a replay must not take them for those of the defaults
log = logging.getLogger("pointsman.champion")


def remember(path: Path, version: str | None, settings: Settings) -> None:
    """Keep which version answers, on which settings; a disk that does not take it is logged."""
    kept: dict[str, Any] = {"version": version, "default_queue": settings.default_queue}
    kept[FACTOR_SETTING] = settings.policy.to_json()
    kept[HOLDBACK_SETTING] = settings.holdback
    kept[TAXONOMY_SETTING] = taxonomy_json(settings.taxonomy)
    kept[FALLBACKS_SETTING] = settings.fallbacks.to_json()
    kept[_REVISIONS] = {
        FACTOR_SETTING: settings.priority_factors,
        TAXONOMY_SETTING: settings.taxonomy_revision,
        FALLBACKS_SETTING: settings.fallbacks_revision,
    }
    if settings.demands is not None:
        kept[SETTING] = settings.demands.to_json()
        kept[_REVISIONS][SETTING] = settings.contracts
    beside = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(kept), encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        log.warning("champion_not_remembered", extra={"fields": {"error": error.strerror}})


def recall(path: Path) -> Standing:
    """What was kept; a standing without a version where there is nothing that can be read."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        revisions = kept.get(_REVISIONS, {})
        return Standing(
            None if kept["version"] is None else str(kept["version"]),
            default_queue=str(kept["default_queue"]),
            demands=read_demands(kept[SETTING]) if SETTING in kept else None,
            policy=policy_of(kept.get(FACTOR_SETTING, {})),
            contracts=int(revisions.get(SETTING, _UNKNOWN)),
            priority_factors=int(revisions.get(FACTOR_SETTING, _UNKNOWN)),
            holdback=read_holdback(kept.get(HOLDBACK_SETTING, HOLDBACK)),
            taxonomy=read_taxonomy(kept.get(TAXONOMY_SETTING)),
            taxonomy_revision=int(revisions.get(TAXONOMY_SETTING, 0)),  # an older build knew of none
            fallbacks=read_fallbacks(kept.get(FALLBACKS_SETTING)),
            fallbacks_revision=int(revisions.get(FALLBACKS_SETTING, 0)),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SettingError):
        return Standing()
