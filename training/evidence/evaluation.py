"""A version judged on resolved tickets, beside the baselines refitted on what the version was trained on.

Knows neither files nor screens.
"""

from collections.abc import Callable, Sequence

import numpy as np

from desk.demands import Demands
from desk.heads import Head, label_of
from desk.outcome import ResolvedTicket
from features.encoding import encode, read
from models.scoring import probabilities_of
from models.version import Version
from training.evidence import baselines
from training.evidence.contracts import head_contracts
from training.evidence.factors import judge_factors
from training.evidence.held_out import HeldOut
from training.evidence.judging import HeadEvidence, judge

__all__ = ["evaluate"]


def evaluate(
    version: Version,
    rows: Sequence[ResolvedTicket],
    trained_on: Sequence[ResolvedTicket],
    *,
    priority_order: Sequence[str],
    demands: Demands,
    tick: Callable[[], object],
) -> dict[Head, HeadEvidence]:
    """Evidence of each head that has a label among `rows`, in the order of the version's heads.

    trained_on: the history of the version, from which the baselines learn. demands: what the desk demands of contracts;
    the version's own evidence proves them, so `rows` must be none that it learned from. `tick` is called after each
    ticket.
    """
    answers: dict[Head, list[np.ndarray]] = {head: [] for head in version.heads}
    for row in rows:
        for head, probabilities in probabilities_of(version, encode(version.encoder, read(row.ticket))).items():
            answers[head].append(probabilities)
        tick()
    design = baselines.design([row.ticket for row in trained_on], [row.ticket for row in rows])
    asked = rows if "priority" in version.heads else ()  # the score is a baseline of the priority alone
    scores = judge_factors(version.factors, version.encoder, asked, priority_order).scores
    contracts = head_contracts(version.evidence, demands)
    return {
        head: judge(
            *_beside(version, head, np.array(answers[head]), design, scores, rows, trained_on, priority_order),
            priority_order=priority_order if head == "priority" else (),
            true_labels={label for row in rows if (label := label_of(row.outcome, head)) is not None},
            capacity=demands.review_capacity,
            contract=contracts.get(head),
        )
        for head in version.heads
        if any(label_of(row.outcome, head) is not None for row in rows)
    }


def _beside(
    version: Version,
    head: Head,
    answers: np.ndarray,
    design: baselines.Design,
    scores: np.ndarray,
    rows: Sequence[ResolvedTicket],
    trained_on: Sequence[ResolvedTicket],
    priority_order: Sequence[str],
) -> tuple[HeldOut, dict[str, HeldOut]]:
    """What the version said of the rows that have a label, and what the baselines did."""
    given = [label_of(row.outcome, head) for row in trained_on]
    truth = [label_of(row.outcome, head) for row in rows]
    labels = version.heads[head].labels
    labelled = np.flatnonzero([label is not None for label in truth])
    held_out = HeldOut(
        head, labels, baselines.truth_columns(labels, truth), answers[labelled], version.heads[head].favour
    )
    order = priority_order if head == "priority" else ()
    return held_out, baselines.beside(head, design, given, truth, scores=scores, order=order)
