"""Which bursts become a card, what it is called, and what is none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import numpy as np
import pytest

from features.ngrams import words_in
from features.vocabulary import Vocabulary, fit_vocabulary
from journal.recent_answers import RecentAnswer
from training.asking.naming import name_words
from training.asking.ranking import Candidates
from training.asking.scoring import Scored
from training.asking.telling import word_rows, words_of
from training.asking.topics import topics_in

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
COMMON = ("please", "the", "my", "is", "of", "help", "monday", "since", "does", "not", "every")
ACCESS = ("password", "login", "page", "code", "account", "locked", "reset", "user", "name", "mail", "link", "refused")
BILLING = (
    "invoice",
    "amount",
    "charge",
    "refund",
    "payment",
    "card",
    "tax",
    "address",
    "number",
    "due",
    "paid",
    "twice",
)


def known(words: Sequence[str], chance: Random) -> str:
    return " ".join([*chance.sample(words, 4), *chance.sample(COMMON, 4)])


CHANCE = Random(5)
KNOWN = [known(words, CHANCE) for words in (ACCESS, BILLING) for _ in range(40)]
NEW = (
    "the badge reader at the turnstile rejects my badge",
    "turnstile rejects every badge since monday",
    "my badge is rejected by the turnstile reader",
    "the turnstile does not read my badge please",
    "badge reader of the turnstile is broken",
    "please my badge does not open the turnstile",
)
VAGUE = ("please help", "it fails", "please it is wrong", "help me please", "my login please", "the page please")


def vocabulary() -> Vocabulary:
    return fit_vocabulary([words_in(text.split()) for text in KNOWN], least_tickets=1, most=1_000)


def scored(strange: Sequence[str], customers: Sequence[str | None] | None = None, first: int = 0) -> Scored:
    """Tickets that are known, and the strange ones."""
    texts = [*KNOWN, *strange]
    whose = [
        *(f"k{number}" for number in range(len(KNOWN))),
        *(customers or [f"c{number}" for number in range(len(strange))]),
    ]
    answers = [
        RecentAnswer(f"p{number}", f"T{first + number:03d}", customer, NOW, {}, {})
        for number, customer in enumerate(whose)
    ]
    said = np.tile([0.9, 0.1], (len(texts), 1))
    said[len(KNOWN) // 2 : len(KNOWN)] = [0.1, 0.9]
    asked = Candidates([one.ticket_id for one in answers], ("Access", "Billing"), said)
    away = np.array([-1.0] * len(KNOWN) + [1.0] * len(strange))
    return Scored(answers, asked, away, [text.split() for text in texts])


def test_a_burst_about_something_new_is_one_topic_with_a_name() -> None:
    (topic,) = topics_in(scored(NEW), vocabulary())
    assert sorted(topic.places) == list(range(len(KNOWN), len(KNOWN) + 6))
    assert set(topic.words) <= {"badge", "turnstile", "reader"}
    assert {"badge", "turnstile"} <= set(topic.name.split())
    told = {"reason": "topic", "name": topic.name, "words": list(topic.words), "tickets": 6, "customers": 6}
    assert topic.reason() == told


def test_tickets_that_say_next_to_nothing_are_no_topic() -> None:
    assert topics_in(scored(VAGUE), vocabulary()) == []


@pytest.mark.parametrize(
    ("strange", "customers"),
    [(NEW[:4], None), (NEW, ["c1"] * 3 + ["c2"] * 3), ((), None)],
    ids=["too few tickets", "too few customers", "none"],
)
def test_what_is_too_little_is_no_topic(strange: Sequence[str], customers: Sequence[str] | None) -> None:
    assert topics_in(scored(strange, customers), vocabulary()) == []


def test_where_nobody_says_whose_tickets_they_are_the_tickets_count() -> None:
    (topic,) = topics_in(scored(NEW, [None] * 6), vocabulary())
    assert topic.customers is None
    assert "customers" not in topic.reason()


def test_without_a_version_that_knows_what_is_new_there_is_none() -> None:
    assert topics_in(replace(scored(NEW), strange=np.full(len(KNOWN) + 6, np.nan)), vocabulary()) == []


def test_it_keeps_its_id_while_most_of_its_tickets_stay() -> None:
    before = scored(NEW)
    (topic,) = topics_in(before, vocabulary())
    was_in = {before.candidates.ids[place]: topic.id for place in topic.places}
    (later,) = topics_in(scored((*NEW, "the badge is not known to the turnstile"), first=1), vocabulary(), was_in)
    assert (len(later.places), later.id) == (7, topic.id)
    assert topics_in(scored(NEW, first=500), vocabulary())[0].id != topic.id


def test_the_order_of_the_tickets_changes_nothing() -> None:
    found = scored(NEW)
    order = np.random.default_rng(3).permutation(len(KNOWN) + 6)
    asked = replace(
        found.candidates,
        ids=[found.candidates.ids[place] for place in order],
        probabilities=found.candidates.probabilities[order],
    )
    other = Scored(
        [found.answers[place] for place in order], asked, found.strange[order], [found.chunks[place] for place in order]
    )
    (one,), (same,) = topics_in(found, vocabulary()), topics_in(other, vocabulary())
    assert [found.candidates.ids[place] for place in one.places] == [
        other.candidates.ids[place] for place in same.places
    ]
    assert (one.id, one.words) == (same.id, same.words)


def test_a_word_of_one_customer_is_no_name() -> None:
    said = [frozenset({"badge", "meyer"})] * 3 + [frozenset({"badge", "gate"})] * 3 + [frozenset({"invoice"})] * 20
    everywhere = Counter(word for words in said for word in words)
    customers = ["m", "m", "m", "a", "b", "c", *("k" * 20)]
    assert name_words(range(6), said, everywhere, customers) == ("badge", "gate")
    assert "meyer" in name_words(range(6), said, everywhere, [None] * 26)


def test_words_are_bare_and_none_holds_a_digit_or_an_address() -> None:
    chunks = ["(printer)", "e-waste,", "ann@example.com", "inc0012", "is", "c:\\temp", "can't"]
    assert words_of(chunks) == {"printer", "e-waste", "can't"}


def test_a_short_ticket_is_like_no_other_and_a_new_word_counts_most() -> None:
    said = [words_of(text.split()) for text in (*NEW, "please", "please")]
    rows = word_rows(said, vocabulary())
    like = (rows @ rows.T).toarray()
    assert like.diagonal().max() <= 1 + 1e-9
    assert like[-1, -2] < 0.1 < like[0, 1]
    assert word_rows([], vocabulary()).shape == (0, 0)
