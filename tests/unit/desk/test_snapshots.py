from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.outcome import Event, Outcome, ResolvedTicket
from desk.snapshots import after_message, opening_of, snapshots_of, written_since
from desk.ticket import Customer, Message, Ticket

OPENED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def hours(count: float) -> datetime:
    return OPENED + timedelta(hours=count)


def said(*at: float) -> tuple[Message, ...]:
    return tuple(Message(hours(one), "customer", f"after {one} hours") for one in at)


def row(thread: tuple[Message, ...], resolved: float | None = 100, events: tuple[Event, ...] = ()) -> ResolvedTicket:
    ticket = Ticket(
        "1", OPENED, "No VPN", "Help", product="vpn", customer=Customer("c", "vip"), attributes={"site": "north"}
    )
    closed = None if resolved is None else hours(resolved)
    return ResolvedTicket(ticket, Outcome(queue="Q", priority="P2", resolved_at=closed, events=events), thread)


def test_a_snapshot_holds_the_messages_up_to_its_own_and_none_of_later() -> None:
    asked = row(said(-1, 0, 1, 2, 3))
    found = after_message(asked, 2)
    assert found is not None
    assert found.messages == said(-1, 0, 1, 2)
    assert written_since(found) == said(1, 2)
    assert replace(found, messages=()) == asked.ticket


def test_snapshots_end_with_the_fifth_message_or_with_the_ticket() -> None:
    assert [len(one.messages) for one in snapshots_of(row(said(1, 2, 3, 4, 5, 6, 7)))] == [1, 2, 3, 4, 5]
    assert [len(one.messages) for one in snapshots_of(row(said(1, 2, 3), resolved=3))] == [1, 2]
    assert list(snapshots_of(row(()))) == []


def test_a_ticket_counts_as_open_until_it_was_first_resolved() -> None:
    reopened = Event(hours(4), "status", "resolved", "open")
    assert len(list(snapshots_of(row(said(1, 2, 3, 4, 5), events=(reopened,))))) == 3
    solved = Event(hours(2), "Status", "open", "Solved")
    assert len(list(snapshots_of(row(said(1, 2, 3, 4, 5), events=(solved, reopened))))) == 1


@pytest.mark.parametrize("unknown", ["opening", "end"])
def test_without_the_time_of_its_opening_or_of_its_end_there_is_no_snapshot(unknown: str) -> None:
    asked = row(said(1, 2), resolved=None if unknown == "end" else 100)
    if unknown == "opening":
        asked = replace(asked, ticket=replace(asked.ticket, created_at=None))
    assert after_message(asked, 1) is None


def test_messages_are_counted_from_one() -> None:
    with pytest.raises(ValueError, match="counted from 1, not 0"):
        after_message(row(said(1)), 0)


def test_fields_have_the_values_of_the_moment() -> None:
    events = (
        Event(hours(0), "site", "x", "north"),
        Event(hours(1), "product", "vpn", "mail"),
        Event(hours(2), "product", "mail", None),
        Event(hours(2), "customer_tier", "vip", "standard"),
        Event(hours(2), "site", "north", "south"),
        Event(hours(2), "root", None, "cable"),
        Event(hours(3), "subject", "No VPN", None),
    )
    first, second, third = snapshots_of(row(said(1, 2, 3), events=events), attributes=("root",))
    assert (first.product, first.attributes, first.customer.tier) == ("mail", {"site": "north"}, "vip")
    assert (second.product, second.customer) == (None, Customer("c", "standard"))
    assert second.attributes == {"root": "cable", "site": "south"}
    assert (second.subject, third.subject) == ("No VPN", "")


def test_what_became_of_a_ticket_is_never_part_of_it() -> None:
    events = tuple(
        Event(hours(1), field, None, "x")
        for field in ("queue", "priority", "status", "assignee", "resolver", "unknown")
    )
    asked = row(said(2), events=events)
    found = after_message(asked, 1, attributes=asked.ticket.attributes)
    assert found is not None
    assert replace(found, messages=()) == asked.ticket


@given(st.lists(st.integers(-5, 20), max_size=9), st.integers(1, 5), st.integers(-5, 20))
def test_rolled_forward_and_back_a_ticket_is_its_opening(at: list[int], count: int, resolved: int) -> None:
    thread = said(*sorted(at))
    known = tuple(one for one in thread if one.at <= OPENED)
    asked = row(thread, resolved)
    asked = replace(asked, ticket=replace(asked.ticket, messages=known))
    found = after_message(asked, count)
    if found is None:
        assert len([one for one in at if 0 < one < resolved]) < count
    else:
        assert opening_of(found) == asked.ticket
        assert len(written_since(found)) == count
        assert all(one.at < hours(resolved) for one in written_since(found))


def test_without_subject_and_body_the_first_message_is_the_opening() -> None:
    ticket = Ticket("1", OPENED, messages=said(1, 2))
    assert opening_of(ticket).messages == said(1)
    assert written_since(ticket) == said(2)


def test_a_ticket_that_nobody_wrote_to_is_its_own_opening() -> None:
    for ticket in (Ticket("1", OPENED, "s"), Ticket("1", OPENED, "s", messages=said(-1, 0))):
        assert opening_of(ticket) is ticket
        assert written_since(ticket) == ()


def test_where_nobody_knows_the_opening_all_messages_came_after_it() -> None:
    assert written_since(Ticket("1", None, "s", messages=said(1, 2))) == said(1, 2)
