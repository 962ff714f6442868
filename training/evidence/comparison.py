"""Heads judged on the same rows, beside baselines that learned from the same history: what they have in common.

Knows neither how a head answers nor where the evidence goes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desk.demands import Demands
from desk.evidence import Evidence
from desk.heads import Head, label_of
from desk.outcome import ResolvedTicket
from training.evidence import baselines
from training.evidence.contracts import HeadContract, head_contracts
from training.evidence.held_out import HeldOut
from training.evidence.judging import HeadEvidence, judge
from training.evidence.learning_curve import Curve, learning_curve
from training.evidence.slices import groups_of
from training.evidence.worst_errors import worst_errors

__all__ = ["Comparison", "comparison_of", "curve_beside", "judge_beside", "labelled_rows"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """taught: the rows that heads and baselines learned from; asked: those that judge them.

    groups: what each asked row belongs to, by dimension. scores: the multi-factor score of each asked row.
    """

    taught: Sequence[ResolvedTicket]
    asked: Sequence[ResolvedTicket]
    design: baselines.Design
    groups: Mapping[str, Sequence[str]]
    scores: NDArray[np.float64]
    priority_order: Sequence[str]
    demands: Demands
    contracts: Mapping[Head, HeadContract]


def comparison_of(
    taught: Sequence[ResolvedTicket],
    asked: Sequence[ResolvedTicket],
    *,
    scores: NDArray[np.float64],
    priority_order: Sequence[str],
    demands: Demands,
    evidence: Evidence,
) -> Comparison:
    """What every head is judged with; the costly parts are made once.

    evidence: what contracts are proven by; none of it may come from `asked`.
    """
    tickets = [row.ticket for row in asked]
    design = baselines.design([row.ticket for row in taught], tickets)
    contracts = head_contracts(evidence, demands)
    return Comparison(taught, asked, design, groups_of(tickets), scores, priority_order, demands, contracts)


def judge_beside(comparison: Comparison, held_out: HeldOut) -> HeadEvidence:
    """Judge one head; `held_out` has the asked rows that have its label, in their order."""
    head, order = held_out.head, comparison.priority_order if held_out.head == "priority" else ()
    given = [label_of(row.outcome, head) for row in comparison.taught]
    truth = [label_of(row.outcome, head) for row in comparison.asked]
    labelled = labelled_rows(comparison.asked, head)
    return judge(
        held_out,
        baselines.beside(head, comparison.design, given, truth, scores=comparison.scores, order=order),
        priority_order=order,
        true_labels={label for label in truth if label is not None},
        taught=Counter(label for label in given if label is not None),
        groups={by: [values[place] for place in labelled] for by, values in comparison.groups.items()},
        capacity=comparison.demands.review_capacity,
        contract=comparison.contracts.get(head),
        worst=worst_errors(held_out, [comparison.asked[place].ticket.id for place in labelled]),
    )


def curve_beside(comparison: Comparison, evidence: HeadEvidence, *, by_time: bool) -> Curve:
    """The learning curve of a head that was judged. by_time: whether the taught rows are in order of time."""
    head = evidence.held_out.head
    given, truth = ([label_of(row.outcome, head) for row in rows] for rows in (comparison.taught, comparison.asked))
    whole = evidence.beside["linear"]
    return learning_curve(evidence.held_out, comparison.design, given, truth, whole, by_time=by_time)


def labelled_rows(rows: Sequence[ResolvedTicket], head: Head) -> list[int]:
    """The places of the rows that have a label of `head`."""
    return [place for place, row in enumerate(rows) if label_of(row.outcome, head) is not None]
