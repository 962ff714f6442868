"""Who may ask what: the doors before every operation. Knows no route."""

from dataclasses import dataclass
from typing import Final, Protocol

from starlette.requests import Request

from journal.tables import DEFAULT_TENANT

__all__ = ["CALLER", "NOBODY", "Caller", "Doors", "OpenDoors"]

CALLER: Final = "pointsman.caller"
"""Where the scope keeps who asks."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, for whom, and what they may. `key_id` is None where no key was asked for."""

    tenant: str = DEFAULT_TENANT
    key_id: str | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def who(self) -> str:
        """For the journal: who changed something."""
        return "api" if self.key_id is None else f"key {self.key_id}"


NOBODY: Final = Caller()


class Doors(Protocol):
    """Lets a request in, or not."""

    def admit(self, request: Request, scopes: tuple[str, ...]) -> Caller:
        """Who asks, if one of `scopes` is theirs.

        Raises `ProblemError` 401 without a key that holds, 403 for a key without such a scope, 429 where it asks too
        often.
        """


class OpenDoors:
    """Lets everybody in, as the default tenant: for a loopback address alone."""

    def admit(self, request: Request, scopes: tuple[str, ...]) -> Caller:  # noqa: ARG002 - nobody is turned away
        """Nobody in particular."""
        return NOBODY
