"""The tickets that came in since a challenger was made, and which of them it answers otherwise than the champion.

Neither learned from any of them. Knows neither what people say of them nor what follows from it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine

from desk.asking_policy import run_off_lot
from desk.demands import Demands
from desk.heads import CLASS_HEADS, Head
from desk.outcome import Outcome, ResolvedTicket
from desk.taxonomy import Taxonomy
from desk.ticket_json import ticket_in
from journal.recent_answers import RecentAnswer, recent_answers
from training.gate.sides import speaker_of
from training.run_off.undecided import RunOff

__all__ = ["MOST", "Differing", "differing_since"]

MOST: Final = 5_000
"""Tickets, the last, that are looked at."""


@dataclass(frozen=True, slots=True)
class Differing:
    """tickets: how many both answered.

    by_head: head -> ticket id -> what champion and challenger answer, of those that they answer otherwise; under
    priority only those whose queue they answer alike, for a ticket is drawn for one of its heads. answers: of every
    such ticket, in the order in which it is asked about: by lot, two for their queue and one for its priority.
    """

    tickets: int
    by_head: Mapping[Head, Mapping[str, tuple[str, str]]]
    answers: Sequence[RecentAnswer]


def differing_since(
    engine: Engine,
    run_off: RunOff,
    taxonomy: Taxonomy,
    *,
    at: datetime,
    tenant: str,
    tick: Callable[[], object] = lambda: None,
) -> Differing:
    """What came in from the making of the challenger until `at`, by the names that queues have by `taxonomy`.

    Raises `JournalUnavailableError`.
    """
    found = recent_answers(engine, run_off.of.since, at, MOST, tenant)
    found = [one for one in found if one.ticket_id not in run_off.learned]
    rows = [ResolvedTicket(ticket_in(one.ticket), Outcome()) for one in found]
    versions = (run_off.champion.version, run_off.challenger.version)
    first, second = (speaker_of(one, rows, Demands(), tick, taxonomy=taxonomy) for one in versions)
    by_head: dict[Head, dict[str, tuple[str, str]]] = {}
    drawn: set[str] = set()
    for head in CLASS_HEADS:
        if head in first.labels and head in second.labels:
            pairs = zip(found, first.answered(head), second.answered(head), strict=True)
            differing = ((one.ticket_id, str(mine), str(theirs)) for one, mine, theirs in pairs if mine != theirs)
            by_head[head] = {name: (mine, theirs) for name, mine, theirs in differing if name not in drawn}
            drawn |= set(by_head[head])
    lots = [
        sorted((one for one in found if one.ticket_id in by_head.get(head, {})), key=_lot)
        for head in ("queue", "priority")
    ]
    return Differing(len(found), by_head, _interleaved(*lots))


def _interleaved(queues: Sequence[RecentAnswer], priorities: Sequence[RecentAnswer]) -> list[RecentAnswer]:
    """Two of the former, then one of the latter, while there are any of both."""
    places = [(place // 2, 0, one) for place, one in enumerate(queues)]
    places += [(place, 1, one) for place, one in enumerate(priorities)]
    return [one for _, _, one in sorted(places, key=lambda each: each[:2])]


def _lot(one: RecentAnswer) -> tuple[float, str]:
    return run_off_lot(one.ticket_id), one.ticket_id
