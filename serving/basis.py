"""What an answer rests on besides its ticket and its version: kept in the journal's row, so that it can be made again.

Settings are kept as the numbers of their revisions, whose values the journal has; what cannot be had again is kept
itself: the default queue, the cuts of escalation, which may come from traffic that is erased since. Knows no journal.
"""

from dataclasses import dataclass
from typing import Any, get_args

from desk.answer import DEFAULT_QUEUE
from desk.errors import ReplayError
from desk.heads import Head
from desk.modes import Cuts

__all__ = ["Basis", "basis_json", "read_basis"]


@dataclass(frozen=True, slots=True)
class Basis:
    """What held when an answer was given.

    contracts, priority_factors: revisions of these settings, 0 where they were never set; contracts is None where they
    could not be read, so that nothing was applied by itself. cuts: of escalation. too_little: heads that the version
    lacked for want of rows. holdback: the share of tickets that was kept from automation. taxonomy: the revision of
    this setting, 0 where it was never set, and how many of its records had come about. fallbacks: likewise a revision.
    """

    default_queue: str = DEFAULT_QUEUE
    contracts: int | None = 0
    priority_factors: int = 0
    cuts: Cuts | None = None
    too_little: frozenset[Head] = frozenset()
    holdback: float = 0.0
    taxonomy: tuple[int, int] = (0, 0)
    fallbacks: int = 0


def basis_json(basis: Basis) -> dict[str, Any]:
    """The basis as a JSON object."""
    cuts = basis.cuts
    return {
        "default_queue": basis.default_queue,
        "contracts": basis.contracts,
        "priority_factors": basis.priority_factors,
        "cuts": None if cuts is None else [cuts.escalate, cuts.watch],
        "too_little": sorted(basis.too_little),
        "holdback": basis.holdback,
        "taxonomy": list(basis.taxonomy),
        "fallbacks": basis.fallbacks,
    }


def read_basis(value: Any) -> Basis:
    """The basis in a row's JSON object.

    Raises `ReplayError` where the row has none, or one of another build.
    """
    try:
        cuts, heads = value["cuts"], frozenset(value["too_little"])
        made = Basis(
            value["default_queue"],
            value["contracts"],
            value["priority_factors"],
            None if cuts is None else Cuts(*map(float, cuts)),
            heads,
            float(value.get("holdback", 0.0)),  # a row of an older build was none of those kept
            _pair(value.get("taxonomy", (0, 0))),  # and knew of no queue that changed
            value.get("fallbacks", 0),
        )
    except (TypeError, KeyError, ValueError, AttributeError):
        made = None
    if made is None or not _is_sound(made):
        raise ReplayError("What this prediction rested on was not kept: it cannot be made again.")
    return made


def _pair(value: Any) -> tuple[int, int]:
    revision, count = value
    return int(revision), int(count)


def _is_sound(basis: Basis) -> bool:
    return (
        isinstance(basis.default_queue, str)
        and isinstance(basis.contracts, int | None)
        and isinstance(basis.priority_factors, int)
        and isinstance(basis.fallbacks, int)
        and basis.too_little <= set(get_args(Head))
    )
