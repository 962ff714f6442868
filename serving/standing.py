"""What the service says of itself: which version answers, what it can, and what is wrong.

Knows no HTTP.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.version import Version
from serving.champion import ChampionWatch
from serving.journaling import Journaling
from serving.release import build
from serving.shadow import Shadow

__all__ = ["model_json", "reason_not_ready"]


def model_json(watch: ChampionWatch, journaling: Journaling, shadow: Shadow | None) -> dict[str, Any]:
    """The body of `GET /v1/model`."""
    champion, trouble = watch.current, watch.trouble
    version = champion.version
    return {
        "version": None if version is None else version.name,
        "promoted_at": champion.promoted_at if version is not None else None,
        "heads": {} if version is None else _heads(version),
        "learned": None if version is None else _learned(version.about),
        "default_queue": champion.default_queue,
        "build": build(),
        "trouble": None if trouble is None else {"version": trouble.version, "error": trouble.error, "at": trouble.at},
        "shadow": None if shadow is None else shadow.told(),
        "pending": journaling.drain.lag().pending,
    }


def reason_not_ready(watch: ChampionWatch) -> str | None:
    """Why no version answers, or None where one does."""
    if watch.current.version is not None:
        return None
    if watch.trouble is not None:
        return "A version was promoted but does not answer; GET /v1/model says why."
    if not watch.looked.is_set():
        return "The version is being loaded."
    return "No version has been trained yet: run `pointsman train` with a history."


def _heads(version: Version) -> dict[str, Any]:
    return {head: {"labels": len(model.labels)} for head, model in version.heads.items()}


def _learned(about: Mapping[str, Any]) -> dict[str, Any]:
    """What the version says of its history; a manifest is not hashed, so each part is looked at before it is passed on.

    `window` is null where the history has no times.
    """
    tickets, window = about.get("rows"), about.get("window")
    is_window = isinstance(window, list) and len(window) == 2 and all(map(_is_time, window))
    is_count = isinstance(tickets, int) and not isinstance(tickets, bool) and tickets >= 0
    at = about.get("trained_at")
    return {
        "tickets": tickets if is_count else None,
        "window": window if is_window else None,
        "at": at if _is_time(at) else None,
    }


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).utcoffset() is not None
    except ValueError:
        return False
