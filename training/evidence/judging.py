"""One head judged: its held-out rows, its figures, and the same of the baselines on the same rows.

Knows what belongs together, neither how a head is learned nor where the evidence is kept.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from training.evidence.held_out import HeldOut
from training.evidence.metrics import REVIEW_CAPACITY, Measures, measure
from training.evidence.verdict import Learned, learned_something

__all__ = ["HeadEvidence", "judge"]


@dataclass(frozen=True, slots=True)
class HeadEvidence:
    """A head's evidence; `beside` and `beside_measures` go by a baseline's name: `majority`, `linear`, `score`."""

    held_out: HeldOut
    measures: Measures
    beside: Mapping[str, HeldOut]
    beside_measures: Mapping[str, Measures]
    learned: Learned

    def to_json(self) -> dict[str, Any]:
        """The figures and the verdict as plain JSON values, without the rows."""
        return {
            **self.measures.to_json(),
            "learned": asdict(self.learned),
            "beside": {name: one.figures() for name, one in self.beside_measures.items()},
        }


def judge(
    held_out: HeldOut,
    beside: Mapping[str, HeldOut],
    *,
    priority_order: Sequence[str] = (),
    true_labels: Collection[str] = (),
    capacity: float = REVIEW_CAPACITY,
) -> HeadEvidence:
    """Measure a head and the baselines on the same rows in the same order.

    beside: baselines by name, `majority` among them. true_labels: every label that is true on some of the rows, so
    that macro-F1 counts each label that a system never learned. The rest as in `training.evidence.metrics.measure`.
    """

    def measured(one: HeldOut, *, intervals: bool) -> Measures:
        unseen = len(set(true_labels) - set(one.labels)) if true_labels else None
        return measure(one, priority_order=priority_order, unseen=unseen, capacity=capacity, intervals=intervals)

    return HeadEvidence(
        held_out=held_out,
        measures=measured(held_out, intervals=True),
        beside=dict(beside),
        beside_measures={name: measured(one, intervals=False) for name, one in beside.items()},
        learned=learned_something(held_out, beside["majority"]),
    )
