"""May a new version take the champion's place? The judgement, in words.

A challenger is refused for what is surely worse beyond its margin. Some hundred figures are looked at, of which one in
twenty would seem so by chance alone: their p-values are corrected (Holm, 1979). And it takes a proof to be promoted: on
all rows that judge, that it is better at something, corrected in the same way, while no head looks worse than its
margin, or that nothing is worse than its margin. Where only a proof is missing it is undecided, and people can be asked
about what would tell (`desk.run_off`). Knows neither versions nor how a figure comes about.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from desk.gate_evidence import Figure, GateEvidence, RowsName, with_run_off
from desk.gate_policy import GatePolicy
from desk.gate_words import told, told_maybe_worse, told_unproven, told_worse
from desk.heads import CLASS_HEADS, Head
from desk.run_off import Tally

__all__ = ["Judgement", "judged"]

ALPHA: Final = 0.05
"""The chance that a version that is as good is refused for any of its figures, at most."""

_Z: Final = 1.959964
"""Half the width of a 95 % interval, in standard errors."""

_PROVING: Final[frozenset[RowsName]] = frozenset({"both", "differing"})
"""Rows that tell of the tickets of today as they come, so that they prove something."""

_NOW: Final[frozenset[RowsName]] = frozenset({"newest", "differing"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """passes: whether the challenger may take the champion's place. reasons: why not, in words, or why, where it may.

    notes: what would have spoken against it, and was let pass. undecided: whether it would pass, were it proven that
    its answers are right more often than the champion's where they differ.
    """

    passes: bool
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()
    undecided: bool = False


def judged(evidence: GateEvidence, policy: GatePolicy) -> Judgement:
    """The judgement that follows from the evidence."""
    found = _judged(evidence, policy)
    if found.passes:
        return found
    return replace(found, undecided=_judged(_were_it_better(evidence), policy).passes)


def _judged(evidence: GateEvidence, policy: GatePolicy) -> Judgement:
    against = list(_against(evidence, policy))
    notes: list[str] = []
    for figure in _worse_ones(evidence.figures, policy):
        if _is_outdone(figure, evidence.figures):
            notes.append(f"{told_worse(figure, policy)}, but on the newest tickets it is better: the desk has changed")
        else:
            against.append(told_worse(figure, policy))
    if against:
        return Judgement(False, tuple(against), tuple(notes))
    better = _better_ones(evidence.figures)
    harmless = {one.head for one in evidence.figures if one.on in _PROVING and _is_harmless(one, policy)}
    unproven = [one for one in evidence.figures if one.on == "both" and one.head not in harmless]
    if better:
        unproven = [one for one in unproven if _looks_worse(one, evidence.figures, policy)]
    if unproven:
        words = told_maybe_worse if better else told_unproven
        return Judgement(False, tuple(words(figure, policy) for figure in unproven), tuple(notes))
    reasons = tuple(map(told, better)) or ("it is surely no worse than its margins allow, and knows newer tickets",)
    return Judgement(True, reasons, tuple(notes))


def _were_it_better(evidence: GateEvidence) -> GateEvidence:
    """The evidence, had people found the challenger right and the champion wrong wherever they were asked."""
    heads = {figure.head for figure in evidence.figures} & {*CLASS_HEADS}
    praise = Tally(tickets=1_000, differing=100, told=100, champion=0, challenger=100)
    return with_run_off(evidence, dict.fromkeys(sorted(heads), praise))


def _against(evidence: GateEvidence, policy: GatePolicy) -> Sequence[str]:
    """What speaks against the challenger beside its figures."""
    found = [f"it has no {head} head: {reason}" for head, reason in evidence.missing.items()]
    if max((evidence.rows.get(name, 0) for name in ("golden", "newest")), default=0) < policy.fewest_rows:
        golden, newest = (evidence.rows.get(name, 0) for name in ("golden", "newest"))
        found.append(
            f"too few rows judge it: {golden} of the golden set and {newest} new labelled tickets, where "
            f"{policy.fewest_rows} of either are needed"
        )
    for head, changed in evidence.changed.items():
        if changed.share > policy.changed and not _is_for_the_better(head, evidence.figures):
            found.append(
                f"it answers the {head} of {changed.share:.0%} of {changed.tickets:,} recent tickets otherwise, where "
                f"{policy.changed:.0%} is allowed and no new label says that it is right"
            )
    fewer, more = evidence.taught
    grown = max(more / fewer, 1.0) if fewer else 1.0  # who learned from twice as many tickets knows twice as many
    for (before, now), allowed, least, what, unit in (
        (evidence.milliseconds, policy.slower, policy.fast_enough, "takes", "ms a ticket"),
        (evidence.megabytes, policy.larger * grown, 0.0, "has", "MB"),
    ):
        if before and now > max(allowed * before, least):
            found.append(
                f"it {what} {now:.3g} {unit}, {now / before:.1f} times the champion's; {allowed:.3g} times is allowed"
            )
    return found


def _is_for_the_better(head: Head, figures: Sequence[Figure]) -> bool:
    """Whether new labels say so of what a head answers otherwise: by a proof, or people who were asked about just that.

    The limit is a fuse against a version gone astray, not a demand for a proof of each head: where people, asked by
    chance, name the challenger's answers more often than the champion's, it holds.
    """
    return any(
        (one.is_better or (one.tally is not None and one.tally.challenger > one.tally.champion))
        for one in figures
        if one.head == head and one.name == "accuracy" and not one.where and one.on in _NOW
    )


def _worse_ones(figures: Sequence[Figure], policy: GatePolicy) -> list[Figure]:
    """What is surely worse: a head's main figure at all, on all rows together; any other by more than its margin."""
    main = [figure for figure in figures if figure.on == "both" and figure.loss > policy.margin(figure.name)]
    others = [figure for figure in figures if figure.on != "both" and not math.isnan(figure.loss)]
    heads = sum(figure.on == "both" for figure in figures)
    found = [figure for figure in main if _chance(figure, 0.0) <= ALPHA / heads]
    worse = _surely([_chance(figure, policy.margin(figure.name, figure.where)) for figure in others])
    return [*found, *(figure for place, figure in enumerate(others) if place in worse)]


def _better_ones(figures: Sequence[Figure]) -> list[Figure]:
    """What is surely better, of a head's main figure and of what people told: corrected for how many could seem so."""
    proofs = [figure for figure in figures if figure.on in _PROVING]
    chances = [_chance(replace(one, champion=one.challenger, challenger=one.champion), 0.0) for one in proofs]
    return [proofs[place] for place in sorted(_surely(chances))]


def _looks_worse(figure: Figure, figures: Sequence[Figure], policy: GatePolicy) -> bool:
    """Whether a head seems worse by more than its margin, be it by chance: by `figure` and what people told, pooled.

    Each counts as precisely as it is known (inverse variances): who was asked, was asked about other tickets.
    """
    asked = [one for one in figures if one.on == "differing" and one.head == figure.head]
    known = [(one.loss, (one.high - one.low) ** -2) for one in (figure, *asked) if one.high > one.low]
    weights = sum(weight for _, weight in known)
    pooled = sum(loss * weight for loss, weight in known) / weights if known else figure.loss
    return pooled > policy.margin(figure.name)


def _surely(chances: Sequence[float]) -> set[int]:
    """The places of the p-values that hold together at `ALPHA`.

    Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics (1979).
    """
    found = set()
    for rank, place in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        if chances[place] > ALPHA / (len(chances) - rank):
            break
        found.add(place)
    return found


def _chance(figure: Figure, margin: float) -> float:
    """How likely so great a loss is where the challenger is worse by no more than `margin`: a normal approximation."""
    error = (figure.high - figure.low) / (2 * _Z)
    if math.isnan(error):
        return 1.0
    beyond = figure.loss - margin
    if error <= 0:
        return 0.0 if beyond > 0 else 1.0
    return 0.5 * math.erfc(beyond / error / math.sqrt(2))


def _is_harmless(figure: Figure, policy: GatePolicy) -> bool:
    """Whether more than its margin can be ruled out."""
    margin = policy.margin(figure.name)
    return not figure.low <= -margin  # where nothing is known there is nothing to rule out


def _is_outdone(figure: Figure, figures: Sequence[Figure]) -> bool:
    """Whether something better on the newest tickets makes up for it.

    For a loss on old tickets the same figure, for then they are out of date. For a smaller share applied by itself that
    more answers are right: who has learned that the desk has changed is sure of less until there is evidence again.
    """
    better = {
        one.name for one in figures if one.is_better and one.on in _NOW and one.head == figure.head and not one.where
    }
    if figure.name == "coverage" and "accuracy" in better:
        return True
    return figure.on in ("golden", "both") and figure.name in better
