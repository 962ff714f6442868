"""What would have been done with held-out tickets, label by label: sent by itself, suggested, left alone, and why.

Counts the evidence that travels with a version. Pure; knows neither versions nor pages.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from desk.contracts import rows_lacking, threshold_of
from desk.demands import Demand
from desk.evidence import Answered
from training.evidence.intervals import Interval

__all__ = [
    "OFFERED",
    "PER",
    "Band",
    "LabelRouting",
    "Offer",
    "Routing",
    "WhyNothing",
    "clopper_pearson",
    "offers_of",
    "per_thousand",
    "routing_of",
    "wrong_per_thousand",
]

PER: Final = 1_000
"""Tickets that counts are told of: people picture a thousand tickets, not a share."""

OFFERED: Final = (0.80, 0.85, 0.90, 0.93, 0.95, 0.97, 0.99)
"""Demands that are told beside the desk's own; loose ones too: a desk with doubtful records proves no others."""

WhyNothing: TypeAlias = Literal["never_answered", "too_few", "too_often_wrong", "in_breach"]

_NOTHING: Final = Answered((), ())


@dataclass(frozen=True, slots=True)
class Band:
    """Of `tickets`, the `right` ones."""

    tickets: int = 0
    right: int = 0

    @property
    def wrong(self) -> int:
        """Those that are not right."""
        return self.tickets - self.right

    def __add__(self, other: "Band") -> "Band":
        return Band(self.tickets + other.tickets, self.right + other.right)


@dataclass(frozen=True, slots=True)
class LabelRouting:
    """What happens to the held-out tickets for which one label would be chosen.

    sent: applied by itself. suggested: shown to whoever sorts. left: neither, for it is not sure enough to suggest.
    why_nothing: why none is sent, None where some are. lacking: right answers more that would prove the demand; nought
    where it is proven.
    """

    label: str
    demand: float
    sent: Band
    suggested: Band
    left: Band
    why_nothing: WhyNothing | None = None
    lacking: int = 0

    @property
    def whole(self) -> Band:
        """All three together."""
        return self.sent + self.suggested + self.left


@dataclass(frozen=True, slots=True)
class Routing:
    """labels: those with the most tickets first. demand: of a label without one of its own."""

    demand: float
    labels: tuple[LabelRouting, ...]

    @property
    def tickets(self) -> int:
        """Held-out tickets."""
        return sum(one.whole.tickets for one in self.labels)

    @property
    def sent(self) -> Band:
        """Applied by itself."""
        return sum((one.sent for one in self.labels), Band())

    @property
    def suggested(self) -> Band:
        """Shown to whoever sorts."""
        return sum((one.suggested for one in self.labels), Band())

    @property
    def left(self) -> Band:
        """Neither."""
        return sum((one.left for one in self.labels), Band())

    def wrong_between(self) -> Interval | None:
        """The 95 % interval of the wrong ones among a thousand tickets; None where none is sent."""
        return wrong_per_thousand(self.sent, self.tickets)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values, with the totals per thousand tickets."""
        between = self.wrong_between()
        return {
            **asdict(self),
            "tickets": self.tickets,
            "per_thousand": {
                "sent": per_thousand(self.sent.tickets, self.tickets),
                "sent_wrong": per_thousand(self.sent.wrong, self.tickets),
                "sent_wrong_between": None if between is None else asdict(between),
                "suggested": per_thousand(self.suggested.tickets, self.tickets),
                "left_alone": per_thousand(self.left.tickets, self.tickets),
            },
        }


@dataclass(frozen=True, slots=True)
class Offer:
    """What one demand of every label without a demand of its own would give, of a thousand tickets."""

    demand: float
    labels: int
    sent: float
    wrong: float
    between: Interval | None
    is_own: bool


def routing_of(
    evidence: Mapping[str, Answered],
    known: Sequence[str],
    demand: Demand,
    *,
    suggest: float,
    fallen: Collection[str] = (),
) -> Routing:
    """What a head's evidence says would happen.

    evidence: label -> what was answered with it. known: the labels that the version can answer. suggest: the least
    probability that is suggested. fallen: labels of which nothing is sent, for it was right too seldom of late.
    """
    names = dict.fromkeys((*known, *evidence))
    found = [_label_routing(name, evidence.get(name, _NOTHING), demand, suggest, name in fallen) for name in names]
    return Routing(demand.default, tuple(sorted(found, key=lambda one: (-one.whole.tickets, one.label))))


def offers_of(
    evidence: Mapping[str, Answered],
    known: Sequence[str],
    demand: Demand,
    *,
    suggest: float,
    fallen: Collection[str] = (),
    tried: Iterable[float] = OFFERED,
) -> list[Offer]:
    """What the desk's demand gives, and what each of those `tried` would, the lowest first. The rest as above."""
    found = []
    for default in sorted({*tried, demand.default}):
        asked = replace(demand, default=default)
        routing = routing_of(evidence, known, asked, suggest=suggest, fallen=fallen)
        found.append(
            Offer(
                default,
                sum(one.sent.tickets > 0 for one in routing.labels),
                per_thousand(routing.sent.tickets, routing.tickets),
                per_thousand(routing.sent.wrong, routing.tickets),
                routing.wrong_between(),
                default == demand.default,
            )
        )
    return found


def wrong_per_thousand(sent: Band, tickets: int) -> Interval | None:
    """The 95 % interval of the wrong ones among a thousand tickets, of which as many are sent as were sent here."""
    if not sent.tickets:
        return None
    found = clopper_pearson(sent.wrong, sent.tickets)
    share = PER * sent.tickets / tickets
    return Interval(found.low * share, found.high * share)


def clopper_pearson(part: int, whole: int, level: float = 0.95) -> Interval:
    """The exact interval of a share of `whole` rows, at least one; it is never too narrow.

    Source: Clopper and Pearson, "The use of confidence or fiducial limits", Biometrika 26 (1934).
    """
    tail = (1 - level) / 2
    low = float(betaincinv(part, whole - part + 1, tail)) if part else 0.0
    high = float(betaincinv(part + 1, whole - part, 1 - tail)) if part < whole else 1.0
    return Interval(low, high)


def per_thousand(part: float, whole: float) -> float:
    """Of a thousand; nought of nothing."""
    return PER * part / whole if whole else 0.0


def _label_routing(label: str, answered: Answered, demand: Demand, suggest: float, is_fallen: bool) -> LabelRouting:
    demanded = demand.of(label)
    threshold = threshold_of(answered, demanded)
    sure, hits = np.asarray(answered.probabilities, np.float64), np.asarray(answered.hits, np.bool_)
    above = np.zeros(len(sure), np.bool_) if threshold is None or is_fallen else sure >= threshold
    shown = ~above & ((sure >= suggest) | (sure >= (np.inf if threshold is None else threshold)))
    lacking = 0 if threshold is not None else rows_lacking(answered, demanded)
    why = _why_nothing(answered, demanded, lacking, is_fallen) if not above.any() else None
    sent, suggested, left = (_band(hits[chosen]) for chosen in (above, shown, ~above & ~shown))
    return LabelRouting(label, demanded, sent, suggested, left, why, lacking)


def _band(hits: NDArray[np.bool_]) -> Band:
    return Band(len(hits), int(hits.sum()))


def _why_nothing(answered: Answered, demand: float, lacking: int, is_fallen: bool) -> WhyNothing:
    if is_fallen and not lacking:
        return "in_breach"
    if not len(answered.hits):
        return "never_answered"
    # So many would be needed though all were right: below that it is the number of examples that is in the way.
    return "too_few" if len(answered.hits) < rows_lacking(_NOTHING, demand) else "too_often_wrong"
