"""How the desk handles a ticket: when it answers and resolves, who gets it on the way, whether the SLA holds.

Knows when things happen and where the ticket lies, not what anybody writes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import log
from random import Random

from desk.outcome import Event
from simulation.arrivals import add_staffed_hours, is_staffed
from simulation.queues import QueuePlan
from simulation.request import Request

__all__ = ["SLA_HOURS", "Handling", "breaches", "handle"]

SLA_HOURS = {"P1": (1.0, 8.0), "P2": (4.0, 28.0), "P3": (24.0, 120.0), "P4": (72.0, 200.0)}
"""Hours by the calendar to the first response and to the resolution."""

RESPONSE_HOURS = {"P1": 0.3, "P2": 1.2, "P3": 3.0, "P4": 6.0}
WORK_HOURS = {"P1": 3.3, "P2": 10.0, "P3": 15.0, "P4": 24.0}
"""Medians. P1 and P2 are worked on round the clock, the others while the desk is staffed."""

ROUND_THE_CLOCK = ("P1", "P2")
NIGHT_FACTOR = 1.6
ESCALATED_FACTOR = 1.45
WORK_NOISE, RESPONSE_NOISE = 0.38, 0.5
LOAD_EXPONENT = 0.7
ONE_TRANSFER_SHARE = 0.17
REOPENED_ONLY, BOTH = 0.28, 0.14
"""Of the escalated tickets: reopened without transfers, and both; the rest is transferred at least twice."""

THREAD_LENGTHS = ((3, 4, 5, 5, 6, 6, 7, 8), (4, 5, 6, 6, 7, 8, 9, 10))
RECEIPT_SHARE = 0.45
EARLY_TRANSFER_SHARE = 0.5
"""Of the tickets transferred twice: those whose first transfer comes as early as that of a ticket transferred once."""

HOLD = 5
"""What escalates a ticket happens after so many messages. In a shorter thread it happens after the last but one, and
the customer who has it reopened does so by phone."""


@dataclass(frozen=True, slots=True)
class Handling:
    """The course of one ticket; `message_times` ascend, lie after the opening and end with the resolution."""

    escalated: bool
    first_response_at: datetime
    resolved_at: datetime
    message_times: tuple[datetime, ...]
    events: tuple[Event, ...]
    reassignment_count: int
    reopened_at: datetime | None


def breaches(priority: str, created_at: datetime, first_response_at: datetime, resolved_at: datetime) -> bool:
    """Whether the first response or the resolution came later than the priority's SLA allows."""
    response, resolution = SLA_HOURS[priority]
    late = first_response_at - created_at > timedelta(hours=response)
    return late or resolved_at - created_at > timedelta(hours=resolution)


@dataclass(frozen=True, slots=True)
class Work:
    """The stretch between the first response and the resolution, in working hours."""

    begins: datetime
    hours: float
    staffed_only: bool

    def at(self, share: float) -> datetime:
        """When this share of the work is done, to the second, like the desk's own log."""
        hours = self.hours * share
        moment = add_staffed_hours(self.begins, hours) if self.staffed_only else self.begins + timedelta(hours=hours)
        return moment.replace(microsecond=0)


def handle(
    rng: Random, plan: QueuePlan, request: Request, queue: str, priority: str, escalated: bool, load: float
) -> Handling:
    """Let the desk work on the ticket. `load` is the open tickets relative to the usual number."""
    responded, work = _work(rng, plan, request, priority, escalated, load)
    shares = _message_shares(rng, THREAD_LENGTHS[escalated])
    held = shares[min(HOLD, len(shares) - 1) - 1]
    transfers, reopened = _burdens(rng, escalated)
    late = sorted(held + (1.0 - held) * rng.uniform(0.05, 0.9) for _ in range(4))
    early = rng.uniform(0.02, 0.6)
    moments = [early, *late] if transfers == 1 or rng.random() < EARLY_TRANSFER_SHARE else late
    events = _transfers(rng, plan, request, queue, [work.at(share) for share in sorted(moments[:transfers])])
    events += _priority_change(rng, priority, work.at(rng.uniform(0.02, 0.6)))
    reopened_at = work.at(late[3]) if reopened else None
    if reopened_at:
        events.append(Event(reopened_at, "status", "resolved", "open"))
    return Handling(
        escalated=escalated,
        first_response_at=responded,
        resolved_at=work.at(1.0),
        message_times=_message_times(rng, request.at, work, shares, reopened_at if len(shares) > HOLD else None),
        events=tuple(sorted(events, key=lambda event: event.at)),
        reassignment_count=transfers,
        reopened_at=reopened_at,
    )


def _work(
    rng: Random, plan: QueuePlan, request: Request, priority: str, escalated: bool, load: float
) -> tuple[datetime, Work]:
    effort = request.topic.effort + sum(cue.effort for cue in request.cues)
    effort += log(plan.department_of[request.topic.department].pace) + LOAD_EXPONENT * log(load)
    effort += log(ESCALATED_FACTOR) if escalated else 0.0
    response = RESPONSE_HOURS[priority] * load * rng.lognormvariate(0.0, RESPONSE_NOISE)
    hours = max(0.25, WORK_HOURS[priority] * rng.lognormvariate(effort, WORK_NOISE))
    staffed_only = priority not in ROUND_THE_CLOCK
    slow = 1.0 if staffed_only or is_staffed(request.at) else NIGHT_FACTOR
    responded = Work(request.at, max(0.02, response * slow), staffed_only).at(1.0)
    return responded, Work(responded, hours * slow, staffed_only)


def _message_shares(rng: Random, lengths: tuple[int, ...]) -> list[float]:
    """Of the work: the first response at 0, the exchange, the last word at 1."""
    between = rng.choice(lengths) - 2
    return [0.0, *sorted(rng.uniform(0.02, 0.9) for _ in range(between)), 1.0]


def _message_times(
    rng: Random, created: datetime, work: Work, shares: list[float], reopened_at: datetime | None
) -> tuple[datetime, ...]:
    """Strictly ascending; in front perhaps the system's receipt."""
    times = {work.at(share) for share in shares} | ({reopened_at} if reopened_at else set())
    receipt = created + timedelta(seconds=rng.randint(5, 60))
    if rng.random() < RECEIPT_SHARE and receipt < work.begins:
        times.add(receipt)
    return tuple(sorted(times))


def _burdens(rng: Random, escalated: bool) -> tuple[int, bool]:
    """Transfers, and whether the ticket is reopened: two transfers or a reopening are what escalated means."""
    if not escalated:
        return int(rng.random() < ONE_TRANSFER_SHARE), False
    chance = rng.random()
    if chance < REOPENED_ONLY:
        return int(rng.random() < 0.3), True
    return rng.choice((2, 2, 2, 3)), chance < REOPENED_ONLY + BOTH


def _transfers(rng: Random, plan: QueuePlan, request: Request, queue: str, moments: list[datetime]) -> list[Event]:
    """A path of as many transfers that ends at `queue` and never stays where it is."""
    path = [queue]
    for _ in moments:
        rival = plan.rival_queue(request.topic)
        others = [name for name in plan.names if name != path[0]]
        path.insert(0, rival if rival != path[0] and rng.random() < 0.5 else rng.choice(others))
    return [Event(at, "queue", *step) for at, step in zip(moments, pairwise(path), strict=True)]


def _priority_change(rng: Random, priority: str, at: datetime) -> list[Event]:
    """One ticket in seven was first given the neighbouring priority."""
    if rng.random() >= 0.14:
        return []
    levels = tuple(SLA_HOURS)
    index = levels.index(priority)
    before = levels[index + 1] if index == 0 or (index < 3 and rng.random() < 0.6) else levels[index - 1]
    return [Event(at, "priority", before, priority)]
