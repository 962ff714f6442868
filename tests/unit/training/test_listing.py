"""Suspect labels are kept with what a lead has to see of their tickets, and no more."""

from datetime import UTC, datetime

from desk.outcome import Outcome, ResolvedTicket
from desk.ticket import Customer, Message, Ticket
from training.evidence.suspects import Suspect
from training.listing import LONGEST_BODY, listed_suspects
from training.lots import words_digest

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)


def listed(ticket: Ticket) -> dict[str, object]:
    found = Suspect(ticket.id, "queue", "Billing", "Access", 0.1, 0.9, 0.05)
    rows = [ResolvedTicket(one, Outcome()) for one in (Ticket("other", body="another"), ticket)]
    (one,) = listed_suspects([found], rows)
    assert (one.ticket_id, one.given, one.likely, one.quality) == (ticket.id, "Billing", "Access", 0.05)
    assert (one.customer_id, one.opened_at) == (ticket.customer.id, ticket.created_at)
    assert one.words == words_digest(ticket)
    return dict(one.shown or {})


def test_what_a_ticket_says_and_where_it_came_from() -> None:
    ticket = Ticket(
        "a", AT, "vpn", "down", "email", "de", "EU", "Passes", Customer("c1", "vip"), attributes={"secret": "x"}
    )
    assert listed(ticket) == {
        "subject": "vpn",
        "body": "down",
        "language": "de",
        "channel": "email",
        "product": "Passes",
    }


def test_a_long_text_is_cut_and_a_first_message_stands_for_none() -> None:
    assert listed(Ticket("a", body="x" * 9_000))["body"] == "x" * LONGEST_BODY + "…"
    assert listed(Ticket("a", messages=(Message(AT, "customer", "help"),))) == {"body": "help"}
    assert listed(Ticket("a")) == {}


def test_the_name_of_a_text_minds_neither_case_nor_blanks() -> None:
    assert words_digest(Ticket("a", subject="VPN  down")) == words_digest(Ticket("b", subject="vpn", body=" down"))
    assert words_digest(Ticket("a")) != words_digest(Ticket("b"))
