"""The story of a version for the operations lead, as one value: what it would do by itself, what that is worth.

Pure: put together from what others read. Knows neither files nor pages, and leaves out whatever is not known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from desk.demands import Demands
from desk.evidence import HAPPENED, Evidence
from desk.heads import CLASS_HEADS, HEADS, Head
from desk.outcome import ResolvedTicket
from desk.pricing import Review, review_of
from training.evidence.confusion import MixUp
from training.evidence.intervals import Interval
from training.story.changed import GateStory
from training.story.routing import PER, Offer, Routing, offers_of, per_thousand, routing_of
from training.story.second_look import SecondLook
from training.story.transfers import MINUTES_PER_TRANSFER, MostSaved, Transfers, most_saved, transfers_in
from training.watch.held_back import AutomationWorth

__all__ = [
    "MEASURED_FROM",
    "EscalationStory",
    "HeadStory",
    "Material",
    "Saved",
    "Skipped",
    "Story",
    "VersionBefore",
    "WatchStory",
    "Wrong",
    "tell_story",
]

MEASURED_FROM: Final = 30
"""Tickets held back, from which on what they measured is told first: of fewer the interval says next to nothing."""

Skipped: TypeAlias = Literal["too_few", "not_said"]
"""Why a version does not answer something: its history says too little of it, or nothing."""

_DAYS_A_MONTH: Final = 365.25 / 12


@dataclass(frozen=True, slots=True)
class VersionBefore:
    """The version that answered before. evidence, labels: its own, by the queues' names of today."""

    name: str
    evidence: Evidence
    labels: Sequence[str]


@dataclass(frozen=True, slots=True)
class WatchStory:
    """The watch's last look at this version. in_breach: contracts that failed of late. changes: what it told of."""

    at: datetime
    tickets: int
    changes: int
    in_breach: int


@dataclass(frozen=True, slots=True)
class Material:
    """What the story is told from.

    about: what the version's manifest says of it. labels: head -> the labels that it can answer. fallen: head -> labels
    of which nothing is sent by itself. holdback: share of tickets kept from automation. rows: of its history, None
    where that is not on this machine. second: what the version itself did with tickets that taught nobody. worth: by
    head, what held-back tickets measured. mix_ups: of the held-out rows, None where the run is not at hand.
    """

    version: str
    at: datetime
    about: Mapping[str, Any]
    evidence: Evidence
    labels: Mapping[Head, Sequence[str]]
    demands: Demands
    fallen: Mapping[Head, frozenset[str]] = field(default_factory=dict)
    holdback: float = 0.0
    rows: Sequence[ResolvedTicket] | None = None
    second: SecondLook | None = None
    worth: Mapping[Head, AutomationWorth] = field(default_factory=dict)
    mix_ups: Sequence[MixUp] | None = None
    before: VersionBefore | None = None
    gate: GateStory | None = None
    watched: WatchStory | None = None
    minutes: float = MINUTES_PER_TRANSFER


@dataclass(frozen=True, slots=True)
class HeadStory:
    """What happens by the desk's demands, and what other demands would give."""

    routing: Routing
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Wrong:
    """Of a thousand tickets, those that would be sent by themselves to a wrong place.

    rows: the tickets by which it is known, of which as many were sent, or would have been. measured: whether they were
    held back from automation by chance in daily work.
    """

    tickets: float
    between: Interval
    rows: int
    measured: bool


@dataclass(frozen=True, slots=True)
class Saved:
    """Of a thousand tickets: transfers saved, and hours of people's work at `minutes` each.

    measured: by held-back tickets, with the interval `between` of the transfers; else it is a ceiling.
    """

    transfers: float
    minutes: float
    between: Interval | None = None
    measured: bool = False

    @property
    def hours(self) -> float:
        """Of people's work."""
        return self.transfers * self.minutes / 60


@dataclass(frozen=True, slots=True)
class EscalationStory:
    """What flagging the most doubtful tickets at their opening would have found.

    rows: held-out tickets, of which `happened` escalated. review: what the share that the desk reviews gives.
    """

    rows: int
    happened: int
    review: Review


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that the page says; what is None or absent is not known.

    learned_from: tickets of its history, with those that were kept aside to judge it. window: when the first and the
    last of them were opened, as ISO 8601 text. a_month: tickets of the history in an average month. skipped: head ->
    why the version does not answer it. rare: queue -> its tickets in the history, where they are too few to learn
    well. wrong_estimated, wrong_measured: of queues. before_sent: of a thousand tickets, those that the version before
    would send by the same demands.
    """

    version: str
    at: datetime
    trained_at: str
    learned_from: int
    window: tuple[str, str] | None
    a_month: float | None
    holdback: float
    suggest: float
    heads: Mapping[Head, HeadStory]
    skipped: Mapping[Head, Skipped]
    rare: Mapping[str, int]
    minutes: float
    has_history: bool
    priorities_ordered: bool
    second: SecondLook | None = None
    wrong_estimated: Wrong | None = None
    wrong_measured: Wrong | None = None
    worth: Mapping[Head, AutomationWorth] = field(default_factory=dict)
    mix_ups: tuple[MixUp, ...] | None = None
    escalation: EscalationStory | None = None
    transfers: Transfers | None = None
    ceiling: MostSaved | None = None
    saved_measured: Saved | None = None
    before: str | None = None
    before_sent: float | None = None
    gate: GateStory | None = None
    watched: WatchStory | None = None

    @property
    def queue(self) -> HeadStory | None:
        """What happens to queues."""
        return self.heads.get("queue")

    @property
    def wrong(self) -> Wrong | None:
        """The figure that counts: what was measured, where enough was; else the estimate."""
        measured = self.wrong_measured
        enough = measured is not None and measured.rows >= MEASURED_FROM
        return measured if enough else self.wrong_estimated

    @property
    def saved(self) -> Saved | None:
        """The figure that counts: what was measured, where enough was; else the ceiling."""
        worth = self.worth.get("queue")
        if self.saved_measured is not None and worth is not None and worth.held_back >= MEASURED_FROM:
            return self.saved_measured
        return None if self.ceiling is None else Saved(self.ceiling.transfers, self.minutes)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        told = asdict(replace(self, heads={}, transfers=None, second=None))
        told["at"] = self.at.isoformat()
        told["heads"] = {
            head: {"routing": one.routing.to_json(), "offers": [asdict(offer) for offer in one.offers]}
            for head, one in self.heads.items()
        }
        told["transfers"] = None if self.transfers is None else self.transfers.to_json()
        told["second"] = None if self.second is None else self.second.to_json()
        if self.watched is not None:
            told["watched"] = {**asdict(self.watched), "at": self.watched.at.isoformat()}
        told["wrong"] = None if self.wrong is None else asdict(self.wrong)
        told["saved"] = None if self.saved is None else {**asdict(self.saved), "hours": self.saved.hours}
        return told


def tell_story(material: Material) -> Story:
    """The story that the material tells; whatever it lacks is left unknown."""
    about, demands = material.about, material.demands
    heads = {head: _head_story(material, head) for head in CLASS_HEADS if material.evidence.get(head)}
    queue = heads.get("queue")
    routing = None if queue is None else queue.routing
    worth = material.worth.get("queue")
    transfers = None if material.rows is None else transfers_in(material.rows)
    rows = int(about.get("rows", 0)) if material.rows is None else len(material.rows)
    return Story(
        version=material.version,
        at=material.at,
        trained_at=str(about.get("trained_at", "")),
        learned_from=rows,
        window=None if about.get("window") is None else (about["window"][0], about["window"][1]),
        a_month=_a_month(about, rows),
        holdback=material.holdback,
        suggest=demands.suggest,
        heads=heads,
        skipped={head: _why_skipped(about, head) for head in HEADS if head in about.get("skipped", {})},
        rare=dict(about.get("rare_labels", {}).get("queue", {})),
        minutes=material.minutes,
        has_history=material.rows is not None,
        priorities_ordered=bool(about.get("priority_order")),
        second=material.second,
        wrong_estimated=None if routing is None else _estimated(routing),
        wrong_measured=None if routing is None or worth is None else _measured(routing, worth),
        worth=dict(material.worth),
        mix_ups=None if material.mix_ups is None else tuple(material.mix_ups),
        escalation=_escalation(material),
        transfers=transfers,
        ceiling=most_saved(routing, transfers, material.minutes) if routing and transfers else None,
        saved_measured=None if routing is None or worth is None else _saved(routing, worth, material.minutes),
        before=None if material.before is None else material.before.name,
        before_sent=None if material.before is None else _sent_before(material, material.before),
        gate=material.gate,
        watched=material.watched,
    )


def _head_story(material: Material, head: Head) -> HeadStory:
    demand, suggest = material.demands.heads[head], material.demands.suggest
    evidence, labels, fallen = material.evidence[head], material.labels[head], material.fallen.get(head, frozenset())
    routing = routing_of(evidence, labels, demand, suggest=suggest, fallen=fallen)
    return HeadStory(routing, tuple(offers_of(evidence, labels, demand, suggest=suggest, fallen=fallen)))


def _estimated(routing: Routing) -> Wrong | None:
    between = routing.wrong_between()
    if between is None:
        return None
    return Wrong(per_thousand(routing.sent.wrong, routing.tickets), between, routing.sent.tickets, measured=False)


def _measured(routing: Routing, worth: AutomationWorth) -> Wrong | None:
    """What held-back tickets say of as many tickets as this version would send."""
    if worth.right is None or worth.between is None or not routing.sent.tickets:
        return None
    sent = per_thousand(routing.sent.tickets, routing.tickets)
    between = Interval(sent * (1 - worth.between.high), sent * (1 - worth.between.low))
    return Wrong(sent * (1 - worth.right), between, worth.judged, measured=True)


def _saved(routing: Routing, worth: AutomationWorth, minutes: float) -> Saved | None:
    if worth.saved is None or worth.saved_between is None:
        return None
    share = routing.sent.tickets / routing.tickets if routing.tickets else 0.0
    between = Interval(PER * share * worth.saved_between.low, PER * share * worth.saved_between.high)
    return Saved(PER * share * worth.saved, minutes, between, measured=True)


def _escalation(material: Material) -> EscalationStory | None:
    rows = material.evidence.get("escalation", {}).get(HAPPENED)
    if rows is None or not len(rows.hits):
        return None
    review = review_of(rows, material.demands.review_capacity)
    return EscalationStory(len(rows.hits), sum(rows.hits), review)


def _sent_before(material: Material, before: VersionBefore) -> float | None:
    evidence = before.evidence.get("queue")
    if not evidence:
        return None
    routing = routing_of(evidence, before.labels, material.demands.heads["queue"], suggest=material.demands.suggest)
    return per_thousand(routing.sent.tickets, routing.tickets)


def _why_skipped(about: Mapping[str, Any], head: Head) -> Skipped:
    return "too_few" if head in about.get("too_little", ()) else "not_said"


def _a_month(about: Mapping[str, Any], rows: int) -> float | None:
    window = about.get("window")
    if window is None:
        return None
    first, last = (datetime.fromisoformat(one) for one in window)
    days = (last - first).total_seconds() / 86_400
    return rows / days * _DAYS_A_MONTH if days >= 1 else None
