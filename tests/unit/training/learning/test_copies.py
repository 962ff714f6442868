"""The same ticket twice, and what only looks like it."""

from datetime import UTC, datetime, timedelta

from desk.ticket import Customer, Ticket
from features.encoding import read
from training.learning.copies import copies_of

LONG = (
    "since this morning the VPN drops every few minutes and nobody on the third floor can reach the file server at all"
)


def keys_of(*tickets: Ticket) -> list[object]:
    return list(copies_of(tickets, [read(ticket) for ticket in tickets]))


def test_the_same_words_and_facts_are_a_copy_whenever_it_was_sent() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    one, other = keys_of(
        Ticket(id="1", created_at=at, subject="VPN down", attributes={"site": "a"}),
        Ticket(id="2", created_at=at + timedelta(hours=3), subject="vpn DOWN", attributes={"site": "a"}),
    )
    assert one == other


def test_a_short_text_with_other_facts_is_another_ticket_and_a_long_one_is_not() -> None:
    for text, is_copy in (("VPN down", False), (LONG, True)):
        one, other = keys_of(
            Ticket(id="1", subject=text, customer=Customer("c1")), Ticket(id="2", subject=text, customer=Customer("c2"))
        )
        assert (one == other) is is_copy


def test_a_form_that_many_rows_fill_in_is_no_copy() -> None:
    for text in ("street light out", LONG):
        assert len(set(keys_of(*(Ticket(id=str(number), subject=text) for number in range(21))))) == 21
        assert len(set(keys_of(*(Ticket(id=str(number), subject=text) for number in range(20))))) == 1


def test_rows_without_words_stand_for_themselves() -> None:
    assert len(set(keys_of(Ticket(id="1"), Ticket(id="1"), Ticket(id="2", attributes={"a": "b"})))) == 3
