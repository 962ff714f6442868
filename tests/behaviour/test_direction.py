"""What must matter does, and the right way round: work that stands still, who is hit, who asks, and how often.

Directional tests in the sense of Ribeiro and others (ACL 2020): the same ticket with one thing more. Each must hold on
average by what a team lead would notice, and hardly ever turn round for a single ticket.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from desk.outcome import ResolvedTicket
from desk.prediction import Prediction
from desk.ticket import Message, Ticket
from models.scoring import predict
from models.version import Version

Change = Callable[[Ticket], Ticket]

PRIORITIES = 4
NOTICED = 0.05
"""Of a level of priority, or of a risk: what nobody notices."""


@dataclass(frozen=True)
class Moved:
    """By how much each ticket changed. urgency: in levels of priority, more is more urgent. escalation: in risk."""

    urgency: NDArray[np.float64]
    escalation: NDArray[np.float64]


def urgency(prediction: Prediction) -> float:
    """The expected level, from 0 (P4) to 3 (P1)."""
    return sum(one.probability * (PRIORITIES - int(one.label[1])) for one in prediction.choices["priority"].top)


@pytest.fixture
def moved(desk: Version, unseen: Sequence[ResolvedTicket]) -> Callable[..., Moved]:
    def measure(change: Change, when: Callable[[Ticket], bool] = lambda _: True) -> Moved:
        tickets = [row.ticket for row in unseen if row.ticket.language == "en" and when(row.ticket)]
        assert len(tickets) >= 50
        pairs = [[predict(desk, one, top=PRIORITIES) for one in (ticket, change(ticket))] for ticket in tickets]
        return Moved(
            np.array([urgency(after) - urgency(before) for before, after in pairs]),
            np.array(
                [
                    after.risks["escalation"].probability - before.risks["escalation"].probability
                    for before, after in pairs
                ]
            ),
        )

    return measure


def saying(text: str) -> Change:
    return lambda ticket: replace(ticket, body=f"{ticket.body} {text}")


def of_tier(tier: str) -> Change:
    return lambda ticket: replace(ticket, customer=replace(ticket.customer, tier=tier))


def with_attribute(name: str, value: str) -> Change:
    return lambda ticket: replace(ticket, attributes={**ticket.attributes, name: value})


def never_falls(moves: NDArray[np.float64], share: float = 0.95) -> bool:
    return bool(np.mean(moves >= -NOTICED) >= share)


def test_work_that_stands_still_is_more_urgent(moved: Callable[..., Moved]) -> None:
    change = moved(saying("Production is down, we cannot work at all and everything stands still."))
    assert change.urgency.mean() > 0.2
    assert never_falls(change.urgency)
    assert change.escalation.mean() > 0
    assert never_falls(change.escalation)


def test_what_has_time_is_less_urgent_and_escalates_less(moved: Callable[..., Moved]) -> None:
    change = moved(saying("No hurry at all, whenever you have time."))
    assert change.urgency.mean() < -0.1
    assert never_falls(-change.urgency)
    assert change.escalation.mean() < 0


def test_a_third_time_and_an_angry_word_escalate_more(moved: Callable[..., Moved]) -> None:
    third = moved(saying("This is now the third time I report this, it was closed without a fix."))
    angry = moved(saying("This is absolutely unacceptable, our management asks for an explanation."))
    for change in (third, angry):
        assert change.escalation.mean() > 0.03
        assert never_falls(change.escalation)


def test_who_chases_a_third_time_in_the_thread_escalates_more(moved: Callable[..., Moved]) -> None:
    def chased(ticket: Ticket) -> Ticket:
        opened = ticket.created_at or datetime(2026, 1, 1, tzinfo=UTC)
        said = (
            "Hello?",
            "Is there any news on this?",
            "I write for the third time and nobody answered, it is the same.",
        )
        messages = [Message(opened + timedelta(days=day), "customer", text) for day, text in enumerate(said, 1)]
        return replace(ticket, messages=tuple(messages))

    change = moved(chased)
    assert change.escalation.mean() > 0.02
    assert never_falls(change.escalation)


def test_more_people_and_a_higher_impact_are_more_urgent(moved: Callable[..., Moved]) -> None:
    few = moved(with_attribute("affected_users", "500"), lambda ticket: int(ticket.attributes["affected_users"]) < 10)
    low = moved(with_attribute("business_impact", "high"), lambda t: t.attributes["business_impact"] in ("none", "low"))
    for change in (few, low):
        assert change.urgency.mean() > 0.1
        assert never_falls(change.urgency)


@pytest.mark.parametrize("tier", ["enterprise", "vip"])
def test_who_pays_more_does_not_wait_longer(moved: Callable[..., Moved], tier: str) -> None:
    change = moved(of_tier(tier), lambda ticket: ticket.customer.tier == "standard")
    assert change.urgency.mean() > 0
    assert never_falls(change.urgency, 0.9)
    assert change.escalation.mean() > 0
    assert never_falls(change.escalation)
