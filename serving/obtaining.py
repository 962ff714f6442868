"""A version that may answer: found on this machine or fetched, tried in a child process, loaded, prepared, warmed.

What this machine has tried already with this build is not tried again; what is damaged here is fetched anew where the
registry has it. Knows nothing of promotions.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from re import compile as pattern
from threading import Event
from typing import Any, Final

from desk.errors import DamagedVersionError, RegistryError, UnknownVersionError, VersionError
from journal.environment import Environment
from journal.tables import DEFAULT_TENANT
from models.manifest import MANIFEST, check_hashes, read_manifest
from models.registry_client import is_absent
from models.storage import load_version
from models.trial import prepare_version, try_tickets
from models.version import Version
from serving.child import running
from serving.trials import Trials

__all__ = ["check", "fetch", "made_of", "mirror", "obtain", "obtain_for", "stamp_of"]

SECONDS_TO_CHECK: Final = 30
"""For the whole child: it imports, hashes and loads too. It gives itself ten for its rows (`models.check`)."""
SECONDS_TO_FETCH: Final = 120
SECONDS_TO_MIRROR: Final = 60
NAME: Final = pattern(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")


def obtain(environment: Environment, name: str, stop: Event) -> Version:
    """The version of this name, ready to answer.

    `stop` ends a child early. Raises `RegistryError` where the version is not on this machine, or is damaged there, and
    the registry does not answer; `UnknownVersionError` where it has no such version or `name` is none; `VersionError`
    where the version fails its check.
    """
    if not NAME.fullmatch(name):
        raise UnknownVersionError(f"A version is named by a number, not {name!r}; promote one that `versions` lists.")
    folder = environment.versions / name
    if not folder.is_dir():
        fetch(environment, name, folder, stop)
        return _ready(folder, stop)
    try:
        return _ready(folder, stop)
    except VersionError as damage:
        before = _sound(folder)
        _fetch_anew(environment, name, folder, stop, damage)
        if before is not None and _sound(folder) == before:
            raise  # it was registered like this: what failed would fail again
    return _ready(folder, stop)


def obtain_for(environment: Environment, tenant: str, name: str, stop: Event) -> Version:
    """The same for a tenant: what another's history taught, and its tickets, are not shown to this one.

    Raises `UnknownVersionError` for such a version too.
    """
    version = obtain(environment, name, stop)
    if version.about.get("tenant", DEFAULT_TENANT) != tenant:
        raise UnknownVersionError(f"Version {name!r} was not trained for this tenant; promote one that was.")
    return version


def stamp_of(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What the folder's files look like from outside: names, sizes in bytes, times in ns. Empty where there is none."""
    try:
        found = [(path, path.lstat()) for path in sorted(folder.rglob("*"))]
    except OSError:
        return ()
    return tuple((path.name, stat.st_size, stat.st_mtime_ns) for path, stat in found)


def made_of(folder: Path) -> tuple[int, int] | None:
    """When the version in this folder was written, as its manifest tells from outside; None where there is none.

    Another answer for the same version: it was written anew, as when a person was erased from it.
    """
    try:
        found = (folder / MANIFEST).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def fetch(environment: Environment, name: str, folder: Path, stop: Event) -> None:
    """Copy a version from the registry to `folder`, in a child process.

    Raises `RegistryError` or `UnknownVersionError` with the child's reason.
    """
    if is_absent(environment.mlflow_uri):
        raise UnknownVersionError(f"There is no version {name!r}: nothing was ever registered.")
    asked = ["models.fetch", "--uri", environment.mlflow_uri, "--version", name, "--to", str(folder)]
    with running(asked, SECONDS_TO_FETCH, stop) as child:
        failure = child.failure()
    if failure is None:
        return
    if failure.kind == UnknownVersionError.__name__:
        raise UnknownVersionError(failure.reason)
    raise RegistryError(f"Version {name!r} could not be fetched: {failure.reason}")


def mirror(environment: Environment, version: str, stop: Event) -> None:
    """Let MLflow's alias `champion` point to the version, in a child process.

    Raises `RegistryError` with the child's reason.
    """
    asked = ["models.mirror", "--uri", environment.mlflow_uri, "--version", version]
    with running(asked, SECONDS_TO_MIRROR, stop) as child:
        failure = child.failure()
    if failure is not None:
        raise RegistryError(f"MLflow's alias does not show version {version!r} yet: {failure.reason}")


def check(folder: Path, stop: Event) -> None:
    """Try a version in a child process, whether or not it was tried before; services need not try it again.

    Raises `DamagedVersionError` with the child's reason, also where the child is killed by what it parses or hangs.
    """
    before = _sound(folder)
    with running(["models.check", str(folder)], SECONDS_TO_CHECK, stop) as child:
        failure = child.failure()
    if failure is not None:
        raise _failed(folder, failure.reason)
    if before is not None and _sound(folder) == before:
        Trials(folder.parent).note(before)


def _ready(folder: Path, stop: Event) -> Version:
    """The version in `folder`, tried and then loaded. Raises `VersionError`."""
    version = load_version(folder, checked=_tried(folder, stop))
    try:
        prepare_version(version)
        try_tickets(version)
    except VersionError:
        raise
    except Exception as error:
        raise _failed(folder, f"it answers no ticket ({type(error).__name__}).") from error
    with suppress(OSError):
        os.utime(folder)  # which versions are in use decides which are kept (`serving.pruning`)
    return version


def _tried(folder: Path, stop: Event) -> Mapping[str, Any]:
    """The manifest of a version that has passed its trial, now or earlier, and whose hashes are right now."""
    trials, manifest = Trials(folder.parent), read_manifest(folder)
    if trials.passed(manifest):
        return _unchanged(folder, manifest)
    with trials.turn(manifest, stop, SECONDS_TO_CHECK):
        if trials.passed(manifest):
            return _unchanged(folder, manifest)
        with running(["models.check", str(folder)], SECONDS_TO_CHECK, stop) as child:
            checked = _unchanged(folder, manifest)  # beside the child: on two cores it costs no time
            failure = child.failure()
        if failure is not None:
            raise _failed(folder, failure.reason)
        trials.note(manifest)
        return checked


def _sound(folder: Path) -> Mapping[str, Any] | None:
    """The manifest, where the files are what it says; else None."""
    try:
        return check_hashes(folder)
    except VersionError:
        return None


def _unchanged(folder: Path, manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    checked = check_hashes(folder)
    if checked != manifest:
        raise DamagedVersionError(f"The manifest of version {folder.name!r} changed while it was read: try again.")
    return checked


def _fetch_anew(environment: Environment, name: str, folder: Path, stop: Event, damage: VersionError) -> None:
    """Replace a damaged folder by what the registry has; where it has none, the damage is what is wrong."""
    try:
        fetch(environment, name, folder, stop)
    except UnknownVersionError:
        raise damage from None
    except RegistryError as error:
        raise RegistryError(f"{damage} {error}") from damage


def _failed(folder: Path, reason: str) -> DamagedVersionError:
    return DamagedVersionError(f"Version {folder.name!r} failed its check: {reason}")
