"""Tickets go from process to process and stay what they are."""

import pickle
from datetime import UTC, datetime

from desk.ticket import Attachment, Customer, Message, Ticket


def test_a_ticket_is_the_same_in_another_process() -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    ticket = Ticket(
        "1",
        at,
        "subject",
        "body",
        "email",
        "en",
        "DE",
        "billing",
        Customer("c1", "vip"),
        ("new",),
        {"site": "58"},
        (Message(at, "customer", "hello"),),
        (Attachment("a.txt", "text/plain", "text"),),
    )
    for one in (ticket, Ticket("2")):
        assert pickle.loads(pickle.dumps(one)) == one
