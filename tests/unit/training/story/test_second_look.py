"""The second look asks the version itself, by its own terms."""

from typing import TYPE_CHECKING

from desk.demands import Demand, Demands
from desk.modes import NO_TERMS
from models.terms import version_terms
from training.story.second_look import second_look

if TYPE_CHECKING:
    from models.version import Version
    from training.histories.history import History


def test_every_ticket_with_a_queue_is_counted_once(trained_version: "Version", sample_history: "History") -> None:
    demands = Demands(heads={"queue": Demand(0.9), "priority": Demand(0.9)})
    rows = sample_history.rows[:120]
    found = second_look(trained_version, rows, version_terms(trained_version, demands))
    assert found is not None
    assert found.sent.tickets + found.suggested.tickets + sum(found.left.values()) == found.tickets == 120
    assert found.sent.tickets > 0
    assert found.wrong_between() is not None


def test_without_terms_nothing_is_sent(trained_version: "Version", sample_history: "History") -> None:
    found = second_look(trained_version, sample_history.rows[:20], NO_TERMS)
    assert found is not None
    assert found.sent.tickets == 0
    assert found.wrong_between() is None


def test_no_tickets_tell_nothing(trained_version: "Version") -> None:
    assert second_look(trained_version, (), NO_TERMS) is None
