"""What a version says of a ticket: per head the most probable label, its probability and the runners-up.

Knows neither models nor the desk's rules: those that decide what to do with a prediction live elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from desk.factors import Signs
from desk.heads import Head
from desk.likeness import SimilarTicket
from desk.reasons import Reason

__all__ = ["DECIMALS", "Candidate", "Choice", "Extras", "Prediction", "Risk", "published"]

DECIMALS: Final = 6
"""Of a probability as it leaves the house."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What is said on request only.

    similar: how many resolved tickets that are like it; with nought, nothing is said of any. explain: whether
    every head says what of the ticket speaks for its answer.
    """

    similar: int = 0
    explain: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A label and its calibrated probability, between 0 and 1."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The answer of a head that chooses among labels.

    top: candidates, the most probable first, never empty. novel: whether the ticket is like none that the head learned.
    gone: whether the head's own answer is a label that is no more, so that this is the best of the rest. own: the
    head's own probability of the answer, where that of labels that are no more was dealt out; contracts are held
    against it.
    """

    top: tuple[Candidate, ...]
    novel: bool = False
    gone: bool = False
    own: float | None = None

    @property
    def label(self) -> str:
        """The most probable label."""
        return self.top[0].label

    @property
    def probability(self) -> float:
        """The calibrated probability of `label`."""
        return self.top[0].probability


@dataclass(frozen=True, slots=True)
class Risk:
    """The answer of a two-sided head: the calibrated probability that it will happen."""

    probability: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one version says of one ticket. `version` is None before there is one; a head not answered is absent.

    `signs` is None where they could not be read; `similar` is None where nobody asked for similar tickets,
    `reasons`, the heaviest first for each head that answers, where nobody asked why. `is_cut`: whether the text was too
    long to be read to its end.
    """

    version: str | None
    choices: Mapping[Head, Choice] = field(default_factory=dict)
    risks: Mapping[Head, Risk] = field(default_factory=dict)
    signs: Signs | None = None
    similar: tuple[SimilarTicket, ...] | None = None
    reasons: Mapping[Head, tuple[Reason, ...]] | None = None
    is_cut: bool = False


def published(probability: float) -> float:
    """The probability as it is answered, so that what is decided by it can be checked by who reads the answer."""
    return round(probability, DECIMALS)
