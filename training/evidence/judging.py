"""One head judged: its held-out rows, its figures, and the same of the baselines on the same rows.

Knows what belongs together, neither how a head is learned nor where the evidence is kept.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from training.evidence.contracts import HeadContract
from training.evidence.doubts import doubts_of
from training.evidence.held_out import HeldOut
from training.evidence.metrics import REVIEW_CAPACITY, Measures, measure
from training.evidence.slices import Slice, slices_of
from training.evidence.verdict import Learned, learned_something
from training.evidence.worst_errors import WorstError

__all__ = ["HeadEvidence", "judge"]


@dataclass(frozen=True, slots=True)
class HeadEvidence:
    """A head's evidence; `beside` and `beside_measures` go by a baseline's name: `majority`, `linear`, `score`.

    contract: as other rows proved it, None for a head without. capacity: share of tickets that can be reviewed.
    slices: the figures by label, language, channel and customer tier. doubts: what the rows cannot tell, in words.
    worst: the surest wrong answers.
    """

    held_out: HeldOut
    measures: Measures
    beside: Mapping[str, HeldOut]
    beside_measures: Mapping[str, Measures]
    learned: Learned
    contract: HeadContract | None = None
    capacity: float = REVIEW_CAPACITY
    slices: tuple[Slice, ...] = ()
    doubts: tuple[str, ...] = ()
    worst: tuple[WorstError, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The figures and the verdict as plain JSON values, without the rows."""
        return {
            **self.measures.to_json(),
            "contract": None if self.contract is None else asdict(self.contract),
            "capacity": self.capacity,
            "learned": asdict(self.learned),
            "slices": [one.to_json() for one in self.slices],
            "doubts": list(self.doubts),
            "beside": {name: one.figures() for name, one in self.beside_measures.items()},
        }


def judge(
    held_out: HeldOut,
    beside: Mapping[str, HeldOut],
    *,
    priority_order: Sequence[str] = (),
    true_labels: Collection[str] = (),
    taught: Mapping[str, int] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    capacity: float = REVIEW_CAPACITY,
    contract: HeadContract | None = None,
    worst: tuple[WorstError, ...] = (),
) -> HeadEvidence:
    """Measure a head and the baselines on the same rows in the same order.

    beside: baselines by name, `majority` among them. true_labels: every label that is true on some of the rows, so
    that macro-F1 counts each label that a system never learned. groups: by dimension what each row belongs to, for the
    slices; without it they are by label alone. worst: as `training.evidence.worst_errors` finds them. The
    rest as in `training.evidence.metrics.measure`.
    """

    def measured(one: HeldOut, holds: HeadContract | None = None, *, intervals: bool = False) -> Measures:
        unseen = len(set(true_labels) - set(one.labels)) if true_labels else None
        return measure(
            one,
            priority_order=priority_order,
            unseen=unseen,
            capacity=capacity,
            contract=holds,
            taught=taught,
            intervals=intervals,
        )

    return HeadEvidence(
        held_out=held_out,
        measures=measured(held_out, contract, intervals=True),
        beside=dict(beside),
        beside_measures={name: measured(one) for name, one in beside.items()},
        learned=learned_something(held_out, beside["majority"]),
        contract=contract,
        capacity=capacity,
        slices=slices_of(held_out, groups or {}, capacity),
        doubts=doubts_of(held_out, taught),
        worst=worst,
    )
