"""What the next version learns from: which rows, which labels, and which of them may judge."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from desk.feedback import OutcomeReport, Verdict
from desk.outcome import Outcome, ResolvedTicket
from desk.question import UNAIDED, Question
from desk.taxonomy import NO_CHANGES, Record, Taxonomy
from desk.ticket import Message, Ticket
from desk.ticket_json import ticket_json
from journal.database import writing
from journal.label_decisions import decide, stands_as, take_back
from journal.outcomes import GivenReport
from journal.outcomes import record as record_outcomes
from journal.predictions import RecordedPrediction, record
from journal.questions import prepare, settle
from journal.settings import put_setting
from journal.suspects import SuspectLabel, put_suspects
from journal.verdicts import GivenVerdict
from journal.verdicts import record as record_verdicts
from training.gathering.gathering import Gathered, gathered, nothing_given
from training.gathering.said import said_of
from training.golden_set import GoldenRule, is_golden
from training.histories.desk_config import DeskConfig
from training.histories.history import History, digest_of
from training.lots import words_digest

START = datetime(2026, 11, 1, 8, tzinfo=UTC)
NONE_GOLDEN = GoldenRule()


def after(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def ticket(name: str, **more: Any) -> Ticket:
    return Ticket(id=name, created_at=START, subject=f"printer {name}", **more)


def answered(
    engine: Engine,
    one: Ticket,
    *,
    name: str | None = None,
    mode: str = "suggest",
    queue: str = "Billing",
    why: str | None = None,
    at: float = 1,
) -> RecordedPrediction:
    named = name or f"p-{one.id}"
    answer = {
        "prediction_id": named,
        "ticket_id": one.id,
        "queue": {"label": queue, "probability": 0.8, "mode": mode, **({"why": why} if why else {})},
        "escalation": {"probability": 0.1, "mode": "none"},
    }
    made = RecordedPrediction(named, "default", after(at), "1", ticket_json(one), answer, 0.4)
    with writing(engine) as connection:
        record(connection, [made])
    return made


def reported(engine: Engine, name: str, hours: float = 5, **said: Any) -> None:
    report = OutcomeReport(name, after(hours), {"resolved_at": after(4), **said})
    record_outcomes(engine, [GivenReport(report)], via="file", received_at=after(hours))


def voted(engine: Engine, prediction: RecordedPrediction, who: str, queue: str, hours: float = 2) -> None:
    verdict = Verdict(prediction.prediction_id, who, after(hours), queue=queue)
    given: Sequence[GivenVerdict] = [GivenVerdict(verdict, prediction)]
    record_verdicts(engine, given, via="file", received_at=after(hours), secret=lambda: b"s" * 32)


def history(*rows: ResolvedTicket) -> History:
    return History(rows, digest_of(rows), {}, (), "", ())


def gather(engine: Engine, given: History | None = None, rule: GoldenRule = NONE_GOLDEN, **more: Any) -> Gathered:
    known = nothing_given() if given is None else given
    said = said_of(engine, "default", (row.ticket.id for row in known.rows))
    return gathered(known, DeskConfig(), said, rule, **more)


def queues(found: Gathered) -> dict[str, str | None]:
    return {row.ticket.id: row.outcome.queue for row in found.history.rows}


def test_a_scored_ticket_with_an_outcome_is_a_row_as_it_was_opened(engine: Engine) -> None:
    opened = ticket("a")
    answered(engine, opened)
    said = Message(after(2), "customer", "still broken")
    answered(engine, ticket("a", messages=(said,)), name="later", at=3)
    reported(engine, "a", queue="Orders", reassignment_count=2, reopen_count=0)
    (row,) = gather(engine).history.rows
    assert row.ticket == opened
    assert row.thread == (said,)
    assert (row.outcome.queue, row.outcome.escalated, row.outcome.resolved_at) == ("Orders", True, after(4))


def test_what_nobody_spoke_of_is_no_row_and_what_was_never_scored_neither(engine: Engine) -> None:
    answered(engine, ticket("a"))
    reported(engine, "stranger", queue="Orders")
    assert gather(engine).history.rows == ()


def test_untouched_labels_of_the_machine_are_left_out_and_said(engine: Engine) -> None:
    for name, queue in (("a", "Billing"), ("b", "Orders")):
        answered(engine, ticket(name), mode="auto")
        reported(engine, name, queue=queue, priority="P2")
    found = gather(engine)
    assert queues(found) == {"a": None, "b": "Orders"}
    assert found.hearsay == {"queue": frozenset({"b"})}
    assert found.origins["queue"] == {"corrected": 1, "untouched": 1}
    assert "1 queue labels are the machine's own, untouched since: left out" in found.history.notes


def test_who_was_held_back_stands_for_those_whose_labels_nobody_knows(engine: Engine) -> None:
    for name in "abcdef":
        answered(engine, ticket(name), mode="auto")
        reported(engine, name, queue="Orders" if name == "f" else "Billing")
    for name in "gh":
        answered(engine, ticket(name), why="held_back")
        reported(engine, name, queue="Billing")
    answered(engine, ticket("i"), mode="auto", queue="Access")
    reported(engine, "i", queue="Access")
    found = gather(engine)
    assert found.standing == {"queue": {"g": 4.5, "h": 4.5}}
    assert found.hearsay == {"queue": frozenset("f")}


def test_a_given_history_s_labels_are_older_than_answers_that_came_after_it(engine: Engine) -> None:
    """Who tries the service out on old tickets takes no label from them."""
    row = ResolvedTicket(ticket("a"), Outcome(queue="Billing"))
    answered(engine, ticket("a"), mode="auto", at=10)
    assert queues(gather(engine, history(row), given_at=after(9))) == {"a": "Billing"}
    assert gather(engine, history(row), given_at=after(11)).history.rows == ()


def test_a_report_is_newer_than_what_was_given(engine: Engine) -> None:
    row = ResolvedTicket(ticket("a"), Outcome(queue="Billing", priority="P2"))
    reported(engine, "a", queue="Orders")
    (found,) = gather(engine, history(row)).history.rows
    assert (found.outcome.queue, found.outcome.priority) == ("Orders", "P2")


def test_votes_teach_and_a_person_left_out_is_as_if_they_had_never_spoken(engine: Engine) -> None:
    first, second, _ = (answered(engine, ticket(name)) for name in ("a", "b", "c"))
    reported(engine, "c", queue="Orders")
    voted(engine, first, "ann", "Orders")
    without = gather(engine)
    voted(engine, second, "mallory", "Orders")
    voted(engine, first, "mallory", "Billing", hours=3)
    assert queues(gather(engine)) == {"b": "Orders", "c": "Orders"}
    put_setting(engine, "feedback", {"unheard": ["Mallory "]}, who="lead", at=after(6))
    found = gather(engine)
    assert queues(found) == {"a": "Orders", "c": "Orders"}
    assert (found.history.digest, found.hearsay) == (without.history.digest, without.hearsay)


def test_golden_tickets_never_teach_whatever_is_said_of_them_and_neither_do_copies(engine: Engine) -> None:
    rule = GoldenRule(0.5)
    names = [str(number) for number in range(40)]
    golden = {name for name in names if is_golden(ticket(name), rule)}
    assert 10 < len(golden) < 30
    one = min(golden)
    rows = [ResolvedTicket(ticket(name), Outcome(queue="Billing")) for name in names]
    reported(engine, one, queue="Orders")
    copy = Ticket(id="copy", created_at=after(1), subject=f" Printer  {one}")
    answered(engine, copy)
    reported(engine, "copy", queue="Orders")
    found = gather(engine, history(*rows), rule)
    assert {row.ticket.id for row in found.golden} == golden
    assert {row.outcome.queue for row in found.golden} == {"Billing"}
    assert set(queues(found)) == set(names) - golden


def test_a_ticket_without_a_time_has_that_of_its_first_answer(engine: Engine) -> None:
    answered(engine, Ticket(id="a", subject="printer"), at=1)
    reported(engine, "a", queue="Orders")
    assert gather(engine).history.rows[0].ticket.created_at == after(1)


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_in_which_things_were_said_is_no_matter(engine: Engine, order: int) -> None:
    predictions = [answered(engine, ticket(name)) for name in ("a", "b", "c")]
    steps = [
        lambda: reported(engine, "a", queue="Orders"),
        lambda: reported(engine, "a", hours=6, queue="Access"),
        lambda: voted(engine, predictions[1], "ann", "Orders"),
        lambda: voted(engine, predictions[1], "ann", "Access", hours=3),
        lambda: reported(engine, "c", queue="Billing"),
    ]
    for step in steps[::order]:
        step()
    assert queues(gather(engine)) == {"a": "Access", "b": "Access", "c": "Billing"}


def test_tickets_too_young_to_have_breached_say_nothing_of_it(engine: Engine) -> None:
    old = [
        ResolvedTicket(
            Ticket(id=f"h{number}", created_at=START, subject=f"h {number}"),
            Outcome(queue="Billing", resolved_at=after(number), sla_breached=number > 90),
        )
        for number in range(100)
    ]
    for name, opened in (("early", 0.0), ("late", 20.0)):
        one = Ticket(id=name, created_at=after(opened), subject=name)
        answered(engine, one, at=opened)
        reported(engine, name, hours=opened + 5, queue="Orders", sla_breached=False, resolved_at=after(opened + 4))
    found = gather(engine, history(*old), at=after(100))
    breached = {row.ticket.id: row.outcome.sla_breached for row in found.history.rows}
    assert (breached["early"], breached["late"], breached["h99"]) == (False, None, True)
    assert queues(found)["late"] == "Orders"
    assert found.history.notes[-1].startswith("of 1 tickets it is too early to say")


def decided(engine: Engine, one: Ticket, label: str, given: str = "Billing", answer: str | None = None) -> None:
    """A lead says which queue of a suspect ticket is right."""
    found = SuspectLabel("queue", one.id, given, "Orders", 0.1, 0.9, 0.1, words=words_digest(one))
    put_suspects(engine, "1", [found], at=after(6), secret=lambda: b"s" * 32)
    assert decide(engine, "queue", one.id, label, who="lena", at=after(6))
    if answer is not None:
        stands_as(engine, "queue", one.id, answer, who="lena")


def test_what_a_lead_put_right_takes_the_place_of_what_the_history_says(engine: Engine) -> None:
    rows = [ResolvedTicket(ticket(name), Outcome(queue="Billing", priority="P2")) for name in "abc"]
    given = history(*rows)
    decided(engine, ticket("a"), "Orders")
    decided(engine, ticket("b"), "Billing")
    found = gather(engine, given)
    assert queues(found) == {"a": "Orders", "b": "Billing", "c": "Billing"}
    assert {row.outcome.priority for row in found.history.rows} == {"P2"}
    assert found.fair == {"queue": {"a": None}}, "the lead saw what the version would say"
    assert found.history.notes == ("1 label is as a lead put them right, and not as the history says",)
    assert {row.outcome.queue for row in given.rows} == {"Billing"}
    assert {row.outcome.queue for row in found.given} == {"Billing"}
    take_back(engine, "queue", "a")
    assert queues(gather(engine, given)) == dict.fromkeys("abc", "Billing")


def test_it_is_about_this_ticket_and_this_label_in_whatever_export(engine: Engine) -> None:
    decided(engine, ticket("a"), "Orders")
    again = ResolvedTicket(ticket("a", channel="chat"), Outcome(queue="Billing"))
    another = ResolvedTicket(Ticket(id="a", subject="another ticket"), Outcome(queue="Billing"))
    right_by_now = ResolvedTicket(ticket("a"), Outcome(queue="Access"))
    told = [queues(gather(engine, history(row)))["a"] for row in (again, another, right_by_now)]
    assert told == ["Orders", "Billing", "Access"]


def test_a_final_word_on_an_answer_speaks_for_itself_while_the_answer_is_known(engine: Engine) -> None:
    given = history(ResolvedTicket(ticket("a"), Outcome(queue="Billing")))
    answered(engine, ticket("a"), name="p")
    decided(engine, ticket("a"), "Orders", answer="p")
    assert queues(gather(engine, given)) == {"a": "Billing"}, "it was taken back"
    decided(engine, ticket("b"), "Orders", answer="pruned")
    gone = history(ResolvedTicket(ticket("b"), Outcome(queue="Billing")))
    assert queues(gather(engine, gone)) == {"b": "Orders"}


def test_it_is_read_in_the_names_of_today(engine: Engine) -> None:
    decided(engine, ticket("a"), "Orders")
    renamed = Taxonomy((Record(after(8), "renamed", ("Orders",), ("Purchases",)),))
    given = history(ResolvedTicket(ticket("a"), Outcome(queue="Billing")))
    for taxonomy, queue in ((NO_CHANGES, "Orders"), (renamed, "Purchases")):
        said = said_of(engine, "default", ["a"], taxonomy)
        assert queues(gathered(given, DeskConfig(), said, NONE_GOLDEN)) == {"a": queue}


def test_who_was_asked_by_lot_says_by_what_versions_are_compared(engine: Engine) -> None:
    for name in ("followed", "also followed", "volunteered"):
        made = answered(engine, ticket(name))
        reported(engine, name, queue="Billing")
        said = Verdict(made.prediction_id, "ann", after(2), queue="Orders", saw_suggestion=False)
        given = [GivenVerdict(said, made)]
        record_verdicts(engine, given, via="form", received_at=after(2), secret=lambda: b"s" * 32)
        if name == "volunteered":
            continue
        prepare(engine, [Question(made.prediction_id, name, reasons=({"reason": UNAIDED},))], at=after(1))
        settle(engine, [made.prediction_id], "ann", at=after(2))
    found = gather(engine)
    assert found.fair == {"queue": {"followed": "Orders", "also followed": "Orders", "volunteered": None}}
