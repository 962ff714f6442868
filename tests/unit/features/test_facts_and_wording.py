"""What is read off a ticket beside its n-grams, each worked by hand."""

import math
from datetime import UTC, datetime

from desk.ticket import Attachment, Customer, Message, Ticket
from features.facts import MEASURES, facts_of, measures_of
from features.wording import wording_of

AT = datetime(2026, 11, 21, 10, 2, tzinfo=UTC)  # a Saturday
WHOLE = Ticket(
    id="4312",
    created_at=AT,
    subject="VPN down",
    body="ERROR 502!\nWhy?",
    channel="email",
    language="en",
    region="DE",
    product="billing",
    customer=Customer("c-9", "enterprise"),
    tags=("urgent", "vpn"),
    attributes={"category": "58", "empty": ""},
    messages=(Message(AT, "customer", "Still broken."), Message(AT, "agent", "")),
    attachments=(Attachment("a.png", "image/png", "AB-123"), Attachment("b.png")),
)


def test_every_fact_has_its_name_and_absent_ones_are_left_out() -> None:
    assert facts_of(WHOLE) == {
        "channel": "email",
        "language": "en",
        "region": "DE",
        "product": "billing",
        "customer": "c-9",
        "customer tier": "enterprise",
        "attributes.category": "58",
        "tag urgent": "yes",
        "tag vpn": "yes",
        "hour": "10",
        "weekday": "5",
    }
    assert facts_of(Ticket(id="1")) == {}


def test_an_attribute_never_takes_the_place_of_a_fact() -> None:
    ticket = Ticket(id="1", channel="email", attributes={"channel": "fax", "hour": "99"})
    assert facts_of(ticket) == {"channel": "email", "attributes.channel": "fax", "attributes.hour": "99"}


def test_the_wording_holds_subject_body_messages_and_what_attachments_say_a_line_each() -> None:
    assert wording_of(WHOLE) == "VPN down\nERROR 502!\nWhy?\nStill broken.\nAB-123"
    assert wording_of(Ticket(id="1")) == ""
    assert wording_of(Ticket(id="1", body="only a body")) == "only a body"


def test_the_id_says_nothing() -> None:
    named = Ticket(id="Network outage P1", subject="hello")
    assert wording_of(named) == "hello"
    assert facts_of(named) == {}


def test_measures_are_counted_by_hand() -> None:
    measures = dict(zip(MEASURES, measures_of(WHOLE, wording_of(WHOLE)), strict=True))
    assert measures == {
        "hour": 10.0,
        "weekday": 5.0,
        "characters": 45.0,  # 8 + 10 + 4 + 13 + 6, and four ends of lines
        "words": 8.0,
        "lines": 5.0,
        "digit share": 6 / 45,
        "capital share": 12 / 45,  # VPN, ERROR, W, S, AB
        "question marks": 1.0,
        "exclamation marks": 1.0,
        "error signs": 3.0,  # the word error, 502, AB-123
        "messages": 2.0,
        "attachments": 2.0,
        "tags": 2.0,
    }


def test_a_ticket_of_nothing_has_measures_of_nought_and_no_calendar() -> None:
    measures = measures_of(Ticket(id="1"), "")
    assert [math.isnan(number) for number in measures[:2]] == [True, True]
    assert measures[2:] == [0.0, 0.0, 1.0] + [0.0] * 8


def test_a_long_text_is_measured_by_its_beginning_and_counted_whole() -> None:
    text = "a?" * 500_000
    measures = dict(zip(MEASURES, measures_of(Ticket(id="1", body=text), text), strict=True))
    assert measures["characters"] == 1_000_000
    assert measures["question marks"] == 10_000
