"""The installation's secret: what keyed hashes are made with, so that a stolen database cannot be searched by guessing.

From the environment, or a file of its own that is made when it is first needed. Knows not what is hashed.
"""

import os
from pathlib import Path
from typing import Final

from desk.errors import SettingError
from journal.environment import Environment

__all__ = ["installation_secret"]

FILE: Final = "secret"
LEAST: Final = 16  # characters of one that an operator chose
BYTES: Final = 32


def installation_secret(environment: Environment) -> bytes:
    """`POINTSMAN_SECRET`, else the content of `$POINTSMAN_HOME/secret`, which is made (mode 600) where there is none.

    Processes that start together agree: the file appears whole, under its name, once. Raises `SettingError` for a
    variable of less than 16 characters, and where the file can be neither read nor made.
    """
    if environment.secret is not None:
        if len(environment.secret) < LEAST:
            raise SettingError(
                f"POINTSMAN_SECRET must have {LEAST} characters or more; `openssl rand -hex 32` makes one."
            )
        return environment.secret.encode()
    path = environment.home / FILE
    try:
        return _read(path) or _made(path)
    except OSError as error:
        raise SettingError(
            f"The installation's secret {str(path)!r} can be neither read nor made ({error.strerror}); "
            "set POINTSMAN_SECRET, or let this user write there."
        ) from None


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes().strip() or None
    except FileNotFoundError:
        return None


def _made(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{FILE}-{os.getpid()}-{os.urandom(4).hex()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, os.urandom(BYTES).hex().encode() + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        # A link, unlike a rename, leaves the file of whoever was first.
        os.link(beside, path)
    except FileExistsError:
        pass  # another process was first: its secret holds
    finally:
        beside.unlink()
    found = _read(path)
    if found is None:
        raise OSError(5, "it is empty")
    return found
