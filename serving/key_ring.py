"""The keys of this installation in memory, looked up anew every two seconds: a key that is revoked is so within five.

Where the database does not answer, the last known keys hold, also across a restart: a file of the home keeps what the
database keeps of them, hashes and no keys. Knows no HTTP.
"""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from desk.errors import JournalError
from journal.keys import Key
from serving.rounds import Rounds

__all__ = ["KeyRing", "Known"]

TIMES: Final = ("created_at", "expires_at", "revoked_at")

log = logging.getLogger("pointsman.keys")


@dataclass(frozen=True, slots=True)
class Known:
    """What the journal says: all keys, and how often a minute those of a tenant may ask where they do not say."""

    keys: Sequence[Key] = ()
    per_minute: Mapping[str, int] = field(default_factory=dict)


class KeyRing:
    """Holds `by_id`; a thread of its own renews it.

    `read` asks the journal, `remembered` is the file that keeps what it said last, `met` is called with the names of
    the tenants that have keys, `seconds` lie between two looks. `looked` is set after the first.
    """

    def __init__(
        self,
        read: Callable[[], Known],
        *,
        remembered: Path,
        met: Callable[[set[str]], None] = lambda _: None,
        seconds: float,
    ) -> None:
        self.by_id: Mapping[str, Key] = {}
        self._read, self._remembered, self._met = read, remembered, met
        self._known: Known | None = None
        self._is_down = False
        self._rounds = Rounds("keys", self.look, seconds)
        self.looked = self._rounds.been_round

    def start(self) -> None:
        """Begin to look, at once and then every few seconds."""
        self._rounds.start()

    def stop(self) -> None:
        """Stop looking."""
        self._rounds.stop()

    def per_minute(self, tenant: str) -> int | None:
        """How often a key of the tenant may ask where it does not say itself; None: as often as it likes."""
        return None if self._known is None else self._known.per_minute.get(tenant)

    def look(self) -> None:
        """One look. What cannot be read leaves what was known."""
        try:
            known = self._read()
        except JournalError as error:
            if not self._is_down:
                log.error("keys_cannot_be_read", extra={"fields": {"error": str(error)}})
            self._is_down = True
            if self._known is None:
                self._hold(self._recalled())
            return
        self._is_down = False
        if known != self._known:
            self._hold(known)
            self._remember(known)

    def _hold(self, known: Known) -> None:
        self._known = known
        self.by_id = {key.key_id: key for key in known.keys}
        self._met({key.tenant for key in known.keys if key.revoked_at is None})

    def _remember(self, known: Known) -> None:
        kept = {"keys": [_json(key) for key in known.keys], "per_minute": dict(known.per_minute)}
        beside = self._remembered.with_suffix(f".{os.getpid()}")
        try:
            self._remembered.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(orjson.dumps(kept))
            beside.replace(self._remembered)
        except OSError as error:
            log.warning("keys_not_remembered", extra={"fields": {"error": error.strerror}})

    def _recalled(self) -> Known:
        try:
            kept = orjson.loads(self._remembered.read_bytes())
            limits = {str(tenant): int(most) for tenant, most in kept["per_minute"].items()}
            return Known(tuple(_key(one) for one in kept["keys"]), limits)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return Known()


def _json(key: Key) -> dict[str, Any]:
    return {name: getattr(key, name) for name in Key.__dataclass_fields__}


def _key(kept: dict[str, Any]) -> Key:
    times = {name: datetime.fromisoformat(kept[name]) for name in TIMES if kept[name] is not None}
    return Key(**{**kept, **times, "scopes": tuple(kept["scopes"])})
