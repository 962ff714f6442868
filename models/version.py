"""A version: one trained set of heads with the encoder that they read through.

Only the values; `models.storage` writes and reads them, `models.scoring` answers with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from desk.evidence import Evidence
from desk.heads import HEADS, Head
from features.encoding import Encoder
from models.factors import Factors
from models.forest import Forest, Grown, plant
from models.heads import HeadModel
from models.linear import Linear
from models.novelty import Novelty
from models.sense import Sense
from models.similar import Similar

__all__ = ["Version"]


@dataclass(frozen=True)
class Version:
    """name: its number in the registry, as text. about: data window, label rule, figures and the like, for people.

    sense: what the meaning of a text says of each linear column; None without a meaning.
    novelty: tells tickets that are about something else; None before there is a queue head.
    factors: what was learned of urgency, sentiment and complexity; None until it is.
    evidence: what the heads answered to rows that their members had not seen; contracts are derived from it.
    similar: the resolved tickets of its history, to be found by likeness; None until they are indexed.
    """

    name: str
    encoder: Encoder
    linear: Linear
    heads: Mapping[Head, HeadModel]
    about: Mapping[str, Any]
    sense: Sense | None = None
    novelty: Novelty | None = None
    factors: Factors | None = None
    evidence: Evidence = field(default_factory=dict)
    similar: Similar | None = None

    @property
    def too_little(self) -> frozenset[Head]:
        """The heads that it lacks because its history had too little of them."""
        return frozenset(head for head in HEADS if head in self.about.get("too_little", ()))

    @cached_property
    def growing(self) -> frozenset[Head]:
        """The heads that learned from tickets that grow."""
        return frozenset(head for head, model in self.heads.items() if model.growth is not None)

    @cached_property
    def forest(self) -> Forest[Head]:
        """The trees of all heads, made ready when they are first asked: a tenth of a second.

        Its rows are the encoder's numbers and then what the text adds up to for each linear column. Trees that see
        words are not in it: two thousand numbers would take tables of gigabytes, and LightGBM walks these.
        """
        numbers = len(self.encoder.number_names)
        return plant(
            {
                head: Grown(model.trees, [*range(numbers), *(numbers + place for place in _places(model.columns))])
                for head, model in self.heads.items()
                if model.trees is not None and not len(model.tree_words)
            }
        )


def _places(columns: slice) -> range:
    return range(columns.start, columns.stop)
