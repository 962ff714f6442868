"""A sample desk's history: resolved tickets over a year, every one drawn from the desk's seed.

The desk lives through the year in order, so that what is open, who escalated lately and how the SLA is kept follow from
what came before. Knows how the parts are put together; what each draws stands in its own module.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from desk.errors import SettingError
from desk.outcome import Outcome, ResolvedTicket
from desk.ticket import Customer, Ticket
from simulation.arrivals import arrival_times
from simulation.attributes import Standing, attributes_of
from simulation.chance import pick_weighted, stream
from simulation.content import Content, read_content
from simulation.customers import Accounts, make_accounts
from simulation.details import Details
from simulation.handling import Handling, breaches, handle
from simulation.judgement import draw_priority, escalation_probability, misroute, right_priority, right_queue
from simulation.memory import DeskMemory
from simulation.queues import QueuePlan, plan_queues
from simulation.request import Request, draw_request
from simulation.template import fill
from simulation.thread import write_thread
from simulation.writing import write_ticket

__all__ = [
    "FIRST_ID",
    "Cast",
    "DrawnTicket",
    "SampleDesk",
    "Truth",
    "cast_of",
    "draw",
    "draw_ticket",
    "generate",
    "open_ticket",
]

FIRST_ID = 10001
SPECIALISTS_A_QUEUE = 5
ANSWERED_SURVEYS = 0.45


@dataclass(frozen=True, slots=True)
class SampleDesk:
    """Settings. The history holds `tickets` tickets opened within `days` days from `start`, in `queues` queues.

    Raises `SettingError` where a number makes no desk.
    """

    tickets: int = 6000
    queues: int = 8
    start: datetime = datetime(2025, 11, 1, tzinfo=UTC)
    days: int = 365
    seed: int = 7

    def __post_init__(self) -> None:
        most = len(read_content().topics)
        _within("tickets", self.tickets, 1, 1_000_000)
        _within("queues", self.queues, 2, most)
        _within("days", self.days, 1, 3660)
        if self.start.tzinfo is None:
            raise SettingError(f"start must be a time with a zone, not {self.start!r}; add tzinfo=UTC.")


def _within(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise SettingError(f"{name} must be from {least} to {most}, not {value!r}.")


@dataclass(frozen=True, slots=True)
class Cast:
    """What stays the same over a desk's year: what is written about, which queue takes it, who writes."""

    content: Content
    plan: QueuePlan
    accounts: Accounts


def cast_of(desk: SampleDesk) -> Cast:
    """The desk's topics, queues and customers."""
    content = read_content()
    accounts = make_accounts(content.names, desk.tickets, desk.seed)
    return Cast(content, plan_queues(content, desk.queues), accounts)


@dataclass(frozen=True, slots=True)
class Truth:
    """What is right of a ticket, whatever the desk made of it; `escalated` is whether it did."""

    queue: str
    priority: str
    escalated: bool


@dataclass(frozen=True, slots=True)
class DrawnTicket:
    """A ticket with what the desk made of it, and apart from that the truth, which no history tells."""

    row: ResolvedTicket
    truth: Truth


def generate(desk: SampleDesk) -> Iterator[ResolvedTicket]:
    """The desk's history, oldest ticket first; the same rows for the same settings, wherever it runs."""
    return (one.row for one in draw(desk))


def draw(desk: SampleDesk) -> Iterator[DrawnTicket]:
    """The same tickets with the truth, which no history tells."""
    cast = cast_of(desk)
    memory = DeskMemory(desk.tickets / desk.days, desk.seed)
    for index, at in enumerate(arrival_times(desk.tickets, desk.start, desk.days, desk.seed)):
        yield draw_ticket(desk.seed, cast, memory, index, at)


def draw_ticket(seed: int, cast: Cast, memory: DeskMemory, index: int, at: datetime) -> DrawnTicket:
    """The desk's ticket number `index` (from 0), opened at `at`; `memory` is asked in order and takes it in."""
    rng = stream(seed, "opening", index)
    account = cast.accounts.pick(rng, at)
    request = draw_request(rng, cast.content, cast.plan, account, at)
    ticket, details = open_ticket(rng, cast, request, str(FIRST_ID + index), memory.standing(at, account.id))
    return _resolve(stream(seed, "course", index), cast, memory, request, ticket, details)


def open_ticket(
    rng: Random, cast: Cast, request: Request, ticket_id: str, standing: Standing
) -> tuple[Ticket, Details]:
    """The ticket as the desk knows it at the opening, and the particulars that its thread may come back to."""
    details = Details(rng, cast.content, request, ticket_id)
    subject, body = write_ticket(rng, cast.content, cast.plan, request, details)
    ticket = Ticket(
        id=ticket_id,
        created_at=request.at,
        subject=subject,
        body=body,
        channel=request.channel,
        language=request.language,
        region=request.account.region,
        product=request.product,
        customer=Customer(request.account.id, request.account.tier),
        tags=_tags(rng, request),
        attributes=attributes_of(rng, cast.content, cast.plan, request, details, standing),
    )
    return ticket, details


def _tags(rng: Random, request: Request) -> tuple[str, ...]:
    """What the intake sets by itself."""
    tags = [request.channel] if request.channel in ("portal", "chat") else []
    return (*tags, "attachment") if rng.random() < 0.15 else tuple(tags)


def _resolve(
    rng: Random, cast: Cast, memory: DeskMemory, request: Request, ticket: Ticket, details: Details
) -> DrawnTicket:
    right = right_queue(rng, cast.plan, request)
    queue = misroute(rng, cast.plan, request, right)
    priority = draw_priority(rng, request, ticket.attributes)
    escalated = rng.random() < escalation_probability(request, ticket.attributes)
    handling = handle(rng, cast.plan, request, queue, priority, escalated, memory.load(request.at))
    memory.remember(request.account.id, handling)
    details.rng = rng
    thread = write_thread(rng, cast.content, request, details, handling)
    row = ResolvedTicket(ticket, _outcome(rng, cast, request, queue, priority, handling, details), thread)
    return DrawnTicket(row, Truth(right, right_priority(request, ticket.attributes), handling.escalated))


def _outcome(
    rng: Random, cast: Cast, request: Request, queue: str, priority: str, handling: Handling, details: Details
) -> Outcome:
    breached = breaches(priority, request.at, handling.first_response_at, handling.resolved_at)
    return Outcome(
        queue=queue,
        priority=priority,
        escalated=handling.escalated,
        sla_breached=breached,
        first_response_at=handling.first_response_at,
        resolved_at=handling.resolved_at,
        reassignment_count=handling.reassignment_count,
        reopen_count=int(handling.reopened_at is not None),
        satisfaction=_satisfaction(rng, request, handling, breached),
        resolver=_resolver(rng, cast, queue),
        resolution=fill(rng.choice(request.topic.resolutions), rng, details),
        events=handling.events,
    )


def _satisfaction(rng: Random, request: Request, handling: Handling, breached: bool) -> float | None:
    """One to five stars from those who answer the survey."""
    if rng.random() >= ANSWERED_SURVEYS:
        return None
    upset = sum(cue.name in ("angry", "repeat_contact", "management") for cue in request.cues)
    stars = 4.5 - 1.3 * handling.escalated - 0.9 * breached - 0.5 * upset + rng.gauss(0.0, 0.8)
    return float(min(5, max(1, round(stars))))


def _resolver(rng: Random, cast: Cast, queue: str) -> str:
    """One of the queue's specialists; the first of them takes the most tickets."""
    names = cast.content.names
    nth = pick_weighted(rng, [(k, 1.0 / (k + 1)) for k in range(SPECIALISTS_A_QUEUE)])
    person = cast.plan.names.index(queue) * SPECIALISTS_A_QUEUE + nth
    first, last = names["first"], names["last"]
    # Steps coprime to the lists' lengths: 1,520 people before a name comes again.
    return f"{first[person * 7 % len(first)]} {last[person * 5 % len(last)]}"
