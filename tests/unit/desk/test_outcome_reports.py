"""What reports of a ticket amount to."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.feedback import OutcomeReport
from desk.heads import Head
from desk.outcome import Outcome
from desk.outcome_reports import merged, outcome_origin
from desk.past_answers import PastAnswer, PastHead

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
BILLING = Outcome(queue="Billing", priority="P2", resolved_at=NOON)


def report(minute: int, **said: Any) -> OutcomeReport:
    return OutcomeReport("4312", NOON + timedelta(minutes=minute), said)


def test_of_each_field_the_newest_report_that_speaks_of_it_counts() -> None:
    reports = [
        report(1, queue="Billing", reassignment_count=0),
        report(3, queue="Orders", reassignment_count=1),
        report(2, queue="Access", priority="P2", escalated=False),
        report(4, satisfaction=4.5),
    ]
    expected = Outcome(queue="Orders", priority="P2", escalated=False, reassignment_count=1, satisfaction=4.5)
    assert merged(reports) == expected


def test_what_is_taken_back_is_not_known_any_more() -> None:
    reopened = report(2, resolved_at=None, reopen_count=1)
    assert merged([reopened, report(1, resolved_at=NOON)]) == Outcome(reopen_count=1)


def test_nothing_said_is_an_outcome_that_says_nothing() -> None:
    assert merged([]) == merged([report(1)]) == Outcome()


def test_of_one_moment_what_is_known_stands_against_what_is_not() -> None:
    assert merged([report(1, queue=None), report(1, queue="Billing")]) == Outcome(queue="Billing")
    assert merged([report(1, queue="Billing"), report(1, queue=None)]) == Outcome(queue="Billing")


saids = st.fixed_dictionaries(
    {},
    optional={
        "queue": st.sampled_from([None, "Billing", "Orders"]),
        "escalated": st.sampled_from([None, True, False]),
        "reopen_count": st.sampled_from([None, 0, 2, 10]),
        "satisfaction": st.sampled_from([None, 4, 4.5]),
        "resolved_at": st.sampled_from([None, NOON, NOON + timedelta(hours=1)]),
    },
)
reports_ = st.lists(st.builds(lambda minute, said: report(minute, **said), st.integers(0, 3), saids), max_size=8)


@given(reports_, st.randoms(use_true_random=False))
def test_late_repeated_and_out_of_order_reports_are_right_in_the_end(reports: list[OutcomeReport], chance: Any) -> None:
    elsewhere = timezone(timedelta(hours=-3))
    again = [OutcomeReport(one.ticket_id, one.at.astimezone(elsewhere), one.said) for one in reports]
    shuffled = chance.sample([*reports, *again], 2 * len(reports))
    assert merged(shuffled) == merged(reports)


@given(st.lists(saids, max_size=6))
def test_reports_in_order_are_written_over_one_after_the_other(saids: list[dict[str, Any]]) -> None:
    told: dict[str, Any] = {}
    for said in saids:
        told |= said
    assert merged([report(minute, **said) for minute, said in enumerate(saids)]) == Outcome(**told)


def answer(mode: str, label: str | None = "Billing", why: str | None = None, minutes_before: int = 60) -> PastAnswer:
    heads: Mapping[Head, PastHead] = {"queue": PastHead(label, 0.9, mode, why)}
    return PastAnswer("p1", "4312", NOON - timedelta(minutes=minutes_before), heads)


@pytest.mark.parametrize(
    ("given_", "origin"),
    [
        (answer("auto"), "untouched"),
        (answer("auto", "Orders"), "corrected"),
        (answer("suggest"), "saw_suggestion"),
        (answer("suggest", "Orders"), "corrected"),
        (answer("suggest", why="held_back"), "unaided"),
        (answer("suggest", "Orders", "held_back"), "unaided"),
        (answer("abstain", why="below_suggest"), "unaided"),
        (answer("abstain", "Orders", "unknown_topic"), "unaided"),
        (answer("abstain", None, "head_missing"), "unaided"),
        (answer("auto", minutes_before=0), "untouched"),
        (answer("auto", minutes_before=-1), "unaided"),
    ],
)
def test_where_the_final_queue_came_from(given_: PastAnswer, origin: str) -> None:
    assert outcome_origin(BILLING, [given_], "queue") == origin


def test_a_ticket_that_was_never_answered_was_done_unaided() -> None:
    assert outcome_origin(BILLING, [], "queue") == "unaided"
    assert outcome_origin(BILLING, [answer("auto")], "priority") == "unaided"


def test_what_has_no_final_label_has_no_origin() -> None:
    assert outcome_origin(Outcome(priority="P2"), [answer("auto")], "queue") is None


def test_a_queue_that_came_back_from_other_hands_was_chosen() -> None:
    moved = Outcome(queue="Billing", priority="P2", reassignment_count=2)
    assert outcome_origin(moved, [answer("auto")], "queue") == "saw_suggestion"
    assert outcome_origin(Outcome(queue="Billing", reassignment_count=0), [answer("auto")], "queue") == "untouched"
    # Another queue says nothing of the priority.
    both = PastAnswer("p1", "4312", NOON, {"priority": PastHead("P2", 0.9, "auto")})
    assert outcome_origin(moved, [both], "priority") == "untouched"


def test_without_a_time_of_resolution_every_answer_was_in_time() -> None:
    assert outcome_origin(Outcome(queue="Billing"), [answer("auto", minutes_before=-1)], "queue") == "untouched"


@pytest.mark.parametrize(
    ("modes", "origin"),
    [
        ([("auto", "Billing"), ("suggest", "Orders")], "untouched"),
        ([("suggest", "Billing"), ("auto", "Orders")], "saw_suggestion"),
        ([("suggest", "Orders"), ("abstain", "Billing")], "corrected"),
    ],
)
def test_of_several_answers_the_least_independent_origin_holds(modes: list[tuple[str, str]], origin: str) -> None:
    answers = [answer(mode, label) for mode, label in modes]
    assert outcome_origin(BILLING, answers, "queue") == origin
    assert outcome_origin(BILLING, answers[::-1], "queue") == origin
