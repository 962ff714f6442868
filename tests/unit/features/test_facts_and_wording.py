"""What is read off a ticket beside its n-grams, each worked by hand."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.ticket import Attachment, Customer, Message, Ticket
from features.facts import MEASURES, facts_of, measures_of
from features.wording import own_words, wording_of

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
    messages=(Message(AT, "agent", ""), Message(AT, "customer", "Still broken.")),
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
        "characters": 38.0,  # 7 + 9 + 4 + 12 + 6
        "words": 8.0,
        "digit share": 6 / 38,
        "capital share": 5 / 38,  # ERROR; four in a row are loud, VPN and AB are names
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
    assert measures[2:] == [0.0] * 10


def test_a_long_text_is_measured_by_its_beginning_and_counted_whole() -> None:
    text = "a?" * 500_000
    measures = dict(zip(MEASURES, measures_of(Ticket(id="1", body=text), text), strict=True))
    assert measures["characters"] == 1_000_000
    assert measures["question marks"] == 10_000


QUOTING = """Any news?

-----Original message-----

From: Service desk
We will come back to you. ERROR 502!
"""
QUOTED_LINES = "It fails again.\n> Have you tried it today?\n  >> ERROR\nYes."
LOG = "----- worker 3 -----\nERROR in spool\n--- 3 packets transmitted, 2 received"


def test_earlier_mails_below_are_not_the_requesters_own_words() -> None:
    def own(body: str, subject: str = "") -> str:
        ticket = Ticket(id="1", subject=subject, body=body)
        return own_words(ticket, wording_of(ticket))

    assert own(QUOTING).split() == ["Any", "news?"]
    assert own(QUOTED_LINES).split() == ["It", "fails", "again.", "Yes."]
    assert own(LOG) == LOG
    assert own("plain -> text") == "plain -> text"


def test_who_only_forwards_says_what_was_forwarded() -> None:
    forwarded = QUOTING.removeprefix("Any news?")
    ticket = Ticket(id="1", subject="FW: printer", body=forwarded)
    assert own_words(ticket, wording_of(ticket)) == f"FW: printer\n{forwarded}"


def test_earlier_mails_are_cut_from_the_message_that_quotes_them_only() -> None:
    ticket = Ticket(id="1", body=QUOTING, messages=(Message(AT, "customer", "Still broken."),))
    assert own_words(ticket, wording_of(ticket)).split() == ["Any", "news?", "Still", "broken."]


@given(text=st.text(st.sampled_from("aB \n>-:!"), max_size=60), filling=st.sampled_from([" ", "\t", "\u3000", "\n\n"]))
def test_how_a_text_is_filled_and_what_it_quotes_measures_nothing(text: str, filling: str) -> None:
    plain = Ticket(id="1", subject="Hello", body=f"{text}\nend")
    filled = replace(plain, body=f"{filling.strip(chr(10))}{text}\n> quoted {filling}\nend{filling * 3}")
    first, second = (measures_of(ticket, wording_of(ticket))[2:] for ticket in (plain, filled))
    assert first == second


@pytest.mark.parametrize("change", [str.lower, str.capitalize, str.title])
def test_only_what_is_shouted_counts_as_capitals(change: Callable[[str], str]) -> None:
    def capitals(body: str) -> float:
        return dict(zip(MEASURES, measures_of(Ticket(id="1"), body), strict=True))["capital share"]

    text = "the VPN of Anna is down, please help"
    assert capitals(change(text)) == 0
    assert capitals(text.upper()) > 0.4


def said(*texts: str) -> tuple[Message, ...]:
    return tuple(Message(AT, "customer", text) for text in texts)


@pytest.mark.parametrize(
    ("messages", "read"),
    [
        (("a" * 20,), ["a" * 20]),  # the newest is read however long it is
        (("a", "b" * 3, "c" * 2), ["b" * 3, "c" * 2]),  # subject and body have ten characters: five for the thread
        (("a", "b" * 4, "c" * 2), ["c" * 2]),
        (("a" * 9, "", "c" * 5), ["c" * 5]),
        (("a", "b"), ["a", "b"]),
    ],
)
def test_of_a_thread_the_newest_is_read_up_to_half_of_the_opening(messages: tuple[str, ...], read: list[str]) -> None:
    ticket = Ticket(id="1", subject="s" * 4, body="b" * 6, messages=said(*messages))
    assert wording_of(ticket).split("\n") == ["s" * 4, "b" * 6, *read]


def test_a_chat_opens_with_its_first_message() -> None:
    assert wording_of(Ticket(id="1", messages=said("my vpn is down", "hello?", "y"))) == "my vpn is down\nhello?\ny"
    assert wording_of(Ticket(id="1", messages=said("my vpn is down", "hello?", "hello?"))) == "my vpn is down\nhello?"


def test_messages_are_read_without_what_they_quote() -> None:
    answer = "It is worse now.\n> my vpn is down"
    ticket = Ticket(id="1", body="my vpn is down", messages=said(answer))
    assert wording_of(ticket) == "my vpn is down\nIt is worse now.\n"
