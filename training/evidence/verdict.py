"""Did a head learn anything at all? Said in words, for a report and for the set whose labels are random.

Knows nothing of how good a head should be, only what chance and the most frequent label would do.
"""

import math
from dataclasses import dataclass

import numpy as np

from desk.heads import RISK_HEADS
from training.evidence import formulas, redrawn
from training.evidence.held_out import HeldOut
from training.evidence.intervals import bootstrap

__all__ = ["Learned", "learned_something"]


@dataclass(frozen=True, slots=True)
class Learned:
    """Whether a head knows more than its label's frequencies, and the evidence in words."""

    something: bool
    words: str


def learned_something(held_out: HeldOut, majority: HeldOut) -> Learned:
    """Whether the head beats always answering the most frequent label, beyond the 95 % interval of the bootstrap.

    `majority` holds the same rows in the same order. A risk head must rank instead: its AUROC's interval must lie
    above 0.5.
    """
    return _ranks(held_out) if held_out.head in RISK_HEADS else _answers(held_out, majority)


def _ranks(held_out: HeldOut) -> Learned:
    happened, probability = np.equal(held_out.truth, 1), held_out.probabilities[:, 1]
    between = bootstrap(redrawn.auroc(happened, probability), len(happened))
    if math.isnan(between.low):
        return Learned(False, f"nothing can be said of {held_out.head}: it happened in every held-out row or in none")
    found = f"AUROC {formulas.auroc(happened, probability):.3f}, 95 % interval {between.low:.3f} to {between.high:.3f}"
    if between.low > 0.5:
        return Learned(True, f"{held_out.head} ranks better than chance: {found}")
    return Learned(False, f"nothing was learned for {held_out.head}: {found} does not lie above chance (0.5)")


def _answers(held_out: HeldOut, majority: HeldOut) -> Learned:
    ours, theirs = held_out.hit.astype(np.float64), majority.hit.astype(np.float64)
    gain = ours - theirs
    between = bootstrap(lambda rows: float(gain[rows].mean()), len(gain))
    label = majority.labels[int(majority.answered[0])]
    found = (
        f"accuracy {ours.mean():.3f} against {theirs.mean():.3f} for always answering {label!r}, "
        f"a difference of {100 * between.low:+.1f} to {100 * between.high:+.1f} points (95 %)"
    )
    if between.low > 0:
        return Learned(True, f"{held_out.head} beats its most frequent label: {found}")
    return Learned(False, f"nothing was learned for {held_out.head}: {found}")
