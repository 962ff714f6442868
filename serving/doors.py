"""Who may ask what: the doors before every operation. Knows no route.

A key is read from `Authorization: Bearer` or `X-API-Key`, and looked up in memory: nothing here waits.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address
from time import monotonic
from typing import Final, Protocol

from starlette.requests import Request

from desk.votes import person_of
from journal.keys import Key, digest_of, key_id_of
from journal.tables import DEFAULT_TENANT
from serving.key_ring import KeyRing
from serving.problems import ProblemError

__all__ = ["CALLER", "Caller", "Doors", "KeyedDoors", "OpenDoors"]

CALLER: Final = "pointsman.caller"
"""Where the scope keeps who asks."""

BEARER: Final = b"bearer "
CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="pointsman"'}
"""RFC 6750, section 3."""
LONGEST: Final = 200
"""Bytes of a header that is looked at: a key has 68."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, for whom, and what they may. `key_id` is None where no key was asked for.

    person: who speaks with the key, and may speak as nobody else; None where it is nobody's in particular.
    """

    tenant: str = DEFAULT_TENANT
    key_id: str | None = None
    scopes: frozenset[str] = frozenset()
    person: str | None = None

    @property
    def who(self) -> str:
        """For the journal: who changed something."""
        return "api" if self.key_id is None else f"key {self.key_id}"


class Doors(Protocol):
    """Lets a request in, or not. `tenant` is whose desk those routes tell of that take no key."""

    @property
    def tenant(self) -> str:
        """A tenant's name."""

    def admit(self, request: Request, scopes: tuple[str, ...]) -> Caller:
        """Who asks, if one of `scopes` is theirs; with no scopes nobody is asked for a key.

        Raises `ProblemError` 401 without a key that holds, 403 for a key without such a scope, 429 where it asks too
        often.
        """


@dataclass(frozen=True, slots=True)
class OpenDoors:
    """Lets everybody on this machine in, for one tenant.

    Who calls from another is turned away, however the service came to listen there: the settings forbid it, and a
    command line by hand does not ask them.
    """

    tenant: str = DEFAULT_TENANT

    def admit(self, request: Request, scopes: tuple[str, ...]) -> Caller:
        """Nobody in particular."""
        if scopes and not _is_near(request.client.host if request.client else None):
            raise _unknown("Keys are off, for callers on the service's own machine; set POINTSMAN_KEYS=required.")
        return Caller(self.tenant)


@dataclass(slots=True)
class _Bucket:
    """Requests that a key has left (a token bucket): as many as a minute's at most, refilled as time goes."""

    left: float
    at: float


@dataclass(slots=True)
class KeyedDoors:
    """Lets in who holds a key of `ring`.

    processes: how many answer beside this one: each lets a key in that part of the times a minute that it may.
    """

    ring: KeyRing
    secret: bytes
    now: Callable[[], datetime]
    processes: int = 1
    tenant: str = DEFAULT_TENANT
    _callers: dict[Key, Caller] = field(default_factory=dict)
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    def admit(self, request: Request, scopes: tuple[str, ...]) -> Caller:
        """Who holds the key that came with the request."""
        if not scopes:
            return Caller(self.tenant)
        key = self._checked(_key_in(request))
        if not any(scope in key.scopes for scope in scopes):
            needed = " or ".join(f"`{scope}`" for scope in scopes)
            raise ProblemError(403, "forbidden", f"This key may not do that; it takes one with the scope {needed}.")
        most = key.per_minute or self.ring.per_minute(key.tenant)
        if most is not None:
            self._count(key, most / self.processes)
        return self._caller(key)

    def holder_of(self, text: str) -> Caller:
        """Who holds the key of this text, for those who sign in. Raises `ProblemError` 401 where nobody does."""
        return self._caller(self._checked(text))

    def still(self, key_id: str) -> Caller:
        """Who holds the key of this id, which was shown before. Raises `ProblemError` 401 where it ended since."""
        key = self.ring.by_id.get(key_id)
        if key is None:
            raise _unknown("This key is not known any more; ask for another.")
        return self._caller(self._unended(key))

    def has_own_key(self, person: str, tenant: str) -> bool:
        """Whether there is a key with which this person alone speaks."""
        theirs = (key for key in self.ring.by_id.values() if key.tenant == tenant and key.person is not None)
        return any(person_of(key.person or "") == person and not self._is_ended(key) for key in theirs)

    def _is_ended(self, key: Key) -> bool:
        return key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= self.now())

    def _checked(self, text: str) -> Key:
        key_id = key_id_of(text)
        key = None if key_id is None else self.ring.by_id.get(key_id)
        if key is None or not hmac.compare_digest(key.digest, digest_of(self.secret, text)):
            raise _unknown("Send a key that holds: `Authorization: Bearer pm_…`.")
        # From here on it is the holder who is told, and nobody who guesses.
        return self._unended(key)

    def _unended(self, key: Key) -> Key:
        if key.revoked_at is not None:
            raise _unknown("This key was revoked; ask for another.")
        if key.expires_at is not None and key.expires_at <= self.now():
            raise _unknown("This key has expired; ask for another.")
        return key

    def _caller(self, key: Key) -> Caller:
        found = self._callers.get(key)
        if found is None:
            if len(self._callers) > len(self.ring.by_id):
                self._callers.clear()
            found = self._callers[key] = Caller(key.tenant, key.key_id, frozenset(key.scopes), key.person)
        return found

    def _count(self, key: Key, most: float) -> None:
        now = monotonic()
        bucket = self._buckets.get(key.key_id)
        if bucket is None:
            bucket = self._buckets[key.key_id] = _Bucket(max(most, 1), now)
        # One request can always be saved up for, however small this process's part is.
        bucket.left = min(max(most, 1), bucket.left + (now - bucket.at) * most / 60)
        bucket.at = now
        if bucket.left < 1:
            seconds = int((1 - bucket.left) * 60 / most) + 1
            detail = f"This key may ask {key.per_minute or self.ring.per_minute(key.tenant)} times a minute."
            raise ProblemError(429, "too-many-requests", detail, headers={"Retry-After": str(seconds)})
        bucket.left -= 1


def _key_in(request: Request) -> str:
    for name, value in request.scope["headers"]:
        if name == b"authorization" and len(value) <= LONGEST and value[:7].lower() == BEARER:
            return str(value[7:].strip(), "latin-1")
        if name == b"x-api-key" and len(value) <= LONGEST:
            return str(value.strip(), "latin-1")
    raise _unknown("Send a key: `Authorization: Bearer pm_…`. `pointsman keys create` makes one.")


@lru_cache(maxsize=1_000)
def _is_near(host: str | None) -> bool:
    """Whether a caller is on this machine: by a loopback address, a local socket, or in this process."""
    try:
        return host is None or ip_address(host).is_loopback
    except ValueError:
        return True  # no network's address


def _unknown(detail: str) -> ProblemError:
    return ProblemError(401, "unauthorized", detail, headers=CHALLENGE)
