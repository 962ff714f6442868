"""A version that may answer: found on this machine or fetched, tried in a child process, loaded, warmed.

A damaged model file can kill or hang the process that parses it, and the registry's client would bring half of the
training environment along: both happen in a child process that says in one line of JSON how it went. Knows nothing of
promotions.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Final

import models
from desk.errors import DamagedVersionError, PointsmanError, RegistryError, UnknownVersionError
from desk.ticket import Ticket
from journal.environment import Environment
from models.manifest import MANIFEST
from models.scoring import predict
from models.storage import load_version
from models.version import Version

__all__ = ["CODE", "made_of", "obtain", "stamp_of"]

SECONDS_TO_CHECK: Final = 60
SECONDS_TO_FETCH: Final = 120
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


def obtain(environment: Environment, name: str, stop: Event) -> Version:
    """The version of this name, ready to answer.

    `stop` ends a child early. Raises `RegistryError` where the version is not on this machine and cannot be fetched,
    `VersionError` where it fails its check, `UnknownVersionError` where `name` is none.
    """
    if not NAME.fullmatch(name):
        raise UnknownVersionError(f"A version is named by a number, not {name!r}; promote one that `versions` lists.")
    folder = environment.versions / name
    if not folder.is_dir():
        fetch(environment, name, folder, stop)
    check(folder, stop)
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

    Raises `RegistryError` with the child's reason.
    """
    asked = ["models.fetch", "--uri", environment.mlflow_uri, "--version", name, "--to", str(folder)]
    reason = _reason_of_failure(asked, SECONDS_TO_FETCH, stop)
    if reason is not None:
        raise RegistryError(f"Version {name!r} could not be fetched: {reason}")


def check(folder: Path, stop: Event) -> None:
    """Try a version in a child process.

    Raises `DamagedVersionError` with the child's reason, also where the child is killed by what it parses or hangs.
    """
    reason = _reason_of_failure(["models.check", str(folder)], SECONDS_TO_CHECK, stop)
    if reason is not None:
        raise DamagedVersionError(f"Version {folder.name!r} failed its check: {reason}")


def _reason_of_failure(arguments: Sequence[str], seconds: float, stop: Event) -> str | None:
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
                    return f"it did not end within {seconds:g} s."
    finally:
        child.kill()
        child.communicate()


def _verdict(said: str, code: int) -> str | None:
    try:
        verdict = json.loads(said.strip().splitlines()[-1])
        if verdict["ok"] is True and code == 0:
            return None
        return str(verdict["error"])
    except (ValueError, IndexError, KeyError, TypeError):
        return f"the child process ended with {code} and without a verdict."
