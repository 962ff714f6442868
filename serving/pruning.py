"""Old versions on this machine: the last few stay, so that going back to one needs no registry; the rest goes.

Never one that answers for a tenant, nor the one that answered before it, nor one that scores in shadow. Knows no
registry: whatever goes can be fetched again from there.
"""

import logging
import shutil
import time
from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from desk.errors import JournalError
from desk.shadow import SHADOW_SETTING
from journal.promotions import promotions
from journal.settings import get_setting
from journal.tenants import tenant_names
from models.manifest import MANIFEST
from serving.journaling import shadow_in

__all__ = ["KEPT", "UNTOUCHED", "in_use", "prune", "prune_unused"]

KEPT: Final = 5
"""Versions that stay, besides those in use: the ones that were loaded last."""

UNTOUCHED: Final = timedelta(hours=1)
"""A folder that is newer may be somebody's who is about to promote it."""

_LEFT_BEHIND: Final = timedelta(days=1)
_GONE: Final = ".gone-"
log = logging.getLogger("pointsman.champion")


def prune_unused(versions: Path, engine: Engine) -> None:
    """Prune the folder; nothing goes where the journal cannot say what is in use."""
    with suppress(JournalError):
        prune(versions, in_use(engine))


def in_use(engine: Engine) -> frozenset[str]:
    """Of each tenant the champion, the version before it, and the one in shadow.

    Raises `JournalUnavailableError`.
    """
    found: set[str] = set()
    for tenant in tenant_names(engine):
        names = [one.version for one in promotions(engine, tenant)]
        found.update(list(dict.fromkeys(reversed(names)))[:2])
        shadow = shadow_in(get_setting(engine, SHADOW_SETTING, tenant))
        found.update([] if shadow is None else [shadow.version])
    return frozenset(found)


def prune(versions: Path, kept: Collection[str], most: int = KEPT) -> list[str]:
    """Remove all but the `most` versions that were loaded last and the `kept` ones; the names of those that went."""
    now = time.time()
    found = sorted(_folders(versions), key=_used_at, reverse=True)
    old = [one for one in found[most:] if one.name not in kept and now - _used_at(one) > UNTOUCHED.total_seconds()]
    for folder in old:
        _remove(folder)
    for path in _left_behind(versions, now):
        shutil.rmtree(path, ignore_errors=True)
    if old:
        log.info("versions_pruned", extra={"fields": {"versions": [one.name for one in old]}})
    return [one.name for one in old]


def _folders(versions: Path) -> list[Path]:
    try:
        found = [one for one in versions.iterdir() if one.name[:1] != "." and not one.is_symlink()]
        return [one for one in found if (one / MANIFEST).is_file()]
    except OSError:
        return []


def _used_at(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0


def _remove(folder: Path) -> None:
    """Take the name away first: what is half removed must not look like a version."""
    gone = folder.with_name(f"{_GONE}{folder.name}-{time.time_ns()}")
    with suppress(OSError):
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def _left_behind(versions: Path, now: float) -> list[Path]:
    """What a process that was killed left: half-fetched and half-removed folders."""
    with suppress(OSError):
        hidden = [one for one in versions.iterdir() if one.name[:1] == "." and _is_ours(one.name) and one.is_dir()]
        return [one for one in hidden if now - _used_at(one) > _LEFT_BEHIND.total_seconds()]
    return []


def _is_ours(name: str) -> bool:
    """`.3-x1y2` is a version that was being fetched (`models.registry`)."""
    return name.startswith(_GONE) or (name[1:2].isdigit() and "-" in name)
