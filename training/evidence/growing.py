"""What scoring a ticket again is worth as it grows, on held-out tickets: ranking and calibration after each message.

Each moment is judged on the tickets that were still open then, beside what was said of the same ones at their opening.
Knows neither heads' members nor how snapshots are taken.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from desk.heads import Head
from training.evidence import formulas

__all__ = ["GrowthEvidence", "HeldOutGrowth", "Moment", "judge_growth"]

Floats = NDArray[np.float64]

_FEWEST: Final = 10  # of either label, below which a moment's ranking is chance


@dataclass(frozen=True, slots=True)
class HeldOutGrowth:
    """s snapshots of tickets that a head did not see.

    counts: shape (s,), messages since the opening. truth: shape (s,), whether it came true. opening, now: shape (s,),
    the probability at the ticket's opening, and after so many messages.
    """

    head: Head
    counts: NDArray[np.int64]
    truth: NDArray[np.bool_]
    opening: Floats
    now: Floats


@dataclass(frozen=True, slots=True)
class Moment:
    """After `messages` messages: `rows` tickets were open still, of which the share `base_rate` came true.

    auroc, ece: of the answers after these messages; opening_auroc, opening_ece: of those at the same tickets' opening.
    ece_of_chance: under which calibration error would stay, were every probability right.
    """

    messages: int
    rows: int
    base_rate: float
    auroc: float
    opening_auroc: float
    ece: float
    opening_ece: float
    ece_of_chance: float

    @property
    def gain(self) -> float:
        """AUROC over the same tickets' opening."""
        return self.auroc - self.opening_auroc


@dataclass(frozen=True, slots=True)
class GrowthEvidence:
    """One head's moments, in order; those of which too few tickets came true, or too few did not, are left out."""

    head: Head
    moments: tuple[Moment, ...]

    def figures(self) -> Mapping[str, float]:
        """By name, as `auroc_after_5`, `auroc_gain_after_5`, `ece_after_5`."""
        named = {"auroc": "auroc", "auroc_at_opening": "opening_auroc", "auroc_gain": "gain", "ece": "ece"}
        return {
            f"{name}_after_{one.messages}": float(getattr(one, part))
            for one in self.moments
            for name, part in named.items()
        }

    def notes(self) -> Iterator[str]:
        """What the last moment gains, in a sentence; nothing where there is none."""
        for one in self.moments[-1:]:
            yield (
                f"{self.head}, scored again after message {one.messages}: AUROC {one.auroc:.3f} on {one.rows:,} "
                f"held-out tickets that were open then, {one.opening_auroc:.3f} at their opening"
            )

    def to_json(self) -> list[dict[str, Any]]:
        """A value a moment."""
        return [asdict(one) | {"gain": one.gain} for one in self.moments]


def judge_growth(held_out: HeldOutGrowth) -> GrowthEvidence:
    """Judge each moment by itself."""
    moments = []
    for count in np.unique(held_out.counts).tolist():
        asked = held_out.counts == count
        truth, now, before = held_out.truth[asked], held_out.now[asked], held_out.opening[asked]
        true = int(truth.sum())
        if min(true, len(truth) - true) >= _FEWEST:
            moments.append(_moment(count, truth, now, before))
    return GrowthEvidence(held_out.head, tuple(moments))


def _moment(count: int, truth: NDArray[np.bool_], now: Floats, before: Floats) -> Moment:
    return Moment(
        messages=count,
        rows=len(truth),
        base_rate=float(truth.mean()),
        auroc=formulas.auroc(truth, now),
        opening_auroc=formulas.auroc(truth, before),
        ece=formulas.calibration_error(now, truth),
        opening_ece=formulas.calibration_error(before, truth),
        ece_of_chance=formulas.calibration_error_of_chance(now),
    )
