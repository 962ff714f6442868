"""The figures of a desk at one size, as the markdown of `docs/speed.md`. Knows figures, not how they were measured."""

from collections.abc import Iterator
from typing import Final

from benchmarks.scaling import (
    ENCODER,
    LINEAR,
    MANY,
    SCORED,
    TREES,
    WHOLE_FILE,
    WITH_ENCODER,
    WITHOUT_START,
    Measured,
)

__all__ = ["page", "tables"]

_DEMANDED: Final = {SCORED: 0.5, LINEAR: 1.0, TREES: 4.0}  # milliseconds
_OF_THE_ENCODER: Final = 1.3  # times its own time
_RATE: Final = 3_000  # tickets a second
_MINUTES, _GIGABYTES = 8.0, 4.0

_OPENING: Final = """\
# Speed and size

One ticket after the other in one process on one thread, a hundred before it is another's turn, medians;
`pointsman score` on as many processes as there are cores; training as `pointsman train` does it, on two cores, with all
heads, calibration, the evidence of contracts and MLflow. The others learned from the same tickets in the same run and
answer the same four heads on one thread. A machine that others work on too is slower at everything: ratios tell more
than times. Linear reasons are those of the same version with its trees taken out; the encoder is timed in the place of
the table, with sums of the same size.
"""


def page(found: Measured) -> Iterator[str]:
    """The whole page, line by line."""
    yield from _OPENING.splitlines()
    yield ""
    yield f"Written by `python -m benchmarks.scale --tickets {found.tickets} --queues {found.queues} --write`."
    yield ""
    yield from tables(found)


def tables(found: Measured) -> Iterator[str]:
    """What was demanded beside what was found, the others, and where the training's time went."""
    meanings = "a table" if found.has_table else "no table"
    yield (
        f"The sample desk with {found.tickets:,} tickets and {found.queues} queues, meanings from {meanings}; "
        f"{found.cores} cores, load {found.load:.1f} before."
    )
    yield ""
    yield "| | found | demanded |"
    yield "|---|---|---|"
    yield from _kept(found)
    yield ""
    yield from _beside(found)
    yield ""
    yield "| stage of training | seconds |"
    yield "|---|---|"
    yield from (f"| {name} | {seconds:.0f} |" for name, seconds in found.stages.items())
    yield f"| all, with reading and registering | {found.training:.0f} |"
    if found.encoder is not None:
        yield f"| once an encoder, before: making it ready | {found.encoder:.0f} |"


def _kept(found: Measured) -> Iterator[str]:
    for name, most in _DEMANDED.items():
        yield f"| one ticket, {name} | {found.ones[name] * 1e3:.2f} ms | under {most:g} ms |"
    if ENCODER in found.ones:
        times = found.ones[WITH_ENCODER] / found.ones[ENCODER]
        yield (
            f"| one ticket, {WITH_ENCODER} | {times:.2f} times the encoder's own {found.ones[ENCODER] * 1e3:.1f} ms "
            f"| at most {_OF_THE_ENCODER:g} times |"
        )
    for name in (WHOLE_FILE, WITHOUT_START):
        yield f"| {name}, {MANY:,} tickets | {found.rates[name]:,.0f} tickets/s | above {_RATE:,} |"
    yield f"| training | {found.training / 60:.1f} min | under {_MINUTES:g} at 100,000 tickets |"
    yield f"| memory of training | {found.gigabytes:.1f} GB | under {_GIGABYTES:g} at 100,000 tickets |"


def _beside(found: Measured) -> Iterator[str]:
    yield "| | one ticket | of Pointsman's time | many tickets | of Pointsman's rate | learned in |"
    yield "|---|---|---|---|---|---|"
    yield (
        f"| Pointsman | {found.ones[SCORED] * 1e3:.2f} ms | 1 | {found.rates[WITHOUT_START]:,.0f}/s | 1 "
        f"| {found.training:.0f} s, {found.tickets:,} rows |"
    )
    for name, seconds in found.learned.items():
        yield (
            f"| {name} | {found.ones[name] * 1e3:.2f} ms | {found.ones[name] / found.ones[SCORED]:.1f} "
            f"| {found.rates[name]:,.0f}/s | {found.rates[name] / found.rates[WITHOUT_START]:.2f} "
            f"| {seconds:.0f} s, {found.rows[name]:,} rows |"
        )
