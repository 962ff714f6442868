"""The golden set: tickets of a history that judge every version and teach none.

Who belongs to it follows from a ticket's text alone, so that copies stand on one side, and is fixed when a history is
given: what is said of such a ticket later changes nothing. Knows no versions and no judgement.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from desk.outcome import ResolvedTicket
from desk.ticket import Ticket
from training.lots import is_drawn

__all__ = ["GoldenRule", "golden_rule_for", "is_golden", "parted", "read_golden_rule"]

SHARE: Final = 0.05
"""Of a history."""

MOST: Final = 1_000
"""Rows: they tell macro-F1 of two versions apart to about a point, and more would only be missed where they taught."""

FEWEST: Final = 2_000
"""Rows of a history that has one: of fewer, the golden set would be too small to judge, and too large to miss."""

_PURPOSE: Final = "golden set"


@dataclass(frozen=True, slots=True)
class GoldenRule:
    """share: of tickets, between 0 and 1; none are golden with nought."""

    share: float = 0.0

    def to_json(self) -> dict[str, Any] | None:
        """What the journal keeps; None where none are golden."""
        return {"share": self.share} if self.share else None


def read_golden_rule(value: Mapping[str, Any] | None) -> GoldenRule:
    """The rule that `to_json` gave."""
    return GoldenRule(0.0 if value is None else float(value["share"]))


def golden_rule_for(rows: int) -> GoldenRule:
    """The rule for a history of so many rows."""
    return GoldenRule(min(SHARE, MOST / rows) if rows >= FEWEST else 0.0)


def is_golden(ticket: Ticket, rule: GoldenRule) -> bool:
    """Whether the ticket belongs to the golden set: by its subject and body, or by its id where it has neither."""
    return is_drawn(ticket, rule.share, _PURPOSE)


def parted(
    rows: Iterable[ResolvedTicket], rule: GoldenRule
) -> tuple[Sequence[ResolvedTicket], Sequence[ResolvedTicket]]:
    """The rows that teach and the golden ones, each in their order."""
    teach: list[ResolvedTicket] = []
    golden: list[ResolvedTicket] = []
    for row in rows:
        (golden if is_golden(row.ticket, rule) else teach).append(row)
    return teach, golden
