"""Learning factors from a small desk: what is learned, what is not, and what is kept out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import numpy as np
import pytest

from desk.factors import DEFAULT_PRIORITIES
from desk.outcome import Outcome, ResolvedTicket
from features.encoding import Encoder, encode, fit_encoder, read, read_all
from models.factors import EXPERTISE, HIGH_COMPLEXITY, TAUGHT, Factors, signs_of
from training.evidence.factors import judge_factors
from training.histories.history import History
from training.learning.factors import learn_factors
from training.learning.rows import EncodedOnce

ORDER = ("P1", "P2", "P3", "P4")
HARD = ("printer", "laptop", "VPN", "declined", "locked")
Rows = Sequence[ResolvedTicket]


def outcome_of(row: ResolvedTicket, chance: Random) -> dict[str, Any]:
    """Some things are hard and go from hand to hand; who writes of an invoice is dissatisfied."""
    hard = any(word in row.ticket.subject for word in HARD)
    upset = "invoice" in row.ticket.subject
    opened = row.ticket.created_at
    assert opened is not None
    return {
        "resolved_at": opened + timedelta(hours=chance.uniform(20, 40) if hard else chance.uniform(1, 15)),
        "reassignment_count": chance.choice((1, 2, 3)) if hard else chance.choice((0, 0, 0, 1)),
        "reopen_count": int(hard and chance.random() < 0.5),
        "satisfaction": float(chance.choice((1, 2)) if upset else chance.choice((3, 4, 5))),
    }


@pytest.fixture(scope="module")
def rows(sample_history: History) -> Rows:
    chance = Random(5)
    return [replace(row, outcome=replace(row.outcome, **outcome_of(row, chance))) for row in sample_history.rows]


@pytest.fixture(scope="module")
def encoder(rows: Rows) -> Encoder:
    return fit_encoder(read_all(row.ticket for row in rows))


@pytest.fixture(scope="module")
def factors(rows: Rows, encoder: Encoder) -> Factors:
    return learn_factors(rows[:480], encoder, ORDER)


def test_everything_that_the_outcomes_tell_is_learned(factors: Factors, encoder: Encoder) -> None:
    assert set(factors.scales) == set(TAUGHT)
    assert factors.weights.shape == (encoder.width, 4)
    assert factors.cuts["complexity"] == pytest.approx(80)
    assert factors.priorities == ORDER


def test_what_is_learned_ranks_tickets_that_it_never_saw(factors: Factors, encoder: Encoder, rows: Rows) -> None:
    found = judge_factors(factors, encoder, rows[480:], ORDER)
    assert set(found.evidence) == set(TAUGHT)
    for one in found.evidence.values():
        assert one.rows == 120
        assert one.rank_correlation is not None
        assert one.rank_correlation > max(0.3, one.signs_rank_correlation or 0)
    assert (found.evidence["expertise"].auroc or 0) > 0.8
    assert found.scores.shape == (120,)
    assert ((found.scores >= 0) & (found.scores <= 100)).all()


def test_tags_are_set_on_hard_tickets_and_rarely_on_others(factors: Factors, encoder: Encoder, rows: Rows) -> None:
    hard: list[tuple[str, ...]] = []
    easy: list[tuple[str, ...]] = []
    for row in rows[480:]:
        tags = signs_of(row.ticket, factors, encode(encoder, read(row.ticket))).tags
        (hard if any(word in row.ticket.subject for word in HARD) else easy).append(tags)
    for tag in (HIGH_COMPLEXITY, EXPERTISE):
        assert np.mean([tag in tags for tags in hard]) > 0.6
        assert np.mean([tag in tags for tags in easy]) < 0.05


def test_the_tier_and_the_customer_count_for_nothing(factors: Factors, encoder: Encoder, rows: Rows) -> None:
    def signs(**customer: str) -> Any:
        ticket = replace(rows[0].ticket, customer=replace(rows[0].ticket.customer, **customer))
        return signs_of(ticket, factors, encode(encoder, read(ticket)))

    assert signs(tier="vip") == signs(tier="standard") == signs(tier="standard", id="c1")


def test_levels_of_unseen_tickets_are_spread_as_percentiles_are(factors: Factors, encoder: Encoder, rows: Rows) -> None:
    levels = [signs_of(row.ticket, factors, encode(encoder, read(row.ticket))).urgency for row in rows[480:]]
    known = [level for level in levels if level is not None]
    assert len(known) == 120
    assert np.mean(known) == pytest.approx(50, abs=10)


def test_fewer_than_two_hundred_rows_teach_nothing(rows: Rows, encoder: Encoder) -> None:
    found = learn_factors(rows[:199], encoder, ())
    assert (dict(found.scales), found.weights.shape) == ({}, (encoder.width, 0))
    assert found.priorities == DEFAULT_PRIORITIES


def test_outcomes_that_have_nothing_to_do_with_the_tickets_are_not_learned(rows: Rows, encoder: Encoder) -> None:
    chance = Random(1)
    random = [replace(row, outcome=Outcome(satisfaction=float(chance.randrange(5)))) for row in rows]
    assert not learn_factors(random, encoder, ()).scales


def test_the_same_rows_teach_the_same_to_the_bit(rows: Rows, encoder: Encoder, factors: Factors) -> None:
    again = learn_factors(rows[:480], encoder, ORDER)
    assert np.array_equal(again.weights, factors.weights)
    assert again.scales == factors.scales


def test_tickets_that_are_encoded_already_teach_the_same(rows: Rows, encoder: Encoder, factors: Factors) -> None:
    once = EncodedOnce(encoder, read_all(row.ticket for row in rows))
    learn_factors(rows[120:], encoder, ORDER, lambda places: once.of([place + 120 for place in places]))
    again = learn_factors(rows[:480], encoder, ORDER, once.of)
    assert np.array_equal(again.weights, factors.weights)
    assert again.scales == factors.scales


def test_only_the_newest_rows_are_learned_from(
    rows: Rows, encoder: Encoder, factors: Factors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.learning.factors.MOST_ROWS", 480)
    shuffled = list(rows[:480])
    Random(2).shuffle(shuffled)
    again = learn_factors(shuffled, encoder, ORDER)
    assert np.array_equal(again.weights, factors.weights)


def test_without_factors_the_own_signs_are_judged(rows: Rows, encoder: Encoder) -> None:
    found = judge_factors(None, encoder, rows[480:], ORDER)
    assert all(one.rank_correlation is None for one in found.evidence.values())
    assert "signs_rank_correlation" in found.evidence["urgency"].figures()


def test_rows_without_outcomes_give_scores_and_no_evidence(factors: Factors, encoder: Encoder, rows: Rows) -> None:
    found = judge_factors(factors, encoder, [replace(row, outcome=Outcome()) for row in rows[:30]], ORDER)
    assert not found.evidence
    assert len(found.scores) == 30
