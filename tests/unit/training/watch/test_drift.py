"""Quiet traffic rarely alarms, and a queue that grew by ten points does."""

import numpy as np
import pytest

from training.watch.drift import A_LOOK, Shares, feature_drift, novelty_drift, queue_drift

QUEUES = ("Access", "Applications", "Billing", "Hardware", "Integrations", "Network", "Orders", "Security")
SHARES = np.array((0.17, 0.16, 0.13, 0.12, 0.10, 0.11, 0.13, 0.08))


def drawn(chance: np.random.Generator, count: int, shares: np.ndarray = SHARES) -> list[str]:
    return [QUEUES[place] for place in chance.choice(len(QUEUES), count, p=shares / shares.sum())]


def shares_of(history: list[str], recent: list[str]) -> Shares:
    return Shares({queue: history.count(queue) for queue in QUEUES}, recent, np.ones(len(recent)))


def test_quiet_traffic_alarms_no_oftener_than_the_budget_allows() -> None:
    chance, looks = np.random.default_rng(1), 150
    history = drawn(chance, 5_000)
    alarms = 0
    for _ in range(looks):
        found = queue_drift(history, [shares_of(history, drawn(chance, 500)), shares_of(history, drawn(chance, 500))])
        alarms += any(one.is_drift for part in found for one in part)
    most = looks * A_LOOK["queues"]
    assert alarms <= most + 3 * most**0.5
    assert 30 * sum(A_LOOK.values()) <= 1  # in the mean of thirty daily looks, however they overlap


def test_ten_points_of_a_queue_are_seen_within_500_tickets() -> None:
    chance, draws, seen = np.random.default_rng(2), 25, 0
    history = drawn(chance, 5_000)
    for place, queue in enumerate(QUEUES):
        shifted = SHARES * (0.9 - SHARES[place]) / (1 - SHARES[place])
        shifted[place] = SHARES[place] + 0.1
        for _ in range(draws):
            (found,) = queue_drift(history, [shares_of(history, drawn(chance, 500, shifted))])
            seen += queue in [one.name for one in found if one.is_drift]
    assert seen >= 0.95 * draws * len(QUEUES)


def test_a_queue_that_never_was_is_seen() -> None:
    chance = np.random.default_rng(3)
    history = drawn(chance, 5_000)
    recent = [*drawn(chance, 470), *["Privacy"] * 30]
    (found,) = queue_drift(history, [shares_of(history, recent)])
    assert [(one.name, one.before) for one in found if one.is_drift] == [("Privacy", 0.0)]


def test_of_too_few_rows_nothing_is_said() -> None:
    history = drawn(np.random.default_rng(4), 5_000)
    assert queue_drift(history, [shares_of(history, ["Access"] * 99)]) == [[]]
    assert feature_drift([{"channel": "mail"}] * 500, [{"channel": "chat"}] * 99) == []
    assert novelty_drift(99, 99) is None


def test_a_fact_that_changed_comes_first_and_says_what_changed_most() -> None:
    chance = np.random.default_rng(5)

    def rows(count: int, portal: float) -> list[dict[str, str | float | None]]:
        return [
            {
                "channel": "portal" if chance.random() < portal else "mail",
                "words": float(chance.integers(5, 90)),
                "site": f"site {chance.integers(9)}",
            }
            for _ in range(count)
        ]

    first, *others = feature_drift(rows(4_000, 0.3), rows(500, 0.6))
    assert (first.name, first.is_drift) == ("channel", True)
    assert first.now - first.before == pytest.approx(0.3 if first.what == "portal" else -0.3, abs=0.06)
    assert not any(one.is_drift for one in others)


def test_as_many_strangers_as_ever_are_no_news_and_three_times_as_many_are() -> None:
    usual, many = novelty_drift(25, 500), novelty_drift(90, 500)
    assert usual is not None
    assert many is not None
    assert (usual.is_drift, many.is_drift) == (False, True)
