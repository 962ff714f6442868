"""What may be done with a head's answer: apply it, suggest it, or abstain; escalate, watch, or neither.

Puts the desk's demands and a version's evidence together, once, into the terms that every answer is then held against.
Knows neither versions nor journals, and no clock: what the last month's traffic was is an argument.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from desk.demands import Demands
from desk.evidence import HAPPENED, Evidence
from desk.heads import Head
from desk.prediction import Choice, Risk, published

__all__ = [
    "ENOUGH_TRAFFIC",
    "NO_TERMS",
    "Cuts",
    "Mode",
    "Terms",
    "absent_mode",
    "choice_mode",
    "cuts_of",
    "escalation_mode",
    "terms_of",
]

ENOUGH_TRAFFIC: Final = 500
"""Tickets of recent traffic from which on their own scores say where the review capacity ends."""

ModeName: TypeAlias = Literal["auto", "suggest", "abstain", "escalate", "watch", "none"]
Why: TypeAlias = Literal[
    "unknown_topic",
    "below_suggest",
    "queue_gone",
    "too_little_history",
    "head_missing",
    "held_back",
    "contract_in_breach",
]


@dataclass(frozen=True, slots=True)
class Mode:
    """What may be done with an answer.

    why: the reason to abstain, or of a suggestion that would have been applied why it is not: `held_back`,
    `contract_in_breach`, or `queue_gone` where only what a retired queue left behind lifts it over the threshold; else
    None.
    threshold: the probability from which on the label is `auto`, or a ticket is escalated; None where the evidence
    gives none.
    """

    mode: ModeName
    why: Why | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Cuts:
    """Probabilities from which on a ticket is escalated, and is watched. `watch` is at most `escalate`."""

    escalate: float
    watch: float


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one version's answers until it or the desk's demands change.

    thresholds: head -> label -> the probability from which on it is applied by itself; absent where no evidence proves
    what is demanded. suggest: the least probability that is suggested. cuts: of escalation, None where nothing says
    where the review capacity ends. too_little: heads that the version lacks because its history had too little of them.
    holdback: the share of tickets to which nothing is applied by itself, whatever the contracts hold. fallen: labels
    of which nothing is, for their contract is in breach.
    """

    thresholds: Mapping[Head, Mapping[str, float]] = field(default_factory=dict)
    suggest: float = Demands().suggest
    cuts: Cuts | None = None
    too_little: frozenset[Head] = frozenset()
    holdback: float = 0.0
    fallen: Mapping[Head, frozenset[str]] = field(default_factory=dict)


NO_TERMS: Final = Terms()
"""Nothing is applied by itself."""


def terms_of(
    evidence: Evidence,
    demands: Demands,
    *,
    too_little: Collection[Head] = (),
    traffic: Sequence[float] = (),
    holdback: float = 0.0,
    fallen: Mapping[Head, frozenset[str]] | None = None,
) -> Terms:
    """The terms that follow from a version's evidence and the desk's demands.

    too_little: heads that the version lacks for want of rows. traffic: probabilities of escalation that this version
    gave of late, one a ticket, in any order; from `ENOUGH_TRAFFIC` on they take the place of the held-out ones.
    holdback: the share of tickets that is kept from automation. fallen: labels whose contract is in breach.
    Takes milliseconds for thousands of rows: once a version, never in a request.
    """
    # SciPy takes a third of a second to come, and who is given terms does without.
    from desk.contracts import threshold_of

    thresholds = {
        head: {
            label: threshold
            for label, answered in evidence.get(head, {}).items()
            if (threshold := threshold_of(answered, demand.of(label))) is not None
        }
        for head, demand in demands.heads.items()
    }
    held_out = evidence.get("escalation", {}).get(HAPPENED)
    scores = () if held_out is None else held_out.probabilities
    return Terms(
        thresholds=thresholds,
        suggest=demands.suggest,
        cuts=cuts_of(traffic if len(traffic) >= ENOUGH_TRAFFIC else scores, demands.review_capacity),
        too_little=frozenset(too_little),
        holdback=holdback,
        fallen=fallen or {},
    )


def cuts_of(probabilities: Sequence[float], capacity: float) -> Cuts | None:
    """Where the `capacity` (a share) most probable tickets end, and where as many again do.

    Rows of equal probability are taken together or not at all, so that no more are escalated than can be reviewed; None
    where that leaves none, as with a head that says the same of every ticket.
    """
    falling = sorted(probabilities, reverse=True)  # rounded only where it counts: there may be a hundred thousand
    escalate = _last_within(falling, capacity)
    if escalate is None:
        return None
    watch = _last_within(falling, 2 * capacity)
    return Cuts(escalate, escalate if watch is None else watch)


def choice_mode(terms: Terms, head: Head, choice: Choice, *, held_back: bool = False) -> Mode:
    """The mode of a head that chooses a label.

    A contract that holds counts for more than the floor of suggestions; a topic that the version does not know is never
    applied, however sure it is of a label; nor is what is left where the queue that it would have answered is no more.
    held_back: whether the ticket is kept from automation
    (`desk.holdback.is_held_back`); what would be applied is then suggested.
    """
    probability = published(choice.probability)
    threshold = terms.thresholds.get(head, {}).get(choice.label)
    if choice.novel:
        return Mode("abstain", "unknown_topic", threshold)
    if choice.gone:
        return Mode("abstain", "queue_gone", threshold)
    if threshold is not None and probability >= threshold:
        if choice.own is not None and published(choice.own) < threshold:
            return Mode("suggest", "queue_gone", threshold)
        if held_back:
            return Mode("suggest", "held_back", threshold)
        is_fallen = choice.label in terms.fallen.get(head, ())
        return Mode("suggest", "contract_in_breach", threshold) if is_fallen else Mode("auto", threshold=threshold)
    if probability < terms.suggest:
        return Mode("abstain", "below_suggest", threshold)
    return Mode("suggest", threshold=threshold)


def escalation_mode(terms: Terms, risk: Risk) -> Mode:
    """The mode of escalation: among the tickets that can be reviewed, among as many again, or neither."""
    if terms.cuts is None:
        return Mode("none")
    probability, cuts = published(risk.probability), terms.cuts
    if probability >= cuts.escalate:
        return Mode("escalate", threshold=cuts.escalate)
    return Mode("watch" if probability >= cuts.watch else "none", threshold=cuts.escalate)


def absent_mode(terms: Terms, head: Head) -> Mode:
    """The mode of a head that the version lacks."""
    return Mode("abstain", "too_little_history" if head in terms.too_little else "head_missing")


def _last_within(falling: Sequence[float], share: float) -> float | None:
    count = int(share * len(falling) + 1e-9)
    if count == 0 or published(falling[0]) == published(falling[-1]):
        return None
    while 0 < count < len(falling) and published(falling[count]) == published(falling[count - 1]):
        count -= 1  # equals would be parted: leave them all out
    return published(falling[count - 1]) if count else None
