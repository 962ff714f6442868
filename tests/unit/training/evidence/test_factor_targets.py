"""What outcomes say of a ticket's factors, worked by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from desk.outcome import Outcome, ResolvedTicket
from desk.ticket import Ticket
from training.evidence.factor_targets import FEWEST_ROWS, factor_targets

OPENED = datetime(2026, 3, 2, 8, tzinfo=UTC)
ORDER = ("P1", "P2", "P3")


def resolved(hours: float | None = None, response: float | None = None, **outcome: Any) -> ResolvedTicket:
    times = {"resolved_at": hours, "first_response_at": response}
    known = {name: OPENED + timedelta(hours=value) for name, value in times.items() if value is not None}
    return ResolvedTicket(Ticket(id="1", created_at=OPENED), Outcome(**known, **outcome))


def test_urgency_is_the_level_of_the_priority() -> None:
    rows = [resolved(priority=label) for label in ["P1", "P2", "P3", None, "Other"] * FEWEST_ROWS]
    assert factor_targets(rows, ORDER)["urgency"][:5].tolist() == pytest.approx(
        [1, 0.5, 0, np.nan, np.nan], nan_ok=True
    )


def test_without_enough_priorities_urgency_is_how_soon_the_first_response_came_in_its_queue() -> None:
    fast = [resolved(response=hour, queue="Fast") for hour in range(1, 11)]
    slow = [resolved(response=100 + hour, queue="Slow") for hour in range(1, 11)]
    urgency = factor_targets([*fast, *slow, resolved()], ())["urgency"]
    assert urgency[:10].tolist() == pytest.approx([0.95 - 0.1 * step for step in range(10)])
    assert urgency[10:20].tolist() == urgency[:10].tolist()
    assert np.isnan(urgency[20])


def test_sentiment_is_high_where_satisfaction_is_low() -> None:
    rows = [resolved(satisfaction=value) for value in (1.0, 5.0, 3.0, 3.0, None)]
    assert factor_targets(rows, ())["sentiment"].tolist() == pytest.approx(
        [0.875, 0.125, 0.5, 0.5, np.nan], nan_ok=True
    )


def test_complexity_compares_hours_within_queue_and_priority() -> None:
    urgent = [resolved(hours=hour, queue="A", priority="P1") for hour in range(1, 11)]
    patient = [resolved(hours=100 * hour, queue="A", priority="P3") for hour in range(1, 11)]
    complexity = factor_targets([*urgent, *patient], ORDER)["complexity"]
    assert complexity[:10].tolist() == pytest.approx([0.05 + 0.1 * step for step in range(10)])
    assert complexity[10:].tolist() == complexity[:10].tolist()


def test_complexity_is_the_mean_of_the_ranks_that_are_there() -> None:
    rows = [resolved(reassignment_count=0, reopen_count=0), resolved(reassignment_count=3), resolved()]
    assert factor_targets(rows, ())["complexity"].tolist() == pytest.approx(
        [(0.25 + 0.5) / 2, 0.75, np.nan], nan_ok=True
    )


def test_an_expert_is_needed_where_a_ticket_was_passed_on_twice() -> None:
    rows = [resolved(reassignment_count=count) for count in (0, 1, 2, 5, None)]
    assert factor_targets(rows, ())["expertise"].tolist() == pytest.approx([0, 0, 1, 1, np.nan], nan_ok=True)


def test_where_hardly_any_is_passed_on_twice_once_is_enough() -> None:
    rows = [resolved(reassignment_count=count) for count in (0, 1) * 100]
    assert factor_targets(rows, ())["expertise"][:2].tolist() == [0, 1]


def test_outcomes_that_say_nothing_say_nothing() -> None:
    for target in factor_targets([resolved(), resolved()], ORDER).values():
        assert np.isnan(target).all()
