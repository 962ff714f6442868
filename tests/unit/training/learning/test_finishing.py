"""A training finished once more without some rows: it is as if nobody had ever labelled them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np

from desk.heads import CLASS_HEADS, HEADS, Head
from desk.outcome import Outcome, ResolvedTicket
from desk.ticket import Ticket
from features.encoding import encode, read
from models.scoring import probabilities_of
from models.version import Version
from training.learning.version import Learned, learn
from training.progress import Unwatched

START = datetime(2026, 1, 1, tzinfo=UTC)
TOPICS = {"A": "printer paper jam", "B": "vpn tunnel drops", "C": "refund double charge"}
ORDER = ("A", "B", "C")


def rows(count: int = 240, *, clear: bool = True) -> list[ResolvedTicket]:
    """One an hour; a third of each label, told by its words, or by nothing."""
    chance = Random(5)
    found = []
    for number in range(count):
        label = "ABC"[number % 3]
        words = TOPICS[label] if clear else "hello"
        ticket = Ticket(
            id=str(number), subject=f"{words} {chance.randrange(40)}", created_at=START + timedelta(hours=number)
        )
        found.append(ResolvedTicket(ticket, Outcome(queue=label, priority=label, escalated=label == "A")))
    return found


def taught(some: Sequence[ResolvedTicket]) -> Learned:
    return learn(some, HEADS[:3], Unwatched(), priority_order=ORDER)


def told(version: Version, head: Head, some: Sequence[ResolvedTicket]) -> np.ndarray:
    said = [probabilities_of(version, encode(version.encoder, read(one.ticket))) for one in some]
    return np.array([one[head] for one in said])


def test_what_the_rows_left_out_are_labelled_teaches_it_nothing() -> None:
    """They are all labelled with another label than their words tell: who learned from them hesitates, who has not does
    not."""
    some, out = rows(), list(range(80, 240, 2))
    for place in out:
        wrong = "ABC"[(place + 1) % 3]
        some[place] = replace(some[place], outcome=replace(some[place].outcome, queue=wrong, priority=wrong))
    learned = taught(some)
    version = learned.groundwork.without(np.array(out), Unwatched())
    assert version is not None
    for head in CLASS_HEADS:
        assert version.heads[head].labels == learned.version.heads[head].labels
        by_words = np.array([place % 3 for place in out])
        asked = [some[place] for place in out]
        assert (told(version, head, asked).argmax(axis=1) == by_words).mean() > 0.95
        assert told(version, head, asked)[np.arange(len(out)), by_words].mean() > 0.8
        assert told(learned.version, head, asked)[np.arange(len(out)), by_words].mean() < 0.7


def test_a_word_that_only_rows_left_out_have_is_not_known() -> None:
    some = rows()
    for place in range(230, 240):
        some[place] = replace(some[place], ticket=replace(some[place].ticket, subject="zygomorphic flange"))
    learned = taught(some)
    version = learned.groundwork.without(np.arange(230, 240), Unwatched())
    assert version is not None
    assert len(version.encoder.words) < len(learned.version.encoder.words)


def test_rows_that_only_they_tell_of_are_answered_by_heart_with_them_and_not_without() -> None:
    """Words that say nothing but one: with those rows it is learned, without them it is unknown."""
    some = rows(300, clear=False)
    marked = list(range(60, 300, 6))
    for place in marked:
        turned = replace(some[place].ticket, subject=f"zygomorphic flange {place}")
        some[place] = ResolvedTicket(turned, Outcome(queue="C", priority="C", escalated=False))
    learned = taught(some)
    version = learned.groundwork.without(np.array(marked), Unwatched())
    assert version is not None
    asked = [some[place] for place in marked]
    assert (told(learned.version, "queue", asked).argmax(axis=1) == 2).mean() > 0.9
    assert (told(version, "queue", asked).argmax(axis=1) == 2).mean() < 0.7


def test_leaving_nobody_out_makes_the_version_that_goes_out() -> None:
    some = rows(120)
    learned = taught(some)
    version = learned.groundwork.without(np.empty(0, np.int64), Unwatched())
    assert version is not None
    for head in version.heads:
        assert np.array_equal(told(version, head, some[:30]), told(learned.version, head, some[:30]))


def test_a_label_that_only_they_have_is_still_one_and_nothing_speaks_for_it() -> None:
    some = [*rows(150), *(replace(row, outcome=Outcome(queue="D")) for row in rows(12))]
    some = [
        replace(row, ticket=replace(row.ticket, id=f"n{place}", created_at=START + timedelta(hours=place)))
        for place, row in enumerate(some)
    ]
    learned = learn(some, ["queue"], Unwatched())
    assert "D" in learned.version.heads["queue"].labels
    version = learned.groundwork.without(np.arange(150, 162), Unwatched())
    assert version is not None
    assert version.heads["queue"].labels == learned.version.heads["queue"].labels
    said = told(version, "queue", some[:30])
    assert np.isfinite(said).all()
    assert (said[:, 3] < 0.2).all()


def test_a_head_that_the_others_cannot_teach_is_left_out_and_without_any_there_is_no_version() -> None:
    some = rows(150)
    some = [replace(row, outcome=replace(row.outcome, escalated=place >= 140)) for place, row in enumerate(some)]
    learned = taught(some)
    left = learned.groundwork.without(np.arange(140, 150), Unwatched())
    assert left is not None
    assert "escalation" not in left.heads
    assert learned.groundwork.without(np.arange(150), Unwatched()) is None
