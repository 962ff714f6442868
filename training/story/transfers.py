"""Transfers: how many a history had, and at most how many would have been saved, in tickets and in hours.

Reads a history's own counts and events, and guesses at nothing: what a history does not hold is not known. Pure.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from desk.outcome import Outcome, ResolvedTicket
from training.story.routing import PER, Routing, per_thousand

__all__ = ["MINUTES_PER_TRANSFER", "MostSaved", "Transfers", "most_saved", "transfers_in"]

MINUTES_PER_TRANSFER: Final = 10.0
"""An assumption, no finding: what one transfer costs people in minutes, reading the ticket anew above all."""


@dataclass(frozen=True, slots=True)
class Transfers:
    """What resolved tickets went through.

    rows: tickets of the history, of which `tickets` have a final queue and say how often they were passed on. by_queue:
    final queue -> (its tickets, their transfers). passed_on: tickets passed on at least once. source: `counts` of the
    history, or its `events`. elsewhere: of the tickets with logged events, those that were first in another queue than
    in the end; None where no events of queues are logged.
    """

    rows: int
    tickets: int
    by_queue: dict[str, tuple[int, int]]
    passed_on: int
    source: Literal["counts", "events"]
    elsewhere: int | None = None

    @property
    def total(self) -> int:
        """All transfers."""
        return sum(moves for _, moves in self.by_queue.values())

    def mean(self, queue: str) -> float | None:
        """Transfers of a ticket of this queue; None of one that the history does not have."""
        tickets, moves = self.by_queue.get(queue, (0, 0))
        return moves / tickets if tickets else None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {**asdict(self), "per_thousand": per_thousand(self.total, self.tickets)}


@dataclass(frozen=True, slots=True)
class MostSaved:
    """Of a thousand tickets. transfers: saved at most, after those that wrong answers would add; minutes: of each."""

    transfers: float
    added_by_wrong: float
    minutes: float

    @property
    def hours(self) -> float:
        """What that is in hours of people's work."""
        return self.transfers * self.minutes / 60


def transfers_in(rows: Sequence[ResolvedTicket]) -> Transfers | None:
    """The transfers of a history; None where it says nothing of them.

    Reassignment counts where there is any, else changes of the field `queue` among the events. In a history that logs
    such changes, a ticket without one stayed where it was.
    """
    counted = [row.outcome for row in rows if row.outcome.reassignment_count is not None]
    logs_moves = any(_moves(row.outcome) for row in rows)
    if counted:
        return _transfers(len(rows), [(one, one.reassignment_count or 0) for one in counted], "counts", logs_moves)
    if logs_moves:
        return _transfers(len(rows), [(row.outcome, len(_moves(row.outcome))) for row in rows], "events", logs_moves)
    return None


def most_saved(routing: Routing, transfers: Transfers, minutes: float) -> MostSaved | None:
    """What would be saved at most; None where of no queue that would be sent it is known what its tickets go through.

    Of each queue's rightly sent tickets every transfer that such tickets have on average is counted as saved, and a
    wrongly sent one as one more. It is a ceiling: some tickets are passed on for other reasons than a wrong queue.
    """
    means = {one.label: mean for one in routing.labels if (mean := transfers.mean(one.label)) is not None}
    known = [one for one in routing.labels if one.label in means and one.sent.tickets]
    if not known:
        return None
    saved = sum(one.sent.right * means[one.label] for one in known)
    added = sum(one.sent.wrong for one in known)
    return MostSaved(PER * (saved - added) / routing.tickets, PER * added / routing.tickets, minutes)


def _transfers(
    rows: int, told: Iterable[tuple[Outcome, int]], source: Literal["counts", "events"], logs_moves: bool
) -> Transfers:
    tickets: Counter[str] = Counter()
    moves: Counter[str] = Counter()
    passed_on = elsewhere = 0
    for outcome, count in told:
        if outcome.queue is not None:
            tickets[outcome.queue] += 1
            moves[outcome.queue] += count
            passed_on += count > 0
            changed = _moves(outcome)
            elsewhere += bool(changed) and changed[0] != outcome.queue
    by_queue = {queue: (tickets[queue], moves[queue]) for queue in sorted(tickets)}
    return Transfers(rows, tickets.total(), by_queue, passed_on, source, elsewhere if logs_moves else None)


def _moves(outcome: Outcome) -> list[str | None]:
    """The queue before each change of it, in order of time."""
    events = sorted(outcome.events, key=lambda event: event.at)
    return [event.before for event in events if event.field == "queue" and event.before != event.after]
