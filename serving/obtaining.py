"""A version that may answer: found on this machine or fetched, tried in a child process, loaded, warmed.

A damaged model file can kill or hang the process that parses it, and the registry's client would bring half of the
training environment along: both happen in a child process that says in one line of JSON how it went. Knows nothing of
promotions.
"""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Final

import models
from desk.errors import (
    DamagedVersionError,
    PointsmanError,
    RegistryError,
    UnknownVersionError,
    UnregisteredVersionError,
)
from desk.ticket import Ticket
from journal.environment import Environment
from models.scoring import predict
from models.storage import load_version
from models.version import Version

__all__ = ["check", "fetch", "mirror", "obtain", "stamp_of"]

SECONDS_TO_CHECK: Final = 60
SECONDS_TO_FETCH: Final = 120
SECONDS_TO_MIRROR: Final = 60
UNREGISTERED: Final = "unregistered"
"""What a child says of a version that the registry does not have, beside the words."""

NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")
BETWEEN_LOOKS: Final = 0.1
CODE: Final = Path(models.__file__).parent.parent
"""Where the packages lie, for the child's `python -m`: a served bento starts elsewhere than a checkout."""

WARMING: Final = (
    Ticket(id="warm-1", subject="Charged twice", body="I was charged twice this month, please refund one of them."),
    Ticket(
        id="warm-2", subject="", body="VPN down since this morning", channel="email", attributes={"category": "network"}
    ),
    Ticket(id="warm-3"),
)


def obtain(environment: Environment, name: str, stop: Event, *, tried: dict[str, object] | None = None) -> Version:
    """The version of this name, ready to answer.

    `stop` ends a child early. `tried` is kept by the caller and says which versions passed their check as they are on
    the disk: what goes back to one of them need not wait for a child, which takes seconds on a busy machine.

    Raises `RegistryError` where the version is not on this machine and cannot be fetched, `VersionError` where it fails
    its check, `UnknownVersionError` where `name` is none.
    """
    if not NAME.fullmatch(name):
        raise UnknownVersionError(f"A version is named by a number, not {name!r}; promote one that `versions` lists.")
    folder = environment.versions / name
    if not folder.is_dir():
        fetch(environment, name, folder, stop)
    stamp = stamp_of(folder)
    if tried is None or tried.get(name) != stamp:
        check(folder, stop)
        if tried is not None:
            tried[name] = stamp
    version = load_version(folder)
    for ticket in WARMING:
        predict(version, ticket)
    return version


def stamp_of(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What the folder's files look like from outside: names, sizes in bytes, times in ns. Empty where there is none."""
    try:
        found = [(path, path.stat()) for path in sorted(folder.rglob("*"))]
    except OSError:
        return ()
    return tuple((path.name, stat.st_size, stat.st_mtime_ns) for path, stat in found)


def fetch(environment: Environment, name: str, folder: Path, stop: Event) -> None:
    """Copy a version from the registry to `folder`, in a child process.

    Raises `RegistryError` with the child's reason, `UnregisteredVersionError` where the registry has no such version.
    """
    asked = ["models.fetch", "--uri", environment.mlflow_uri, "--version", name, "--to", str(folder)]
    failure = _failure_of(asked, SECONDS_TO_FETCH, stop)
    if failure is not None:
        kind = UnregisteredVersionError if failure.kind == UNREGISTERED else RegistryError
        raise kind(f"Version {name!r} could not be fetched: {failure.reason}")


def mirror(environment: Environment, version: str, stop: Event) -> None:
    """Let MLflow's alias `champion` point to the version, in a child process.

    Raises `RegistryError` with the child's reason.
    """
    asked = ["models.mirror", "--uri", environment.mlflow_uri, "--version", version]
    failure = _failure_of(asked, SECONDS_TO_MIRROR, stop)
    if failure is not None:
        raise RegistryError(f"MLflow's alias does not show version {version!r} yet: {failure.reason}")


def check(folder: Path, stop: Event) -> None:
    """Try a version in a child process.

    Raises `DamagedVersionError` with the child's reason, also where the child is killed by what it parses or hangs;
    `RegistryError`, which is tried again, where somebody else ended the child, and so it says nothing of the version.
    """
    failure = _failure_of(["models.check", str(folder)], SECONDS_TO_CHECK, stop)
    if failure is not None:
        raise DamagedVersionError(f"Version {folder.name!r} failed its check: {failure.reason}")


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a child did not do what it was asked: in words, and of a kind that the child may name."""

    reason: str
    kind: str | None = None


def _failure_of(arguments: Sequence[str], seconds: float, stop: Event) -> _Failure | None:
    child = subprocess.Popen(  # noqa: S603 - our own modules, no shell
        [sys.executable, "-m", *arguments],
        cwd=CODE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",  # LightGBM prints bytes of what it cannot parse
    )
    give_up = time.monotonic() + seconds
    try:
        while True:
            try:
                said, _ = child.communicate(timeout=BETWEEN_LOOKS)
                return _verdict(said, child.returncode)
            except subprocess.TimeoutExpired:
                if stop.is_set():
                    raise PointsmanError("The service is stopping.") from None
                if time.monotonic() > give_up:
                    return _Failure(f"it did not end within {seconds:g} s.")
    finally:
        child.kill()
        child.communicate()


def _verdict(said: str, code: int) -> _Failure | None:
    if code in (-signal.SIGTERM, -signal.SIGKILL):
        # At the end of the service, or where memory was short.
        raise RegistryError(f"The child process that looked at the version was ended from outside ({code}).")
    try:
        verdict = json.loads(said.strip().splitlines()[-1])
        if verdict["ok"] is True and code == 0:
            return None
        return _Failure(str(verdict["error"]), verdict.get("kind"))
    except (ValueError, IndexError, KeyError, TypeError):
        return _Failure(f"the child process ended with {code} and without a verdict.")
