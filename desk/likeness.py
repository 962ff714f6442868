"""A resolved ticket that resembles the one asked about, with what became of it. Knows not how likeness is measured."""

from dataclasses import dataclass
from typing import Any, Final

__all__ = ["MOST_SIMILAR", "SimilarTicket", "similar_json"]

MOST_SIMILAR: Final = 20
"""How many similar tickets an answer may hold."""

DECIMALS: Final = 4


@dataclass(frozen=True, slots=True)
class SimilarTicket:
    """similarity: the cosine of the two tickets' vectors, at most 1. None where the history does not say.

    resolution: its beginning, as the desk's specialists wrote it.
    """

    ticket_id: str
    similarity: float
    queue: str | None = None
    priority: str | None = None
    escalated: bool | None = None
    reassignment_count: int | None = None
    resolution: str | None = None


def similar_json(tickets: tuple[SimilarTicket, ...]) -> list[dict[str, Any]]:
    """The tickets in the API's own form, the most similar first."""
    return [
        {
            "ticket_id": one.ticket_id,
            "similarity": max(-1.0, min(1.0, round(one.similarity, DECIMALS))),
            "queue": one.queue,
            "priority": one.priority,
            "escalated": one.escalated,
            "reassignment_count": one.reassignment_count,
            "resolution": one.resolution,
        }
        for one in tickets
    ]
