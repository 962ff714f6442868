"""What each contract covers, and what another demand would cost, by a version's evidence: to see before one sets it.

Shares are of the evidence's own rows, an estimate of what new tickets will bring. Knows neither versions nor screens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from desk.contracts import rows_lacking, share_from, threshold_of
from desk.demands import Demand
from desk.evidence import Answered
from desk.modes import cuts_of

__all__ = ["CAPACITIES", "DEMANDS", "Contract", "Price", "Review", "contracts_of", "price_of", "review_of"]

DEMANDS: Final = (0.90, 0.93, 0.95, 0.96, 0.97, 0.98, 0.99)
"""Demands that are priced beside the desk's own."""

CAPACITIES: Final = (0.05, 0.08, 0.12, 0.16, 0.20, 0.30)
"""Review capacities that are priced beside the desk's own."""

_NOTHING: Final = Answered((), ())


@dataclass(frozen=True, slots=True)
class Contract:
    """One label's.

    threshold: None where the evidence does not prove the demand; then `lacking` more rows without a miss would, else 0.
    share: of the label's answers, those at or above the threshold. rows: of evidence. is_known: whether the version
    has the label at all; a demand for one that it has not is kept.
    """

    label: str
    demand: float
    threshold: float | None
    share: float
    rows: int
    lacking: int
    is_known: bool


@dataclass(frozen=True, slots=True)
class Price:
    """What a head's demand gives: labels that would be applied by themselves, and the share of all tickets."""

    demand: float
    labels: int
    share: float


@dataclass(frozen=True, slots=True)
class Review:
    """What a review capacity gives.

    cut: the probability from which on tickets are escalated. recall: share of what happens that lies above it.
    precision: share of what lies above it that happens. false_alarms: share of what does not happen that lies above it.
    All are None where nothing can be cut; a share of nothing is None too.
    """

    capacity: float
    cut: float | None
    recall: float | None
    precision: float | None
    false_alarms: float | None


def contracts_of(evidence: Mapping[str, Answered], known: Sequence[str], demand: Demand) -> list[Contract]:
    """The contract of every label that the version knows or the desk demands something of, the most rows first.

    known: the labels of the version's head.
    """
    labels = dict.fromkeys((*known, *demand.labels))
    found = [_contract(label, evidence.get(label, _NOTHING), demand.of(label), label in known) for label in labels]
    return sorted(found, key=lambda one: (-one.rows, one.label))


def price_of(evidence: Mapping[str, Answered], demand: Demand) -> Price:
    """What `demand` gives: labels with a demand of their own keep it."""
    rows = sum(len(answered.hits) for answered in evidence.values())
    shares = {
        label: share_from(answered, threshold_of(answered, demand.of(label))) for label, answered in evidence.items()
    }
    applied = sum(share * len(evidence[label].hits) for label, share in shares.items())
    return Price(demand.default, sum(share > 0 for share in shares.values()), applied / rows if rows else 0.0)


def review_of(answered: Answered, capacity: float) -> Review:
    """What reviewing `capacity` of the tickets gives. `answered` holds every row of a risk head."""
    cuts = cuts_of(answered.probabilities, capacity)
    if cuts is None:
        return Review(capacity, None, None, None, None)
    above = round(share_from(answered, cuts.escalate) * len(answered.hits))
    caught, happened = sum(answered.hits[:above]), sum(answered.hits)
    return Review(
        capacity,
        cuts.escalate,
        recall=_share(caught, happened),
        precision=_share(caught, above),
        false_alarms=_share(above - caught, len(answered.hits) - happened),
    )


def _contract(label: str, answered: Answered, demand: float, is_known: bool) -> Contract:
    threshold = threshold_of(answered, demand)
    lacking = 0 if threshold is not None else rows_lacking(answered, demand)
    return Contract(label, demand, threshold, share_from(answered, threshold), len(answered.hits), lacking, is_known)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
