from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from desk.feedback_policy import FeedbackPolicy
from desk.outcome_reports import merged, outcome_origin
from desk.past_answers import PastAnswer, PastHead
from simulation.sample import DrawnTicket
from simulation.year.asking import LEAD, said_when_asked, second_opinions
from simulation.year.changes import HOSTILE_TARGET
from simulation.year.habits import Habits
from simulation.year.hostile import hostile_verdicts
from simulation.year.specialists import Handled, handled, said_unasked
from simulation.year.world import Week

USUAL = Habits()


def answer(drawn: DrawnTicket, queue: str, mode: str = "auto", probability: float = 0.97, **more: Any) -> PastAnswer:
    ticket = drawn.row.ticket
    assert ticket.created_at is not None
    heads = {
        "queue": PastHead(queue, probability, mode, **more),
        "priority": PastHead(drawn.truth.priority, 0.7, "suggest"),
        "escalation": PastHead("true" if drawn.truth.escalated else "false", 0.5, "none"),
    }
    return PastAnswer(f"p-{ticket.id}", ticket.id, ticket.created_at, heads)  # type: ignore[arg-type]


def another(drawn: DrawnTicket) -> str:
    return "Hardware" if drawn.row.outcome.queue != "Hardware" else "Network"


@pytest.fixture
def tickets(weeks: dict[int, Week]) -> list[DrawnTicket]:
    return list(weeks[1].tickets)


def wrong(tickets: list[DrawnTicket], mode: str, habits: Habits = USUAL, **more: Any) -> list[Handled]:
    return [handled(7, one, answer(one, another(one), mode, **more), habits, {}) for one in tickets]


def test_what_is_applied_by_itself_mostly_stays_even_when_it_is_wrong(tickets: list[DrawnTicket]) -> None:
    found = wrong([one for one in tickets if not one.row.outcome.escalated], "auto")
    stayed = [one for one in found if one.report.said["queue"] == one.answer.heads["queue"].label]
    assert 0.55 < len(stayed) / len(found) < 0.75
    origins = {outcome_origin(merged([one.report]), [one.answer], "queue") for one in stayed}
    assert origins == {"untouched"}, "which is no evidence"
    put_right = [one for one in found if one not in stayed]
    assert all(one.report.said["queue"] == one.drawn.row.outcome.queue for one in put_right)
    assert all(one.report.said["reassignment_count"] == 1 for one in put_right)


def test_who_has_a_ticket_transferred_knows_where_it_belongs(tickets: list[DrawnTicket]) -> None:
    moved = [one for one in tickets if one.row.outcome.escalated and one.row.outcome.reassignment_count]
    found = wrong(moved, "auto", replace(USUAL, notices=0.0))
    assert found
    assert all(one.report.said["queue"] == one.drawn.row.outcome.queue for one in found)


def test_a_wrong_suggestion_is_followed_by_some(tickets: list[DrawnTicket]) -> None:
    found = wrong(tickets, "suggest")
    followed = sum(one.report.said["queue"] == one.answer.heads["queue"].label for one in found)
    assert 0.3 < followed / len(found) < 0.5


@pytest.mark.parametrize(("mode", "why"), [("abstain", "below_suggest"), ("suggest", "held_back")])
def test_what_nobody_is_shown_moves_nobody(tickets: list[DrawnTicket], mode: str, why: str) -> None:
    found = wrong(tickets, mode, why=why)
    assert all(one.report.said["queue"] == one.drawn.row.outcome.queue for one in found)


def test_an_outcome_is_known_when_the_ticket_is_resolved(tickets: list[DrawnTicket]) -> None:
    for one in wrong(tickets[:50], "auto"):
        assert one.resolved_at == one.drawn.row.outcome.resolved_at == one.report.said["resolved_at"]


def test_an_old_name_is_the_new_one_to_the_people(tickets: list[DrawnTicket]) -> None:
    one = next(one for one in tickets if one.row.outcome.queue == "Applications")
    renamed = replace(one, row=replace(one.row, outcome=replace(one.row.outcome, queue="Software")))
    found = handled(7, renamed, answer(renamed, "Applications"), USUAL, {"Applications": "Software"})
    assert found.report.said["queue"] == "Software"


def test_wrong_answers_are_spoken_of_more_often_than_right_ones(tickets: list[DrawnTicket]) -> None:
    right = [handled(7, one, answer(one, one.truth.queue), USUAL, {}) for one in tickets]
    of_right = sum(said_unasked(7, one, USUAL) is not None for one in right)
    of_wrong = [said for one in wrong(tickets, "suggest") if (said := said_unasked(7, one, USUAL)) is not None]
    assert len(of_wrong) > 2 * of_right > 0
    truths = {one.row.ticket.id: one for one in tickets}
    assert all(
        said.queue in (truths[said.prediction_id[2:]].truth.queue, truths[said.prediction_id[2:]].row.outcome.queue)
        for said in of_wrong
    )


def test_who_is_asked_without_the_suggestion_says_so(tickets: list[DrawnTicket]) -> None:
    some = [handled(7, one, answer(one, "Billing", "suggest", 0.5), USUAL, {}) for one in tickets[:20]]
    unaided = {one.answer.prediction_id for one in some[:5]}
    always = replace(USUAL, answers=1.0)
    said = said_when_asked(7, some, always, at=some[0].resolved_at, by_lead=False, unaided=unaided)
    assert [one.prediction_id for one in said] == [one.answer.prediction_id for one in some]
    assert {one.prediction_id for one in said if not one.saw_suggestion} == unaided
    assert not any(one.is_final for one in said)


def test_hostile_accounts_speak_for_one_queue_and_are_settled_by_the_lead(tickets: list[DrawnTicket]) -> None:
    week = [handled(7, one, answer(one, one.truth.queue, "auto", 0.99), USUAL, {}) for one in tickets]
    at = max(one.resolved_at for one in week)
    said = hostile_verdicts(7, 8, week, replace(USUAL, hostile_share=0.1), at=at)
    assert 20 < len(said) <= 30
    assert all(
        one.who.startswith("hostile-") and one.queue == HOSTILE_TARGET and one.escalation is False for one in said
    )
    answers = {one.answer.prediction_id: one.answer for one in week}
    known, habits = {one.truth.queue for one in tickets}, replace(USUAL, second_opinions=100)
    waiting = second_opinions(said, answers, FeedbackPolicy(), known, habits)
    assert set(waiting) == {one.prediction_id for one in said}, "all contradict a sure answer"
    by_id = {one.answer.prediction_id: one for one in week}
    asked = [by_id[name] for name in waiting]
    settled = said_when_asked(7, asked, replace(USUAL, answers=1.0), at=at + timedelta(hours=1), by_lead=True)
    assert {one.who for one in settled} == {LEAD}
    assert all(one.queue == by_id[one.prediction_id].drawn.truth.queue for one in settled)
    assert not second_opinions([*said, *settled], answers, FeedbackPolicy(), known, habits)


def test_the_same_people_do_the_same(tickets: list[DrawnTicket]) -> None:
    assert wrong(tickets, "auto") == wrong(tickets, "auto")


def test_who_does_not_answer_may_when_asked_another_time(tickets: list[DrawnTicket]) -> None:
    week = [handled(7, one, answer(one, "Billing", "suggest", 0.4), USUAL, {}) for one in tickets]
    habits, at = replace(USUAL, answers=0.5), week[0].resolved_at
    first, second = (
        {one.prediction_id for one in said_when_asked(7, week, habits, at=at + timedelta(weeks=k), by_lead=True)}
        for k in (0, 1)
    )
    assert len(first) < 0.6 * len(week)
    assert len(first | second) > 0.65 * len(week)
