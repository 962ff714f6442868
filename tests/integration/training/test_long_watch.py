"""How often the watch alarms on a sample desk that nobody touched, looked at every day for months. Prints the rate."""

from datetime import timedelta

import numpy as np
import pytest

from features.encoding import fit_encoder, read_all
from simulation.sample import SampleDesk, generate
from training.watch.drift import FEWEST, Shares, feature_drift, queue_drift
from training.watch.readings import read_recent, read_reference
from training.watch.watch import LATELY, NEWEST

LEARNED = 5_800
"""Tickets of the first year; four months follow."""


@pytest.mark.long
@pytest.mark.parametrize("seed", [7, 1])
def test_an_untouched_desk_alarms_at_most_once_in_thirty_days(seed: int) -> None:
    rows = list(generate(SampleDesk(tickets=8_000, days=487, seed=seed)))
    old, new = rows[:LEARNED], rows[LEARNED:]
    encoder = fit_encoder(read_all(row.ticket for row in old))
    reference = read_reference(encoder, [row.ticket for row in old])
    recent = read_recent(encoder, [row.ticket for row in new])
    history, queues = ([str(row.outcome.queue) for row in part] for part in (old, new))
    lately = history[-LATELY:]
    before = {queue: lately.count(queue) for queue in sorted(set(lately))}
    opened = [row.ticket.created_at for row in new]
    looks = alarms = 0
    day = opened[0]
    while day is not None and opened[-1] is not None and day < opened[-1]:
        day += timedelta(days=1)
        end = sum(at is not None and at <= day for at in opened)
        if end < FEWEST:
            continue
        seen = slice(max(end - NEWEST, 0), end)
        (known,) = queue_drift(history, [Shares(before, queues[seen], np.ones(len(queues[seen])))])
        drifted = [one.name for one in (*feature_drift(reference, recent[seen]), *known) if one.is_drift]
        looks, alarms = looks + 1, alarms + bool(drifted)
        if drifted:
            print(f"seed {seed}, {day:%Y-%m-%d}: {', '.join(drifted)}")  # noqa: T201 - what alarmed is wanted
    rate = 30 * alarms / looks
    print(f"seed {seed}: {alarms} alarms in {looks} daily looks, {rate:.2f} in thirty days")  # noqa: T201 - likewise
    assert alarms * 30 <= looks
