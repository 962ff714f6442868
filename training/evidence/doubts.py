"""What held-out rows cannot tell of a head, in words: they are too few, or of labels that nothing had taught.

Knows neither figures nor how rows were chosen.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from desk.heads import RISK_HEADS
from training.evidence.held_out import HeldOut

__all__ = ["TELLING", "doubts_of"]

TELLING: Final = 50
"""Held-out rows from which on an accuracy's 95 % interval is narrower than some 25 points (Wilson's, at 0.7)."""

_MANY: Final = 0.1  # of the rows: below that untaught labels are what any desk has


def doubts_of(held_out: HeldOut, taught: Mapping[str, int] | None) -> tuple[str, ...]:
    """Sentences for people, none where nothing is to be doubted. taught: rows that each label was learned from."""
    return tuple(_doubts(held_out, taught))


def _doubts(held_out: HeldOut, taught: Mapping[str, int] | None) -> Iterator[str]:
    rows = len(held_out.truth)
    if rows < TELLING:
        yield f"{held_out.head} was judged on {rows} tickets: too few to say how good it is; {TELLING} say a little"
    if taught is None or held_out.head in RISK_HEADS:
        return
    strange = sum(code < 0 or not taught.get(held_out.labels[code]) for code in held_out.truth.tolist())
    if strange > _MANY * rows:
        yield (
            f"{held_out.head}: {strange} of the {rows} tickets that judged have a label that no other had taught; "
            "the version that answers has learned from them as well"
        )
