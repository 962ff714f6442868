"""Everything that one training leaves behind, in one value: what the run, the model card and the registry tell.

Knows what there is to tell, neither how it came about nor where it is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from desk.heads import Head
from desk.run_policy import RunPolicy
from models.factors import Taught
from training.evidence.factors import FactorEvidence
from training.evidence.growing import GrowthEvidence
from training.evidence.importance import Importance
from training.evidence.judging import HeadEvidence
from training.evidence.learning_curve import Curve
from training.evidence.metrics import Measures
from training.evidence.moves import Move
from training.evidence.suspects import Suspect
from training.gate.on_held_out import Against
from training.histories.history import History
from training.leakage.report import LeakageReport

__all__ = ["Awaits", "Training"]

Awaits: TypeAlias = Literal["nobody", "promotion", "the gate"]
"""Who has the next word on a version: nobody where it is the desk's first, a person, or the gate."""


@dataclass(frozen=True, slots=True)
class Training:
    """One training.

    heads: evidence of each head that was learned; factors: of each factor of the multi-factor score.
    skipped: head -> why it was not learned; rare_labels: head -> label -> rows.
    split: how the held-out rows were chosen, in words. settings: whatever was decided beforehand, seeds among it.
    allowed_leakage: columns that were refused, had the user not insisted. seconds: what each step took, by name.
    unjudged: heads that were learned and that no held-out row judged. new_queues: described, and without a ticket yet.
    growing: evidence of each head that learned from growing tickets. golden: figures of the version itself on the
    golden set, empty where there is none. suspects: labels that are probably wrong, the worst first. moves: kinds of
    tickets that another queue takes by now. commit: of the code, `unknown` outside a checkout.
    curves, importance: of each head that was judged. members: of each head what its members count, by name. against:
    the comparison with the champion, None where there is none or where the gate makes it. policy: what may be shown of
    texts.
    """

    history: History
    leakage: LeakageReport
    heads: Mapping[Head, HeadEvidence]
    split: str
    commit: str
    skipped: Mapping[Head, str] = field(default_factory=dict)
    rare_labels: Mapping[Head, Mapping[str, int]] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)
    allowed_leakage: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    factors: Mapping[Taught, FactorEvidence] = field(default_factory=dict)
    unjudged: tuple[Head, ...] = ()
    new_queues: tuple[str, ...] = ()
    growing: Mapping[Head, GrowthEvidence] = field(default_factory=dict)
    golden: Mapping[Head, Measures] = field(default_factory=dict)
    suspects: tuple[Suspect, ...] = ()
    moves: tuple[Move, ...] = ()
    curves: Mapping[Head, Curve] = field(default_factory=dict)
    importance: Mapping[Head, Importance] = field(default_factory=dict)
    members: Mapping[Head, Mapping[str, float]] = field(default_factory=dict)
    against: Against | None = None
    awaits: Awaits = "nobody"
    policy: RunPolicy = field(default_factory=RunPolicy)

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """When the first and the last ticket were opened; None where the history has no times."""
        moments = [row.ticket.created_at for row in self.history.rows if row.ticket.created_at is not None]
        return (min(moments), max(moments)) if moments else None
