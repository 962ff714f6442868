"""Snapshots of growing tickets and what they teach: nothing of a judged ticket, nothing from after the border."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
import pytest

from desk.outcome import Event, Outcome, ResolvedTicket
from desk.ticket import Message, Ticket
from features.encoding import read_all
from models.growth import Growth
from models.scoring import predict
from training.learning.growth import FEWEST_TICKETS, Growing, Lesson, choose_strength, log_odds, try_growth
from training.learning.rows import encode_rows
from training.learning.snapshots import snapshots_in, thread_words
from training.learning.version import learn
from training.progress import Unwatched

START = datetime(2026, 1, 1, tzinfo=UTC)
COMPLAINTS = ("still broken, nobody helps", "why does it take so long")
THANKS = ("great, that worked", "thank you, all is fine")


def desk(count: int, *, tells: bool = True) -> list[ResolvedTicket]:
    """Tickets an hour apart, whose openings say little; their messages tell three times in four what they become."""
    chance = Random(3)
    rows = []
    for number in range(count):
        opened, escalated = START + timedelta(hours=number), chance.random() < 0.4
        complains = [(chance.random() < 0.75) == escalated if tells else chance.random() < 0.5 for _ in range(4)]
        thread = tuple(
            Message(opened + timedelta(hours=2 * at), "customer", chance.choice(COMPLAINTS if hard else THANKS))
            for at, hard in enumerate(complains, 1)
        )
        mood = "it takes so long" if escalated and number % 3 == 0 else "please have a look"
        ticket = Ticket(str(number), opened, subject=f"request {number % 7}", body=mood)
        outcome = Outcome(escalated=escalated, resolved_at=opened + timedelta(hours=20))
        rows.append(ResolvedTicket(ticket, outcome, thread))
    return rows


def growing(rows: Sequence[ResolvedTicket]) -> Growing:
    codes = np.array([int(bool(row.outcome.escalated)) for row in rows])
    snapshots = snapshots_in(rows)
    return Growing(snapshots, np.full(len(rows), -0.4), np.zeros(len(snapshots)), codes, np.ones(len(rows)))


def test_every_ticket_has_a_snapshot_after_each_of_its_messages_until_there_are_enough() -> None:
    rows = desk(50)
    every = snapshots_in(rows)
    assert len(every) == 200
    assert every.owners.tolist() == [place for place in range(50) for _ in range(4)]
    assert every.counts.tolist() == [1, 2, 3, 4] * 50
    assert every.moments[:4].tolist() == [(START + timedelta(hours=hours)).timestamp() for hours in (2, 4, 6, 8)]
    some = snapshots_in(rows, most=40)
    assert len(some) == 40
    again = snapshots_in(rows[::-1], most=40)
    assert {rows[place].ticket.id for place in some.owners} == {rows[::-1][place].ticket.id for place in again.owners}


def test_a_tickets_snapshots_end_where_its_fields_change() -> None:
    row = desk(1)[0]
    at = START + timedelta(hours=5)
    changes = {"product": 2, "queue": 4, "priority": 4, "status": 4, "subject": 2}
    for field, left in changes.items():
        changed = replace(row, outcome=replace(row.outcome, events=(Event(at, field, "a", "b"),)))
        assert len(snapshots_in([changed])) == left, field


def test_what_threads_say_is_learned_and_what_they_do_not_say_is_not() -> None:
    for tells in (True, False):
        given = growing(desk(600, tells=tells)).of(np.arange(600))
        assert (choose_strength(given) is not None) is tells


def test_few_tickets_teach_nothing() -> None:
    count = FEWEST_TICKETS - 1
    assert choose_strength(growing(desk(count)).of(np.arange(count))) is None


def test_no_snapshot_of_a_judged_ticket_and_none_from_after_the_border_teaches() -> None:
    rows = desk(600)
    taught, judged = np.arange(480), np.arange(480, 600)
    border = (START + timedelta(hours=480)).timestamp()
    whole = growing(rows)
    given = whole.of(taught, border)
    assert set(given.snapshots.owners) <= set(taught)
    assert given.snapshots.moments.max() < border
    assert len(given.snapshots) < len(whole.of(taught).snapshots)
    tried = try_growth("escalation", whole, taught, judged, border)
    assert tried is not None

    def liar(place: int) -> ResolvedTicket:
        """After the border all is said the other way round, and what became of the judged is."""
        row = rows[place]
        late = [message.at.timestamp() >= border for message in row.thread]
        thread = tuple(
            replace(one, text="liar") if is_late and place < 480 else one
            for one, is_late in zip(row.thread, late, strict=True)
        )
        turned = not row.outcome.escalated if place >= 480 else row.outcome.escalated
        return replace(row, thread=thread, outcome=replace(row.outcome, escalated=turned))

    other = try_growth("escalation", growing([liar(place) for place in range(600)]), taught, judged, border)
    assert other is not None
    assert np.array_equal(other.held_out.now, tried.held_out.now)
    assert not np.array_equal(other.held_out.truth, tried.held_out.truth)


def test_rows_without_a_label_or_without_log_odds_are_left_out() -> None:
    whole = growing(desk(20))
    whole.codes[3], whole.openings[5] = -1, np.nan
    assert set(range(20)) - set(whole.of(np.arange(20)).snapshots.owners.tolist()) == {3, 5}


def test_what_is_learned_of_many_scores_one_the_same() -> None:
    rows = desk(400)
    version = learn(rows, ["escalation"], Unwatched()).version
    model = version.heads["escalation"]
    assert model.growth is not None
    snapshots, readings = snapshots_in(rows), read_all(row.ticket for row in rows)
    words = thread_words(snapshots, version.encoder, encode_rows(version.encoder, readings))
    told = np.asarray(words @ version.linear.weights[:, model.columns.start], np.float64)
    assert np.count_nonzero(told) > 0
    for place in (0, 3, 41):
        row = rows[snapshots.owners[place]]
        base = np.log(1 / (1 / predict(version, row.ticket).risks["escalation"].probability - 1))
        asked = replace(row.ticket, messages=row.thread[: snapshots.counts[place]])
        probability = predict(version, asked).risks["escalation"].probability
        one, none = np.array([place]), np.zeros(1)
        wanted = log_odds(model.growth, Lesson(snapshots.take(one), np.array([base]), told[one], none, none))[0]
        assert probability == pytest.approx(1 / (1 + np.exp(-wanted)))


def test_a_head_that_learned_from_growing_tickets_follows_the_thread() -> None:
    rows = desk(800)
    learned = learn(rows, ["escalation"], Unwatched())
    assert isinstance(learned.version.heads["escalation"].growth, Growth)
    found = learned.growing["escalation"]
    assert set(np.unique(found.counts)) == {1, 2, 3, 4}
    after = {count: found.now[found.counts == count] for count in (1, 4)}
    truth = {count: found.truth[found.counts == count] for count in (1, 4)}
    apart = {count: after[count][truth[count]].mean() - after[count][~truth[count]].mean() for count in (1, 4)}
    assert 0.05 < apart[1] < apart[4]


def test_a_history_without_messages_learns_what_it_would_without_snapshots() -> None:
    rows = [replace(row, thread=()) for row in desk(400)]
    with_times = learn(rows, ["escalation"], Unwatched())
    assert with_times.version.heads["escalation"].growth is None
    assert with_times.growing == {}
    told = learn(desk(400), ["escalation"], Unwatched())
    assert np.array_equal(told.version.linear.weights, with_times.version.linear.weights)
    ours, theirs = (one.held_out["escalation"].probabilities for one in (told, with_times))
    assert np.array_equal(ours, theirs)
