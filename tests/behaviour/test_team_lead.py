"""What a team lead asserts of a small trained desk: invariance, direction, and good sense where nothing is known."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from desk.prediction import Prediction
from desk.ticket import Customer, Ticket
from features.encoding import encode, read
from models.scoring import predict, probabilities_of
from models.version import Version
from training.histories.history import History

Ask = Callable[[Ticket], Prediction]

TICKETS = {
    "Network": "VPN connection drops every few minutes",
    "Billing": "I was charged twice on my invoice",
    "Hardware": "the printer jams on every page",
    "Access": "password reset link never arrives",
}
PEOPLE = (
    "Anna Weber",
    "John Miller",
    "Fatima Khan",
    "Li Wei",
    "Carlos Diaz",
    "Olga Petrova",
    "Zebulon Quux",
    "Ngozi Okafor",
)


@pytest.fixture
def ask(trained_version: Version) -> Ask:
    return lambda ticket: predict(trained_version, ticket)


def ticket(queue: str = "Network", tone: str = "no hurry", name: str = "Anna Weber", tier: str = "standard") -> Ticket:
    words = TICKETS[queue]
    body = f"Hello, this is {name}. {words.capitalize()}, {tone}."
    known = {"language": "en", "channel": "email", "attributes": {"site": "site 1"}}
    return Ticket(id="1", subject=words, body=body, customer=Customer("c1", tier), **known)  # type: ignore[arg-type]


@pytest.mark.parametrize("queue", TICKETS)
def test_a_clear_ticket_goes_to_its_queue(ask: Ask, queue: str) -> None:
    choice = ask(ticket(queue)).choices["queue"]
    assert choice.label == queue
    assert choice.probability > 0.6


@pytest.mark.parametrize("queue", TICKETS)
def test_a_vips_outage_is_never_the_lowest_priority(ask: Ask, queue: str) -> None:
    choice = ask(ticket(queue, "this is a complete outage", tier="vip")).choices["priority"]
    assert choice.label in ("P1", "P2")
    assert next((one.probability for one in choice.top if one.label == "P4"), 0.0) < 0.05


@pytest.mark.parametrize("queue", TICKETS)
def test_what_is_urgent_or_comes_from_a_vip_is_likelier_to_escalate(ask: Ask, queue: str) -> None:
    def risk(**changes: str) -> float:
        return ask(ticket(queue, **changes)).risks["escalation"].probability

    calm, urgent = risk(), risk(tone="nobody here can work")
    assert urgent > calm + 0.1
    assert risk(tone="nobody here can work", tier="vip") > urgent
    assert risk(tier="vip") > calm


@pytest.mark.parametrize("queue", TICKETS)
def test_who_asks_changes_no_queue_and_hardly_ever_a_priority(ask: Ask, queue: str) -> None:
    said = [ask(ticket(queue, name=name)) for name in PEOPLE]
    assert {one.choices["queue"].label for one in said} == {queue}
    priorities = Counter(one.choices["priority"].label for one in said)
    assert max(priorities.values()) >= len(PEOPLE) - 1
    risks = [one.risks["escalation"].probability for one in said]
    assert max(risks) - min(risks) < 0.15


@pytest.mark.parametrize("queue", TICKETS)
def test_a_typing_error_keeps_the_queue(ask: Ask, queue: str) -> None:
    plain = ticket(queue)
    for place in range(3, len(plain.subject) - 1, 3):
        words = list(plain.subject)
        words[place], words[place + 1] = words[place + 1], words[place]
        subject = "".join(words)
        body = plain.body.lower().replace(plain.subject.lower(), subject.lower())
        assert ask(replace(plain, subject=subject, body=body)).choices["queue"].label == queue, subject


@pytest.mark.parametrize("queue", TICKETS)
def test_upper_and_lower_case_change_nothing_in_the_queue(ask: Ask, queue: str) -> None:
    plain = ticket(queue)
    loud, quiet = (
        replace(plain, subject=change(plain.subject), body=change(plain.body)) for change in (str.upper, str.lower)
    )
    assert ask(loud).choices["queue"] == ask(quiet).choices["queue"] == ask(plain).choices["queue"]


@pytest.mark.parametrize("queue", TICKETS)
@pytest.mark.parametrize("more", ["please ", "Please help! ", "thanks in advance, "])
def test_politeness_flips_nothing(ask: Ask, queue: str, more: str) -> None:
    plain = ticket(queue)
    polite = replace(plain, body=more + plain.body)
    before, after = ask(plain), ask(polite)
    assert {head: one.label for head, one in after.choices.items()} == {
        head: one.label for head, one in before.choices.items()
    }
    for head, risk in before.risks.items():
        assert after.risks[head].probability == pytest.approx(risk.probability, abs=0.15)


def test_an_empty_ticket_is_answered_by_what_is_frequent_and_not_believed_in(ask: Ask, sample_history: History) -> None:
    counts = Counter(row.outcome.queue for row in sample_history.rows)
    choice = ask(Ticket(id="1")).choices["queue"]
    assert choice.probability < 2 * max(counts.values()) / sum(counts.values())
    assert choice.probability < 0.5


def test_words_that_nobody_ever_wrote_are_not_believed_in(ask: Ask) -> None:
    assert ask(Ticket(id="1", subject="xyzzy plugh qwghlm")).choices["queue"].probability < 0.6


def test_an_unseen_category_changes_nothing_else(trained_version: Version) -> None:
    def numbers(changed: Ticket) -> list[list[float]]:
        encoded = encode(trained_version.encoder, read(changed))
        return [one.tolist() for one in probabilities_of(trained_version, encoded).values()]

    plain = ticket()
    unseen = replace(plain, attributes={"site": "a site that was opened today"})
    also_unseen = replace(plain, attributes={"site": "another new site", "colour": "red"})
    assert numbers(unseen) == numbers(also_unseen)
    assert predict(trained_version, unseen).choices["queue"].label == "Network"


def test_the_id_and_the_order_of_attributes_change_nothing(ask: Ask) -> None:
    plain = replace(ticket(), attributes={"site": "site 1", "floor": "3"})
    turned = replace(plain, id="VIP OUTAGE P1", attributes={"floor": "3", "site": "site 1"})
    assert ask(plain) == ask(turned)


def test_a_long_thread_of_pleasantries_does_not_drown_the_subject(ask: Ask) -> None:
    plain = ticket("Billing")
    drowned = replace(plain, body=plain.body + " Thank you very much and have a nice day." * 30)
    assert ask(drowned).choices["queue"].label == "Billing"
