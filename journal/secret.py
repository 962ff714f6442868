"""The installation's secret, with which keys and erased people's ids are hashed.

A variable says it, else a file that is made when it is first wanted. Knows not what is hashed.
"""

import os
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from secrets import token_hex
from typing import Final

from desk.errors import SettingError
from journal.environment import Environment

__all__ = ["SECRET_FILE", "fingerprint", "installation_secret"]

SECRET_FILE: Final = "secret"  # noqa: S105 - the name of the file
"""In the home folder; only its owner may read it."""

SHORTEST: Final = 16


def installation_secret(environment: Environment) -> bytes:
    """The secret: `POINTSMAN_SECRET`, else what `$POINTSMAN_HOME/secret` holds, which is made where it is missing.

    Raises `SettingError` for one of less than 16 characters, and where the file can be neither read nor made.
    """
    secret = environment.secret or _kept(environment.home / SECRET_FILE)
    if len(secret) < SHORTEST:
        raise SettingError(f"The installation's secret has at least {SHORTEST} characters, not {len(secret)}.")
    return secret.encode()


def fingerprint(environment: Environment, secret: bytes | None = None) -> str:
    """What tells two secrets apart and neither of them; of the installation's unless one is given."""
    key = blake2b(secret or installation_secret(environment)).digest()
    return blake2b(b"fingerprint", key=key, digest_size=16).hexdigest()


def _kept(path: Path) -> str:
    try:
        if not path.exists():
            _make(path)
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise SettingError(f"The installation's secret cannot be read: {reason}. Set POINTSMAN_SECRET.") from None


def _make(path: Path) -> None:
    """Whole or not at all; of several processes that start together, one makes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}-{os.getpid()}-{token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)
