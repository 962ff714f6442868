"""The runs over what was started: rates in turns, waits at the same offered load, batches, overload.

Knows neither what is driven nor how figures are shown.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import median
from typing import Final

from benchmarks.driving import Load, drive
from benchmarks.serving_targets import FLOOR, Target

__all__ = ["Overload", "Row", "in_turns", "overload", "same_load", "steps"]

SHARE_OFFERED: Final = 0.6
"""Of what the stock floor can do: the load at which waits are compared."""

TIMES: Final = 5
"""As many connections as give the peak."""

CALM: Final = 5.0
"""Seconds within which waits are as before."""


@dataclass(frozen=True, slots=True)
class Row:
    """Medians over the rounds; `ratio` is to the floor's rate at as many connections. rate: 2xx a second."""

    service: str
    connections: int
    rate: float
    p50: float
    p99: float
    refused: int
    ratio: float


@dataclass(frozen=True, slots=True)
class Overload:
    """What five times too many callers see. peak, goodput: 2xx a second before and during. calm: p99 of a light load

    before, and once five seconds have passed after, in milliseconds.
    """

    connections: int
    peak: float
    goodput: float
    statuses: dict[int, int]
    broken: int
    p99: float
    calm_before: float
    calm_after: float


def steps(targets: int, connections: int, rounds: int) -> int:
    """How many runs `in_turns` makes."""
    return targets * connections * (rounds + 1)


def in_turns(
    targets: Sequence[Target],
    connections: Sequence[int],
    rounds: int,
    seconds: float,
    tick: Callable[[], object],
    rate: float | None = None,
) -> list[Row]:
    """Each target at each number of connections, in turns, so that a busy minute is one for all of them."""
    loads: dict[tuple[str, int], list[Load]] = {}
    for number, count, target in product(range(rounds + 1), connections, targets):
        # The first round warms them up.
        took = seconds if number else min(2.0, seconds)
        load = drive(target.address, target.bodies, count, took, headers=target.headers, rate=rate)
        if number:
            loads.setdefault((target.name, count), []).append(load)
        tick()
    return _rows(loads)


def same_load(
    targets: Sequence[Target], floor: Sequence[Row], rounds: int, seconds: float, tick: Callable[[], object]
) -> list[Row]:
    """The same, with as many requests a second offered to each as is well below what the stock floor can do."""
    found: list[Row] = []
    for row in floor:
        if row.service == FLOOR:
            offered = SHARE_OFFERED * row.rate
            found += in_turns(targets, [row.connections], rounds, seconds, tick, rate=offered)
    return found


def overload(target: Target, connections: int, seconds: float, peak: float) -> Overload:
    """Five times as many connections as `peak` was reached with, and a light load before and five seconds after."""
    before = drive(target.address, target.bodies, 1, 3, headers=target.headers, rate=50)
    many = drive(target.address, target.bodies, TIMES * connections, seconds, headers=target.headers)
    time.sleep(CALM)
    after = drive(target.address, target.bodies, 1, 3, headers=target.headers, rate=50)
    return Overload(
        TIMES * connections, peak, many.rate, dict(many.statuses), many.broken, many.p99, before.p99, after.p99
    )


def _rows(loads: dict[tuple[str, int], list[Load]]) -> list[Row]:
    rates = {key: median(load.rate for load in found) for key, found in loads.items()}
    return [
        Row(
            service,
            count,
            rates[service, count],
            median(load.p50 for load in found),
            median(load.p99 for load in found),
            sum(number for load in found for status, number in load.statuses.items() if not 200 <= status < 300),
            rates[service, count] / rates.get((FLOOR, count), float("nan")),
        )
        for (service, count), found in loads.items()
    ]
