"""All that one process serves with: the doors, and behind them the desk of each tenant. Knows no HTTP."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from serving.doors import Doors, OpenDoors
from serving.metrics import Metrics
from serving.triage import Desk

__all__ = ["Desks", "House", "open_house"]


class Desks:
    """The desk of each tenant, made by `make` when it is first wanted; call it with the tenant's name."""

    def __init__(self, make: Callable[[str], Desk]) -> None:
        self._make = make
        self._lock = Lock()
        self._made: dict[str, Desk] = {}

    def __call__(self, tenant: str) -> Desk:
        """The tenant's desk; one that is new looks for its version in the background."""
        found = self._made.get(tenant)
        if found is not None:
            return found
        with self._lock:
            if tenant not in self._made:
                self._made[tenant] = self._make(tenant)
            return self._made[tenant]

    def all(self) -> list[Desk]:
        """Those that were made so far."""
        return list(self._made.values())


@dataclass(frozen=True, slots=True)
class House:
    """The doors and the desks, and what is counted of all of them."""

    doors: Doors
    desks: Desks
    metrics: Metrics = field(default_factory=Metrics)


def open_house(desk: Desk) -> House:
    """A house of one desk, for whoever comes."""
    return House(OpenDoors(), Desks(lambda _: desk), desk.metrics)
