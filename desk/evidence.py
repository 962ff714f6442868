"""Evidence: what a version's heads answered to rows that they had not seen, and whether it was right.

It travels with the version; what it proves depends on what is demanded (`desk/contracts.py`). Knows neither how the
rows were chosen nor where it is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from desk.heads import Head

__all__ = ["HAPPENED", "Answered", "Evidence"]

HAPPENED = "true"
"""The one label under which a risk head keeps its evidence: every row with the probability that it happens."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The rows that were answered with one label, the surest first.

    probabilities: as they leave the house, rounded, falling. hits: whether the label was right; of a risk head, whether
    it happened. Both of one length.
    """

    probabilities: Sequence[float]
    hits: Sequence[bool]


Evidence: TypeAlias = Mapping[Head, Mapping[str, Answered]]
"""Head -> label -> its answers. A label that was never answered may be absent."""
