"""A version judged on resolved tickets, beside the baselines refitted on what the version was trained on.

Knows neither files nor screens.
"""

from collections.abc import Callable, Sequence

import numpy as np

from desk.demands import Demands
from desk.heads import Head, label_of
from desk.outcome import ResolvedTicket
from desk.taxonomy import NO_CHANGES, Taxonomy
from desk.taxonomy_setting import demands_today
from features.encoding import encode, read
from models.queue_names import QueueNames, evidence_today, names_of
from models.scoring import probabilities_of
from models.version import Version
from training.evidence import baselines
from training.evidence.comparison import comparison_of, judge_beside
from training.evidence.factors import judge_factors
from training.evidence.held_out import HeldOut
from training.evidence.judging import HeadEvidence

__all__ = ["evaluate", "held_out_by"]


def evaluate(
    version: Version,
    rows: Sequence[ResolvedTicket],
    trained_on: Sequence[ResolvedTicket],
    *,
    priority_order: Sequence[str],
    demands: Demands,
    tick: Callable[[], object],
    taxonomy: Taxonomy = NO_CHANGES,
) -> dict[Head, HeadEvidence]:
    """Evidence of each head that has a label among `rows`, in the order of the version's heads.

    trained_on: the history of the version, from which the baselines learn. demands: what the desk demands of contracts;
    the version's own evidence proves them, so `rows` must be none that it learned from. `tick` is called after each
    ticket. taxonomy: the records that both have been read through; the version is judged by the queues of today.
    """
    names = names_of(version, taxonomy)
    judged = held_out_by(version, rows, names, tick)
    asked = rows if "priority" in version.heads else ()  # the score is a baseline of the priority alone
    comparison = comparison_of(
        trained_on,
        rows,
        scores=judge_factors(version.factors, version.encoder, asked, priority_order).scores,
        priority_order=priority_order,
        demands=demands_today(demands, taxonomy),
        evidence=evidence_today(version, names),
    )
    return {head: judge_beside(comparison, one) for head, one in judged.items() if len(one.truth)}


def held_out_by(
    version: Version,
    rows: Sequence[ResolvedTicket],
    names: QueueNames | None = None,
    tick: Callable[[], object] = lambda: None,
) -> dict[Head, HeldOut]:
    """What a version says of rows that it never learned from, per head of those with a label; `tick` after each."""
    answers: dict[Head, list[np.ndarray]] = {head: [] for head in version.heads}
    for row in rows:
        for head, probabilities in probabilities_of(version, encode(version.encoder, read(row.ticket))).items():
            answers[head].append(probabilities)
        tick()
    return {head: _held_out(version, head, np.array(answers[head]), rows, names) for head in version.heads}


def _held_out(
    version: Version, head: Head, answers: np.ndarray, rows: Sequence[ResolvedTicket], names: QueueNames | None
) -> HeldOut:
    """What the version said of the rows that have a label."""
    truth = [label_of(row.outcome, head) for row in rows]
    labels, favour = version.heads[head].labels, version.heads[head].favour
    if head == "queue" and names is not None and len(answers):
        labels, favour, answers = names.queues, names.favour, names.columns(answers)
    labelled = np.flatnonzero([label is not None for label in truth])
    return HeldOut(head, labels, baselines.truth_columns(labels, truth), answers[labelled], favour)
