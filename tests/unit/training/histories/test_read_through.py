"""A history read in the names that its queues have today."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk.outcome import Event, Outcome, ResolvedTicket
from desk.taxonomy import NO_CHANGES, Record, Taxonomy
from desk.ticket import Ticket
from training.histories.history import History, digest_of
from training.histories.read_through import queues_today, through
from training.histories.store import keep_history, load_history

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


CHANGES = Taxonomy(
    (
        Record(day(10), "renamed", ("Access",), ("Identity",)),
        Record(day(20), "split", ("Network",), ("VPN", "Wifi"), {"VPN": "tunnels", "Wifi": "access points"}),
        Record(day(30), "retired", ("Fax",)),
    )
)


def row(queue: str | None, opened: int | None, resolved: int | None = None, *events: Event) -> ResolvedTicket:
    at = None if opened is None else day(opened)
    outcome = Outcome(queue=queue, resolved_at=None if resolved is None else day(resolved), events=events)
    return ResolvedTicket(Ticket(id="1", created_at=at), outcome)


def moved(at: int, before: str | None, after: str | None, field: str = "queue") -> Event:
    return Event(day(at), field, before, after)


def history(*rows: ResolvedTicket) -> History:
    return History(rows, digest_of(rows), {}, ("as it was read",), "", ())


@pytest.mark.parametrize(
    ("given", "queue"),
    [
        (row("Access", 1, 2), "Identity"),
        (row("Access", None), "Identity"),
        (row("Access", 50, 51), "Identity"),
        (row("Billing", 1, 2), "Billing"),
        (row(None, 1, 2), None),
        (row("Network", 1, 2), None),
        (row("Network", 1, 25), None),
        (row("VPN", 1, 25), "VPN"),
        (row("Network", 1, 2, moved(21, "Network", "Wifi")), "Wifi"),  # an export that kept the old name
        (row("Network", 1, 2, moved(1, "Fax", "Network")), None),
        (row("Fax", 1, 2), None),
    ],
)
def test_a_rows_queue_is_that_of_today(given: ResolvedTicket, queue: str | None) -> None:
    assert through(history(given), CHANGES).rows[0].outcome.queue == queue


def test_a_part_of_a_split_is_known_by_when_the_ticket_was_resolved() -> None:
    parted = Taxonomy((Record(day(20), "split", ("Network",), ("Network", "VPN"), {"Network": "all", "VPN": "x"}),))
    read = through(history(row("Network", 1, 19), row("Network", 1, 21)), parted)
    assert [one.outcome.queue for one in read.rows] == [None, "Network"]


def test_changes_are_read_too_and_those_that_are_none_any_more_are_left_out() -> None:
    events = (moved(3, "Fax", "Access"), moved(11, "Access", "Identity"), moved(12, "low", "high", "priority"))
    read = through(history(row("Identity", 1, 13, *events)), CHANGES)
    assert read.rows[0].outcome.events == (moved(3, None, "Identity"), events[2])
    own_name = (moved(3, "Billing", "Access", "assignment_group"),)
    read = through(history(row("Billing", 1, 13, *own_name)), CHANGES, "assignment_group")
    assert read.rows[0].outcome.events == (moved(3, "Billing", "Identity", "assignment_group"),)


def test_what_was_read_is_named_by_its_rows_and_said() -> None:
    given = history(row("Access", 1), row("Network", 1), row("Fax", 1), row("Billing", 1))
    read = through(given, CHANGES)
    assert read.digest == digest_of(read.rows) != given.digest
    assert read.notes == (
        "as it was read",
        "1 row read under the name that the queue has today",
        "2 rows without a queue: theirs was split or retired since",
    )
    assert through(given, NO_CHANGES) is given
    untouched = through(history(row("Billing", 1)), CHANGES)
    assert untouched.digest == history(row("Billing", 1)).digest
    assert untouched.notes == ("as it was read",)


def test_a_kept_history_is_read_on_from_where_it_was_read(tmp_path: Path) -> None:
    """Two queues that change names would change back if they were read from the beginning again."""
    swapped = Taxonomy(
        (
            Record(day(10), "renamed", ("A",), ("other",)),
            Record(day(11), "renamed", ("B",), ("A",)),
            Record(day(12), "renamed", ("other",), ("B",)),
        )
    )
    once = load_history(keep_history(through(history(row("A", 1, 2)), swapped), tmp_path))
    assert once.rows[0].outcome.queue == "B"
    assert once.read_through == swapped
    assert through(once, swapped) == once
    later = Taxonomy((*swapped.records, Record(day(20), "renamed", ("B",), ("C",))))
    assert through(once, later).rows[0].outcome.queue == "C"


def test_queues_are_described_under_the_names_of_today() -> None:
    said = {"Access": "passwords", "Fax": "paper", "Billing": "invoices", "Wifi": "the air"}
    assert queues_today(said, CHANGES) == {
        "Identity": "passwords",
        "VPN": "tunnels",
        "Wifi": "the air",
        "Billing": "invoices",
    }
    assert queues_today(said, NO_CHANGES) == said
