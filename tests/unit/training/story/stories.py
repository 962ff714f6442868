"""Stories of small desks, put together by hand: what was answered, what the history holds, what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from desk.demands import Demand, Demands
from desk.evidence import HAPPENED, Answered, Evidence
from desk.outcome import Event, Outcome, ResolvedTicket
from desk.ticket import Ticket
from training.evidence.confusion import MixUp
from training.evidence.intervals import Interval
from training.story.changed import gate_story
from training.story.routing import Band
from training.story.second_look import SecondLook
from training.story.story import Material, VersionBefore, WatchStory
from training.watch.held_back import AutomationWorth

AT = datetime(2026, 11, 29, 9, tzinfo=UTC)
SECRET = "the words of a ticket"
HOSTILE = (
    "<script>alert(1)</script>",
    'a" onload="x',
    "خدمة العملاء",
    "שירות & \u202eלקוחות",
    "O'Neil; rm -rf /",
    "W" * 90,
)


def answered(*runs: tuple[float, int, int]) -> Answered:
    """Runs of rows of one probability: (probability, right, wrong), the surest first."""
    probabilities: list[float] = []
    hits: list[bool] = []
    for probability, right, wrong in runs:
        probabilities += [probability] * (right + wrong)
        hits += [True] * right + [False] * wrong
    return Answered(probabilities, hits)


def sure(rows: int = 400) -> Answered:
    """Mostly sure and right, then suggested, then not even that."""
    return answered((0.97, rows - 4, 4), (0.7, 60, 30), (0.4, 10, 20))


def unsure() -> Answered:
    return answered((0.8, 300, 60), (0.45, 20, 20))


def few() -> Answered:
    return answered((0.95, 21, 0))


def outcome(queue: str | None, moves: int | None = None, events: Sequence[Event] = ()) -> Outcome:
    return Outcome(queue=queue, reassignment_count=moves, events=tuple(events))


def row(number: int, what: Outcome) -> ResolvedTicket:
    opened = AT - timedelta(days=400 - number)
    return ResolvedTicket(Ticket(id=f"T{number}", created_at=opened, subject=SECRET, body=SECRET), what)


def moved(day: int, before: str, after: str) -> Event:
    return Event(AT + timedelta(days=day), "queue", before, after)


def rows(transfers: bool = True) -> list[ResolvedTicket]:
    """Six Billing tickets of which two were passed on, three times in all; four Access tickets that were not."""
    moves = (2, 1, 0, 0, 0, 0)
    billing = [row(place, outcome("Billing", count if transfers else None)) for place, count in enumerate(moves)]
    return billing + [row(10 + place, outcome("Access", 0 if transfers else None)) for place in range(4)]


def evidence(queue: Mapping[str, Answered]) -> Evidence:
    escalated = answered((0.9, 60, 20), (0.3, 40, 480))
    return {"queue": queue, "priority": {"P1": sure(), "P2": unsure()}, "escalation": {HAPPENED: escalated}}


def about(**more: Any) -> dict[str, Any]:
    return {
        "trained_at": AT.isoformat(),
        "rows": 1_000,
        "window": [(AT - timedelta(days=365)).isoformat(), AT.isoformat()],
        "skipped": {},
        "too_little": [],
        "rare_labels": {},
        "priority_order": ["P1", "P2"],
        **more,
    }


def material(queue: Mapping[str, Answered] | None = None, **more: Any) -> Material:
    """A desk of four queues, of which all is known but what daily work measured; more: what else is to be."""
    queues = {"Billing": sure(), "Access": sure(200), "Security": unsure(), "Orders": few()} if queue is None else queue
    made = Material(
        version="3",
        at=AT,
        about=about(),
        evidence=evidence(queues),
        labels={"queue": tuple(queues), "priority": ("P1", "P2"), "escalation": ("false", "true")},
        demands=Demands(heads={"queue": Demand(0.95), "priority": Demand(0.95)}),
        holdback=0.03,
        rows=rows(),
        second=SecondLook(200, Band(120, 118), Band(60, 50), {"unknown_topic": 4, "below_suggest": 16}),
        mix_ups=(MixUp("Billing", "Orders", 14, 0.09), MixUp("Orders", "Billing", 7, 0.12)),
        before=VersionBefore("2", {"queue": {"Billing": sure(100)}}, ("Billing",)),
        gate=gate_story("2", "promoted", gate()),
        watched=WatchStory(AT, 500, 2, 1),
    )
    return replace(made, **more)


def gate() -> dict[str, Any]:
    def figure(
        head: str, name: str, champion: float, challenger: float, low: float, high: float, where: str = ""
    ) -> Any:
        return {
            "on": "golden",
            "head": head,
            "name": name,
            "rows": 250,
            "champion": champion,
            "challenger": challenger,
            "low": low,
            "high": high,
            "where": where,
        }

    figures = [
        figure("queue", "accuracy", 0.80, 0.84, 0.01, 0.07),
        figure("queue", "macro_f1", 0.79, 0.80, -0.02, 0.04),
        figure("priority", "ece", 0.02, 0.06, 0.01, 0.07),
        figure("escalation", "auroc", 0.80, 0.85, 0.02, 0.08),
        figure("queue", "coverage", 0.50, 0.40, -0.14, -0.06),
        figure("queue", "accuracy", 0.80, 0.70, -0.18, -0.02, "queue Billing"),
    ]
    return {"rows": {"golden": 250, "newest": 120}, "figures": figures, "missing": {"breach": "too few"}}


def worth(held_back: int = 200, right: float = 0.95, **more: Any) -> AutomationWorth:
    spread = Interval(right - 0.03, right + 0.03)
    return AutomationWorth("queue", held_back, 800, right, spread, 0.6, 0.2, 0.4, Interval(0.3, 0.5), held_back, **more)
