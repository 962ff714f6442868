"""Makes a version the champion on an operator's word: looks whether it can be used here, writes the promotion.

A version that is not on this machine is fetched, and every one is tried, in child processes. What the journal then says
every process follows by itself (`serving.champion`). Knows no HTTP but its problems.
"""

import asyncio
import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Final

from desk.errors import (
    JournalError,
    JournalUnavailableError,
    PromotionConflictError,
    RegistryError,
    UnknownVersionError,
    VersionError,
)
from journal.environment import Environment
from journal.promotions import Promotion, Whatever, champion, promote, rollback
from journal.tables import DEFAULT_TENANT
from models.manifest import read_manifest
from serving.obtaining import check, fetch, mirror
from serving.problems import ProblemError
from serving.replying import asked_of_journal
from serving.triage import Desk

__all__ = ["promote_version", "roll_back"]

SECONDS_TO_GET_READY: Final = 12.0
"""Longer fetches go on without the request, which is then to be made again: BentoML ends one after 20."""

log = logging.getLogger("pointsman.champion")


async def promote_version(
    desk: Desk, version: str, *, who: str, why: str, expected: str | Whatever | None
) -> Promotion:
    """Make `version` the champion.

    Raises `ProblemError`: 404 for a version that the registry does not have or that is another tenant's, 409 where the
    champion is not the `expected` one or the version fails its check, 503 while it cannot be had.
    """
    await _made_ready(desk.environment, version, desk.journaling.tenant)
    return await _written(
        desk,
        lambda: promote(
            desk.journaling.engine,
            version,
            who=who,
            why=why,
            at=desk.now(),
            expected=expected,
            tenant=desk.journaling.tenant,
        ),
    )


async def roll_back(desk: Desk, *, who: str, why: str, expected: str | Whatever | None) -> Promotion:
    """Go back to the version that answered before.

    Raises `ProblemError`: 409 where nothing came before or the champion is not the `expected` one, 503.
    """
    engine, tenant = desk.journaling.engine, desk.journaling.tenant
    return await _written(
        desk, lambda: rollback(engine, who=who, why=why, at=desk.now(), expected=expected, tenant=tenant)
    )


async def _written(desk: Desk, write: Callable[[], Promotion]) -> Promotion:
    try:
        done = await asked_of_journal(write)
    except PromotionConflictError:
        raise await _conflict(desk, "Look at it, then promote again.") from None
    except JournalUnavailableError:
        raise
    except JournalError:
        raise await _conflict(desk, "There is no version to go back to.") from None
    if desk.journaling.tenant == DEFAULT_TENANT:
        # In the background and as a daemon: the journal decides, the alias may follow late or never.
        Thread(target=_mirror, args=(desk.environment, done.version), name="mirror", daemon=True).start()
    return done


async def _conflict(desk: Desk, advice: str) -> ProblemError:
    """The problem that says what holds now; not what was sent."""
    held = await asked_of_journal(champion, desk.journaling.engine, desk.journaling.tenant)
    if held is None:
        return ProblemError(409, "conflict", f"There is no champion yet. {advice}")
    since = f"since {held.since.isoformat()}, promoted by {held.who}"
    return ProblemError(409, "conflict", f"Version {held.version} is the champion {since}. {advice}")


async def _made_ready(environment: Environment, version: str, tenant: str) -> None:
    task = asyncio.ensure_future(asyncio.to_thread(_usable, environment, version, tenant))
    try:
        await asyncio.wait_for(asyncio.shield(task), SECONDS_TO_GET_READY)
    except TimeoutError:
        task.add_done_callback(_looked_at)
        detail = f"Version {version} is still being fetched and tried; nothing was promoted. Ask again."
        raise ProblemError(503, "unavailable", detail, headers={"Retry-After": "10"}) from None


def _usable(environment: Environment, version: str, tenant: str) -> None:
    folder = environment.versions / version
    try:
        if not folder.is_dir():
            fetch(environment, version, folder, Event())
        if read_manifest(folder)["about"].get("tenant", DEFAULT_TENANT) != tenant:
            raise _unknown(version)
        check(folder, Event())
    except UnknownVersionError:
        raise _unknown(version) from None
    except RegistryError as error:
        log.error("version_cannot_be_had", extra={"fields": {"version": version, "error": str(error)}})
        detail = f"Version {version} is not on this machine and cannot be fetched now; nothing was promoted."
        raise ProblemError(503, "unavailable", detail, headers={"Retry-After": "10"}) from None
    except VersionError as error:
        log.error("version_cannot_be_used", extra={"fields": {"version": version, "error": str(error)}})
        detail = f"Version {version} failed its check; the log says why. Nothing was promoted."
        raise ProblemError(409, "conflict", detail) from None


def _unknown(version: str) -> ProblemError:
    return ProblemError(404, "not-found", f"There is no version {version}; nothing was promoted.")


def _looked_at(task: "asyncio.Future[None]") -> None:
    """What a fetch comes to that nobody waits for any more is in the log already."""
    if not task.cancelled():
        task.exception()


def _mirror(environment: Environment, version: str) -> None:
    try:
        mirror(environment, version, Event())
    except Exception as error:
        log.warning("alias_not_mirrored", extra={"fields": {"version": version, "error": str(error)}})
