"""Reasons in words: what a specialist reads."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.reasons import (
    MOST_REASONS,
    Reason,
    fact_words,
    measure_words,
    mentions,
    reads_like,
    reasons_json,
    strongest,
)
from desk.ticket import Message
from features.facts import MEASURES

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def thread(*minutes: int) -> tuple[Message, ...]:
    return tuple(Message(NOON + timedelta(minutes=after), "customer", "and?") for after in minutes)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("customer tier", "enterprise", "customer tier: enterprise"),
        ("attributes.affected_users", "135", "affected users: 135"),
        ("product", "", "product: not given"),
        ("hour", "3", "opened at 03:00"),
        ("weekday", "6", "opened on a Sunday"),
        ("hour", "", "opened at a time unknown"),
        ("tag mobile", "yes", "tag: mobile"),
        ("tag mobile", "", "no tag: mobile"),
    ],
)
def test_a_fact_is_named_as_the_desk_names_it(name: str, value: str, words: str) -> None:
    assert fact_words(name, value) == words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("characters", 1240.0, "text has 1,240 characters"),
        ("error signs", 2.0, "text has 2 error codes or words"),
        ("error signs", 1.0, "text has 1 error code or word"),
        ("question marks", 0.0, "text has no question mark"),
        ("capital share", 0.62, "62% of the text are capitals"),
        ("attachments", 1.0, "has 1 attachment"),
    ],
)
def test_a_measure_says_how_much_there_is(name: str, value: float, words: str) -> None:
    assert measure_words(name, value, ()) == words


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        (thread(), "thread has no message"),
        (thread(0), "thread has 1 message"),
        (thread(0, 20, 60), "3rd message in an hour"),
        (thread(0, 61), "2nd message in a day"),
        (thread(*range(0, 120, 10)), "12th message in a day"),
        (thread(0, 60 * 24 * 30), "thread has 2 messages"),
    ],
)
def test_a_thread_says_how_often_somebody_wrote(messages: tuple[Message, ...], words: str) -> None:
    assert measure_words("messages", float(len(messages)), messages) == words


def test_every_measure_has_words_of_its_own() -> None:
    said = {name: measure_words(name, 2.0, ()) for name in MEASURES if name not in ("hour", "weekday")}
    assert not [name for name, words in said.items() if words == f"{name}: 2"]


def test_a_label_is_named_by_what_its_tickets_do() -> None:
    assert reads_like("queue", "Billing") == "reads like tickets of Billing"
    assert reads_like("priority", "P2") == "reads like tickets of priority P2"
    assert reads_like("escalation", "true") == "reads like tickets that escalate"
    assert reads_like("breach", "true") == "reads like tickets that breach their SLA"


def test_only_what_speaks_for_the_answer_is_given_the_heaviest_first() -> None:
    weights = [place / 10 for place in range(-3, 9)]
    assert [weights[place] for place in strongest(weights)] == [0.8, 0.7, 0.6, 0.5, 0.4]


def test_where_little_speaks_for_the_answer_it_says_what_speaks_against_it() -> None:
    assert strongest([0.4, -0.1, -2.0, -1.0, 0.0001]) == [0, 2, 3]
    assert strongest([0.0001]) == []


@given(st.lists(st.builds(Reason, st.text().map(mentions), st.floats(-9, 9))))
def test_reasons_are_short_lines_that_json_can_hold_whatever_a_ticket_says(reasons: list[Reason]) -> None:
    said = reasons_json([reasons[place] for place in strongest([one.weight for one in reasons])])
    assert len(said) <= MOST_REASONS
    assert json.loads(json.dumps(said).encode("utf-8")) == said
    for one in said:
        assert one["weight"]
        assert len(one["text"].encode("utf-8").decode("utf-8").splitlines()) == 1
        assert len(one["text"]) <= 80
