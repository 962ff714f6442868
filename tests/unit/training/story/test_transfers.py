"""Transfers are counted from what a history holds; what it does not hold is not known."""

import pytest

from desk.demands import Demand
from tests.unit.training.story.stories import answered, moved, outcome, row, rows
from training.story.routing import routing_of
from training.story.transfers import most_saved, transfers_in


def test_counts_of_a_hand_worked_history() -> None:
    found = transfers_in(rows())
    assert found is not None
    assert (found.tickets, found.total, found.passed_on, found.source) == (10, 3, 2, "counts")
    assert found.by_queue == {"Access": (4, 0), "Billing": (6, 3)}
    assert found.elsewhere is None


def test_a_history_without_counts_and_events_says_nothing() -> None:
    assert transfers_in(rows(transfers=False)) is None
    assert transfers_in([]) is None


def test_a_ticket_that_does_not_say_is_not_counted_as_none() -> None:
    found = transfers_in([row(1, outcome("Billing", 2)), row(2, outcome("Billing"))])
    assert found is not None
    assert (found.rows, found.tickets, found.mean("Billing")) == (2, 1, 2.0)


def test_events_are_counted_where_there_are_no_counts() -> None:
    logged = [moved(2, "Access", "Billing"), moved(1, "Orders", "Access")]
    found = transfers_in([row(1, outcome("Billing", events=logged)), row(2, outcome("Billing"))])
    assert found is not None
    assert (found.source, found.total, found.passed_on, found.elsewhere) == ("events", 2, 1, 1)


def test_a_ticket_that_came_back_to_its_first_queue_was_not_elsewhere_first() -> None:
    logged = [moved(1, "Billing", "Access"), moved(2, "Access", "Billing")]
    found = transfers_in([row(1, outcome("Billing", 2, logged))])
    assert found is not None
    assert found.elsewhere == 0


def test_the_ceiling_counts_right_tickets_at_their_queues_mean_and_a_wrong_one_as_one_more() -> None:
    transfers = transfers_in(rows())
    routing = routing_of({"Billing": answered((0.9, 98, 2), (0.6, 50, 50))}, ("Billing",), Demand(0.9), suggest=0.5)
    assert transfers is not None
    saved = most_saved(routing, transfers, minutes=12)
    assert saved is not None
    assert saved.transfers == pytest.approx(1000 * (98 * 0.5 - 2) / 200)
    assert saved.hours == pytest.approx(saved.transfers / 5)


def test_nothing_is_known_of_queues_that_the_history_does_not_have() -> None:
    transfers = transfers_in(rows())
    routing = routing_of({"Orders": answered((0.9, 98, 2))}, ("Orders",), Demand(0.9), suggest=0.5)
    assert transfers is not None
    assert most_saved(routing, transfers, minutes=10) is None
