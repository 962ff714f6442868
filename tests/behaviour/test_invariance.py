"""What must not matter does not: how a text is laid out and typed, who signs it, what numbers and names it carries.

Invariance tests in the sense of Ribeiro and others, Beyond Accuracy: Behavioral Testing of NLP Models with CheckList
(ACL 2020), on tickets that the desk has not seen. The bars are what a desk needs, of those answers that it would be
shown (probability of a half and more): who retypes a ticket or signs it otherwise must find it in the same queue, 98 to
99 in 100, and at the same priority, 95 to 98 in 100; what others write below it may move one queue in twenty and one
priority in ten.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import NamedTuple

import numpy as np
import pytest

from desk.heads import Head
from desk.outcome import ResolvedTicket
from desk.prediction import Prediction
from desk.ticket import Ticket
from models.scoring import predict
from models.version import Version
from simulation.content import read_content

Change = Callable[[Ticket], Ticket]
SHOWN = 0.5


class Bar(NamedTuple):
    """Shares of shown answers that hold, and how far escalation may move in 19 of 20 tickets."""

    queue: float
    priority: float
    escalation: float


FORM = Bar(0.99, 0.98, 0.05)
CONTENT = Bar(0.98, 0.95, 0.10)
ADDED = Bar(0.95, 0.90, 0.15)


def rewritten(change: Callable[[str], str]) -> Change:
    return lambda ticket: replace(ticket, subject=change(ticket.subject), body=change(ticket.body))


BEFORE: dict[tuple[int, str], Prediction] = {}


def answer(version: Version, ticket: Ticket) -> Prediction:
    """What the version says of a ticket as it came, asked once for all tests."""
    place = (id(version), ticket.id)
    if place not in BEFORE:
        BEFORE[place] = predict(version, ticket)
    return BEFORE[place]


def check(version: Version, rows: Sequence[ResolvedTicket], change: Change, bar: Bar) -> None:
    pairs = [(answer(version, row.ticket), predict(version, change(row.ticket))) for row in rows]
    bars: dict[Head, float] = {"queue": bar.queue, "priority": bar.priority}
    for head, least in bars.items():
        both = [(old.choices[head], new.choices[head]) for old, new in pairs]
        shown = [(old, new) for old, new in both if old.probability >= SHOWN]
        assert len(shown) >= 30
        assert np.mean([old.label == new.label for old, new in shown]) >= least, head
    moved = [abs(old.risks["escalation"].probability - new.risks["escalation"].probability) for old, new in pairs]
    assert np.quantile(moved, 0.95) <= bar.escalation


LAYOUT: dict[str, Callable[[str], str]] = {
    "spaces": lambda text: f"  {text.replace(' ', '   ')} \n\n",
    "a line a word": lambda text: "\n".join(text.split(" ")),
    "line ends of another system": lambda text: text.replace("\n", "\r\n"),
    "lower case": str.lower,
    "upper case": str.upper,
    "no punctuation": lambda text: re.sub(r"[.,;:!?](?=\s|$)", "", text),
    "typographic signs": lambda text: text.translate({ord("'"): "’", ord("-"): "‑"}),
}


@pytest.mark.parametrize("layout", LAYOUT)
def test_how_a_ticket_is_laid_out_changes_nothing(desk: Version, unseen: Sequence[ResolvedTicket], layout: str) -> None:
    check(desk, unseen, rewritten(LAYOUT[layout]), FORM)


STRANGERS = ("Zebulon", "Ngozi", "Fatima", "Björk", "Threepwood", "Quux", "Ó Briain", "van der Meulen")
GREETING = re.compile(
    r"^(?:Hi|Hello|Hey|Dear|Good morning|Good afternoon|Hallo|Guten|Sehr|Bonjour|Hola)\b[^\n]*,$", re.MULTILINE
)


def renamed(text: str) -> str:
    """The same text of other people: every name of the sample desk's becomes one that it never heard of."""
    names = read_content().names
    people = re.compile(rf"\b(?:{'|'.join((*names['first'], *names['last']))})\b", re.IGNORECASE)
    return people.sub(lambda match: STRANGERS[sum(map(ord, match.group().lower())) % len(STRANGERS)], text)


def renumbered(text: str) -> str:
    """Other orders, tickets and customers: every number of five digits and more becomes another."""
    chance = Random(text)
    return re.sub(r"\d{5,}", lambda match: str(chance.randrange(10 ** len(match.group()))), text)


CONTENTS: dict[str, Callable[[str], str]] = {
    "names": renamed,
    "order and ticket numbers": renumbered,
    "exclamation marks": lambda text: re.sub(r"[.](?=\s|$)", "!!!", text),
    "greetings": lambda text: GREETING.sub("To whom it may concern:", text),
}


@pytest.mark.parametrize("what", CONTENTS)
def test_who_writes_and_how_loudly_changes_little(desk: Version, unseen: Sequence[ResolvedTicket], what: str) -> None:
    changed = [row for row in unseen if CONTENTS[what](row.ticket.body) != row.ticket.body]
    check(desk, changed, rewritten(CONTENTS[what]), CONTENT)


SIGNATURE = """Kind regards
Ingeborg Threepwood
Head of Facilities, Umbrella Mills Ltd
+44 20 7946 0018
ingeborg.threepwood@umbrella-mills.example"""
EARLIER = """-----Original message-----
From: Service desk
Date: Tuesday 09:12
Subject: Re: your request

> Thank you for your message. We have registered it and will come back to you as soon as we can.
> Please keep the number in the subject line when you answer.
>
> Kind regards
> Your service desk"""


@pytest.mark.parametrize("text", [SIGNATURE, EARLIER], ids=["a signature", "an earlier mail"])
def test_what_stands_below_a_ticket_hardly_matters(desk: Version, unseen: Sequence[ResolvedTicket], text: str) -> None:
    check(desk, unseen, lambda ticket: replace(ticket, body=f"{ticket.body}\n\n{text}"), ADDED)


def with_attribute(name: str, value: str) -> Change:
    return lambda ticket: replace(ticket, attributes={**ticket.attributes, name: value})


FACTS: dict[str, Change] = {
    "no channel": lambda ticket: replace(ticket, channel=None),
    "a new channel": lambda ticket: replace(ticket, channel="carrier pigeon"),
    "a new tag": lambda ticket: replace(ticket, tags=(*ticket.tags, "moved to the new portal")),
    "a new error code": with_attribute("error_code", "Z-9999"),
}


@pytest.mark.parametrize("fact", FACTS)
def test_a_value_that_nobody_has_seen_before_takes_nothing_else_away(
    desk: Version, unseen: Sequence[ResolvedTicket], fact: str
) -> None:
    check(desk, unseen, FACTS[fact], CONTENT)


def test_a_field_that_the_desk_does_not_know_changes_nothing_at_all(
    desk: Version, unseen: Sequence[ResolvedTicket]
) -> None:
    for row in unseen[:100]:
        assert predict(desk, with_attribute("moon phase", "waxing")(row.ticket)) == predict(desk, row.ticket)


def mistyped(share: float) -> Callable[[str], str]:
    """Two letters swapped, one dropped or one doubled in this share of the words of four letters and more."""

    def mistype(text: str) -> str:
        chance = Random(text)

        def one(match: re.Match[str]) -> str:
            word = match.group()
            if chance.random() >= share:
                return word
            place = chance.randrange(1, len(word) - 1)
            swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
            return chance.choice((swapped, word[:place] + word[place + 1 :], word[:place] + word[place] + word[place:]))

        return re.sub(r"[^\W\d_]{4,}", one, text)

    return mistype


@pytest.mark.parametrize(
    ("share", "bar"),
    [
        pytest.param(0.1, Bar(0.98, 0.95, 0.10), id="a hasty writer"),
        pytest.param(0.3, Bar(0.95, 0.90, 0.15), id="a writer in gloves"),
    ],
)
def test_typing_errors_change_little(desk: Version, unseen: Sequence[ResolvedTicket], share: float, bar: Bar) -> None:
    check(desk, unseen, rewritten(mistyped(share)), bar)


def test_a_desk_routes_what_is_mistyped_nearly_as_well(desk: Version, unseen: Sequence[ResolvedTicket]) -> None:
    def right(change: Change) -> float:
        answers = [predict(desk, change(row.ticket)).choices["queue"].label for row in unseen]
        return float(np.mean([answer == row.outcome.queue for answer, row in zip(answers, unseen, strict=True)]))

    assert right(rewritten(mistyped(0.1))) >= right(lambda ticket: ticket) - 0.02
    assert right(rewritten(mistyped(0.3))) >= right(lambda ticket: ticket) - 0.05


@pytest.mark.parametrize("count", [5, 60])
def test_a_long_thread_of_small_talk_does_not_drown_the_ticket(
    desk: Version, unseen: Sequence[ResolvedTicket], count: int
) -> None:
    said = [message for row in unseen for message in row.thread]

    def after_much_talk(ticket: Ticket) -> Ticket:
        chance = Random(ticket.id)
        return replace(ticket, messages=tuple(chance.choice(said) for _ in range(count)))

    check(
        desk, unseen, after_much_talk, ADDED._replace(priority=0, escalation=1)
    )  # priority and escalation may well follow the talk
