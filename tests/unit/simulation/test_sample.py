import hashlib
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from desk.errors import SettingError
from desk.outcome import ResolvedTicket
from simulation.handling import SLA_HOURS
from simulation.sample import SampleDesk, generate

SMALL = SampleDesk(tickets=300, queues=12, days=30, seed=11)
DIGEST = """
import hashlib, sys
from simulation.sample import SampleDesk, generate
desk = SampleDesk(tickets=300, queues=12, days=30, seed=11)
sys.stdout.write(hashlib.sha256(repr(list(generate(desk))).encode()).hexdigest())
"""


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_another_process_draws_the_same_history_whatever_its_hash_seed(hash_seed: str) -> None:
    here = hashlib.sha256(repr(list(generate(SMALL))).encode()).hexdigest()
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    there = subprocess.run([sys.executable, "-c", DIGEST], env=environment, capture_output=True, text=True, check=True)
    assert there.stdout == here


def test_another_seed_draws_another_history() -> None:
    ours, theirs = list(generate(SMALL)), list(generate(replace(SMALL, seed=12)))
    assert not {row.ticket.body for row in ours if len(row.ticket.body) > 80} & {row.ticket.body for row in theirs}


def test_a_history_is_drawn_one_ticket_at_a_time() -> None:
    rows = generate(SampleDesk(tickets=100_000, queues=75))
    assert next(rows).ticket.id == "10001"


@pytest.mark.parametrize(
    ("settings", "name"),
    [({"tickets": 0}, "tickets"), ({"queues": 1}, "queues"), ({"queues": 500}, "queues"), ({"days": 0}, "days")],
)
def test_settings_that_make_no_desk_are_refused_with_what_would_do(settings: dict[str, int], name: str) -> None:
    with pytest.raises(SettingError, match=f"{name} must be from .* to .*, not {settings[name]}"):
        SampleDesk(**settings)


def test_a_start_without_a_zone_is_refused() -> None:
    with pytest.raises(SettingError, match="zone"):
        SampleDesk(start=datetime(2025, 1, 1))  # noqa: DTZ001


def test_the_year_has_the_tickets_queues_priorities_and_tiers_of_its_settings(year: list[ResolvedTicket]) -> None:
    assert len(year) == 6000
    assert len({row.ticket.id for row in year}) == 6000
    queues = Counter(row.outcome.queue for row in year)
    assert len(queues) == 8
    assert min(queues.values()) > 300
    assert {row.outcome.priority for row in year} == {"P1", "P2", "P3", "P4"}
    assert {row.ticket.customer.tier for row in year} == {"standard", "enterprise", "vip"}
    assert 0.7 < sum(row.ticket.language == "en" for row in year) / 6000 < 0.9


def test_customers_come_again(year: list[ResolvedTicket]) -> None:
    tickets = Counter(row.ticket.customer.id for row in year)
    assert len(tickets) < 700
    assert tickets.most_common(1)[0][1] > 30


def test_texts_are_hardly_ever_the_same(year: list[ResolvedTicket]) -> None:
    assert len({(row.ticket.subject, row.ticket.body) for row in year}) > 0.98 * len(year)
    assert all(row.ticket.body.strip() and row.ticket.subject for row in year)
    lengths = sorted(len(row.ticket.body.split()) for row in year)
    assert lengths[len(lengths) // 50] <= 10, "some are very short"
    assert lengths[-len(lengths) // 20] >= 65, "some are long"
    assert lengths[-1] > 100


def test_no_gap_of_a_template_is_left_open(year: list[ResolvedTicket]) -> None:
    for row in year:
        written = [row.ticket.subject, row.ticket.body, str(row.outcome.resolution), *(one.text for one in row.thread)]
        assert not any("{product}" in text or "{code}" in text or "<" in text for text in written)


def test_times_are_in_order(year: list[ResolvedTicket]) -> None:
    opened = [row.ticket.created_at for row in year]
    assert opened == sorted(one for one in opened if one)
    for row in year:
        created, outcome = row.ticket.created_at, row.outcome
        assert created
        assert outcome.first_response_at
        assert outcome.resolved_at
        assert created.tzinfo is UTC
        assert created < outcome.first_response_at < outcome.resolved_at
        moments = [one.at for one in row.thread]
        assert all(earlier < later for earlier, later in pairwise([created, *moments]))
        assert moments[-1] == outcome.resolved_at
        assert all(created <= event.at < outcome.resolved_at for event in outcome.events)


def test_a_breach_is_a_response_or_a_resolution_later_than_the_priority_allows(year: list[ResolvedTicket]) -> None:
    for row in year:
        created, outcome = row.ticket.created_at, row.outcome
        assert created
        assert outcome.first_response_at
        assert outcome.resolved_at
        assert outcome.priority
        response, resolution = (timedelta(hours=hours) for hours in SLA_HOURS[outcome.priority])
        late = outcome.first_response_at > created + response or outcome.resolved_at > created + resolution
        assert outcome.sla_breached is late


def test_counts_follow_the_events_and_escalated_follows_the_counts(year: list[ResolvedTicket]) -> None:
    for row in year:
        outcome = row.outcome
        transfers = [event for event in outcome.events if event.field == "queue"]
        reopenings = [event for event in outcome.events if event.field == "status"]
        assert outcome.reassignment_count == len(transfers)
        assert outcome.reopen_count == len(reopenings)
        assert outcome.escalated is (len(transfers) >= 2 or len(reopenings) > 0)
        assert all(event.before != event.after for event in outcome.events)
        if transfers:
            assert transfers[-1].after == outcome.queue
            assert all(one.after == two.before for one, two in pairwise(transfers))
        changed = [event.after for event in outcome.events if event.field == "priority"]
        assert changed in ([], [outcome.priority])


def test_a_ticket_at_its_opening_knows_nothing_that_was_written_later(year: list[ResolvedTicket]) -> None:
    for row in year:
        assert row.ticket.messages == ()
        assert row.outcome.resolver not in row.ticket.attributes.values()
        assert row.outcome.queue not in row.ticket.attributes.values()
        assert row.outcome.priority not in row.ticket.attributes.values()


def test_open_tickets_are_counted_from_the_past_alone(year: list[ResolvedTicket]) -> None:
    for index in range(500, 1500, 7):
        now, ticket = year[index].ticket.created_at, year[index].ticket
        still_open = [row for row in year[:index] if row.outcome.resolved_at and now and row.outcome.resolved_at > now]
        own = sum(row.ticket.customer.id == ticket.customer.id for row in still_open)
        assert ticket.attributes["desk_open_tickets"] == str(len(still_open))
        assert ticket.attributes["account_open_tickets"] == str(own)


def test_what_escalates_a_ticket_happens_after_its_fifth_message(year: list[ResolvedTicket]) -> None:
    long = [row for row in year if row.outcome.escalated and len(row.thread) >= 6]
    assert len(long) > 600
    for row in long:
        decisive = [event for event in row.outcome.events if event.field == "queue"][1:2]
        decisive += [event for event in row.outcome.events if event.field == "status"][:1]
        assert decisive
        assert all(event.at >= row.thread[4].at for event in decisive)


def test_satisfaction_is_lower_where_a_ticket_escalated(year: list[ResolvedTicket]) -> None:
    def mean(escalated: bool) -> float:
        stars = [
            row.outcome.satisfaction
            for row in year
            if row.outcome.escalated is escalated and row.outcome.satisfaction is not None
        ]
        assert all(1 <= one <= 5 for one in stars)
        return sum(stars) / len(stars)

    assert mean(False) - mean(True) > 0.7


def test_a_specialist_works_in_one_queue(year: list[ResolvedTicket]) -> None:
    queues: dict[str | None, set[str | None]] = {}
    for row in year:
        queues.setdefault(row.outcome.resolver, set()).add(row.outcome.queue)
    assert len(queues) == 40
    assert all(len(one) == 1 for one in queues.values())
