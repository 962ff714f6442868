"""The figures of the service under load, as the markdown of `docs/serving-speed.md`.

Knows figures, not how they were measured.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Final

from benchmarks.serving_runs import Overload, Row
from benchmarks.serving_targets import FLOOR, MLFLOW, OURS, OURS_WITH_ALL

__all__ = ["Served", "page", "tables"]

_OF_THE_FLOOR: Final = {OURS: 0.9, OURS_WITH_ALL: 0.45}
_TIMES_MLFLOW: Final = 5.0
_TICKETS: Final = 1_500  # a second, in batches
_GOODPUT: Final = 0.8
_MEGABYTES: Final = 350
_SECONDS: Final = 5.0

_OPENING: Final = """\
# Speed of the service

Every service answers on this machine with one process, and wrk drives one after the other over loopback, in turns, so
that a busy minute is one for all of them; medians of the rounds. The stock floor is a do-nothing `@bentoml.api` at
BentoML's defaults: what an empty route costs. Pointsman reads a key, validates, scores four heads, decides, makes the
row durable and writes a line of log. MLflow serves TF-IDF + logistic regression for the same four heads in its sklearn
flavour and answers labels alone. A machine that others work on too is slower at everything: ratios tell more than
rates.
"""


@dataclass(frozen=True, slots=True)
class Served:
    """What one run found. waits: at the same offered load. batches: tickets a second by the number of processes.

    megabytes: of each process, by how many there are, shared memory counted in parts. ready: seconds from the start.
    stages: seconds of each part of a triage, in process. load: of the machine over the last minute before.
    """

    tickets: int
    queues: int
    cores: int
    load: float
    rows: Sequence[Row]
    waits: Sequence[Row]
    batches: Mapping[int, float]
    overload: Overload
    megabytes: Mapping[int, Sequence[float]]
    ready: float
    stages: Mapping[str, float]


def page(found: Served, command: str) -> Iterator[str]:
    """The whole page, line by line."""
    yield from _OPENING.splitlines()
    yield ""
    yield f"Written by `{command}`."
    yield ""
    yield from tables(found)


def tables(found: Served) -> Iterator[str]:
    """What was demanded beside what was found, then every rate and wait, then where the time goes."""
    yield (
        f"A desk with {found.tickets:,} tickets and {found.queues} queues; "
        f"{found.cores} cores, load {found.load:.1f} before."
    )
    yield ""
    yield "| | found | demanded |"
    yield "|---|---|---|"
    yield from _demanded(found)
    yield ""
    yield "| one ticket a request | at once | answers/s | of the floor | p50 ms | p99 ms | refused |"
    yield "|---|---|---|---|---|---|---|"
    for row in sorted(found.rows, key=lambda row: row.connections):
        yield (
            f"| {row.service} | {row.connections} | {row.rate:,.0f} | {row.ratio:.2f} | {row.p50:.1f} | "
            f"{row.p99:.1f} | {row.refused} |"
        )
    yield ""
    yield "| at the same offered load | at once | answers/s | p50 ms | p99 ms |"
    yield "|---|---|---|---|---|"
    for row in found.waits:
        yield f"| {row.service} | {row.connections} | {row.rate:,.0f} | {row.p50:.1f} | {row.p99:.1f} |"
    yield ""
    yield "| where our time goes, one ticket alone in the process | ms |"
    yield "|---|---|"
    for stage, seconds in found.stages.items():
        yield f"| {stage} | {1000 * seconds:.3f} |"


def _demanded(found: Served) -> Iterator[str]:
    for name, least in _OF_THE_FLOOR.items():
        for row in found.rows:
            if row.service == name:
                yield _line(f"{name}, {row.connections} at once", f"{row.ratio:.2f} of the floor", f"at least {least}")
    for count in sorted({row.connections for row in found.rows}):
        rates = {row.service: row.rate for row in found.rows if row.connections == count}
        if MLFLOW in rates:
            times = rates[OURS] / rates[MLFLOW]
            yield _line(f"{OURS}, {count} at once", f"{times:.1f} times `{MLFLOW}`", f"at least {_TIMES_MLFLOW:g}")
        waits = {row.service: row.p99 for row in found.waits if row.connections == count}
        if waits:
            yield _line(
                f"p99 at the same load, {count} at once",
                f"{waits[OURS]:.1f} ms",
                f"no higher than the floor's {waits[FLOOR]:.1f} ms",
            )
    for processes, rate in found.batches.items():
        said = "one process" if processes == 1 else f"{processes} processes"
        yield _line(f"batches of 100, {said}", f"{rate:,.0f} tickets/s", f"above {_TICKETS:,} on two cores")
    yield from _overloaded(found.overload)
    for processes, each in found.megabytes.items():
        yield _line(f"a process, {processes} of them", f"{mean(each):.0f} MB", f"under {_MEGABYTES}")
    yield _line("ready after its start", f"{found.ready:.1f} s", f"within {_SECONDS:g}")


def _overloaded(seen: Overload) -> Iterator[str]:
    said = ", ".join(f"{count:,} × {status}" for status, count in sorted(seen.statuses.items()))
    yield _line(f"{seen.connections} at once", f"{said}; {seen.broken} broken", "nothing but 200, 429, 503")
    yield _line("their good answers", f"{seen.goodput / seen.peak:.2f} of the peak", f"at least {_GOODPUT}")
    yield _line(
        "p99 of a light load five seconds later",
        f"{seen.calm_after:.1f} ms",
        f"as before: {seen.calm_before:.1f} ms",
    )


def _line(what: str, found: str, demanded: str) -> str:
    return f"| {what} | {found} | {demanded} |"
