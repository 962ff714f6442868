"""A version that `train` makes beside the champion, on the held-out rows that neither of them learned from.

The version that goes out has learned from the held-out rows by then: its elder twin, which learned in the same way from
the others, speaks for it. The gate is not asked and nobody is promoted; what its margins say of these rows is told.
Knows neither jobs nor journals.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from desk.demands import Demands
from desk.gate import Judgement, judged
from desk.gate_evidence import Figure, GateEvidence
from desk.gate_policy import GatePolicy
from desk.heads import Head
from desk.outcome import ResolvedTicket
from desk.taxonomy import NO_CHANGES, Taxonomy
from models.version import Version
from training.evidence.comparison import Comparison, labelled_rows
from training.evidence.held_out import HeldOut
from training.gate.figures import figures_of, proof_of
from training.gate.sides import Pair, Speaker, pair_of, speaker_of
from training.progress import Progress

__all__ = ["Against", "Rival", "against_champion"]

FEWEST_ROWS: Final = 50
"""Rows that neither learned from, below which nothing is compared."""

MOST_ROWS: Final = 2_000
"""The newest of them: so many tell two versions apart, and more would take longer to score than to say."""


@dataclass(frozen=True, slots=True)
class Rival:
    """The champion that answers now. learned: ids of the tickets that taught it.

    version: None where it cannot be compared, for it cannot be read or what taught it is not known; `why_not` says why.
    """

    name: str
    version: Version | None
    learned: Collection[str]
    demands: Demands
    policy: GatePolicy
    taxonomy: Taxonomy = NO_CHANGES
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Against:
    """The comparison with version `champion`. evidence and judgement: None where there is none, and `why_not` says why.

    left_out: held-out rows that the champion has learned from.
    """

    champion: str
    evidence: GateEvidence | None = None
    judgement: Judgement | None = None
    why_not: str = ""
    left_out: int = 0


def against_champion(
    rival: Rival, comparison: Comparison, held_out: Mapping[Head, HeldOut], progress: Progress
) -> Against:
    """Champion and new version on the same held-out rows. held_out: what the elder twin said, as in `judge_beside`."""
    if rival.version is None:
        return Against(rival.name, why_not=rival.why_not)
    unseen = {row.ticket.id for row in comparison.asked if row.ticket.id not in rival.learned}
    left_out = len(comparison.asked) - len(unseen)
    if len(unseen) < FEWEST_ROWS:
        why = f"of {len(comparison.asked):,} held-out tickets it has learned from all but {len(unseen):,}"
        return Against(rival.name, why_not=why, left_out=left_out)
    newest = [row for row in comparison.asked if row.ticket.id in unseen][-MOST_ROWS:]
    progress.stage(f"Comparing with version {rival.name} on tickets that taught neither", len(newest))
    said = speaker_of(rival.version, newest, rival.demands, progress.step, taxonomy=rival.taxonomy)
    pairs = [pair for head, one in held_out.items() if (pair := _pair(head, one, comparison, newest, said)) is not None]
    evidence = GateEvidence(
        rows={"newest": max((len(pair.truth) for pair in pairs), default=0)},
        figures=tuple(_figures(pairs, comparison.priority_order)),
        missing={head: "it was not learned" for head in rival.version.heads if head not in held_out},
    )
    return Against(rival.name, evidence, judged(evidence, rival.policy), left_out=left_out)


def _figures(pairs: Sequence[Pair], order: Sequence[str]) -> list[Figure]:
    found = [figure for pair in pairs for figure in figures_of(pair, "newest", order)]
    return [*found, *(proof_of([pair]) for pair in pairs)]


def _pair(
    head: Head, held_out: HeldOut, comparison: Comparison, newest: Sequence[ResolvedTicket], said: Speaker
) -> Pair | None:
    """Both on those of the newest rows that have a label of `head`."""
    place = {comparison.asked[one].ticket.id: row for row, one in enumerate(labelled_rows(comparison.asked, head))}
    rows = [(number, row) for number, row in enumerate(newest) if row.ticket.id in place]
    if not rows or head not in said.labels:
        return None
    contract = comparison.contracts.get(head)
    places = [place[row.ticket.id] for _, row in rows]
    twin = Speaker(
        {head: held_out.labels},
        {head: held_out.probabilities[places]},
        {head: held_out.answered[places]},
        {} if contract is None else {head: contract},
    )
    return pair_of(head, [row for _, row in rows], said.take([number for number, _ in rows]), twin)
