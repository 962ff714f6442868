"""Held-out rows as the evidence that travels with a version. Knows neither demands nor how the rows were scored.

A few numbers have seen the rows all the same: a head's blend (weights, a curve, a bias a label) is fitted to them. That
is some ten numbers and one a label, drawn to nought where rows are few, against hundreds of rows a label; what it costs
is in what `python -m benchmarks.contracts` finds on rows that nothing saw.
"""

import numpy as np

from desk.evidence import HAPPENED, Answered
from desk.heads import RISK_HEADS
from desk.prediction import DECIMALS
from training.evidence.held_out import HeldOut

__all__ = ["evidence_of"]


def evidence_of(held_out: HeldOut) -> dict[str, Answered]:
    """Label -> the rows that were answered with it, the surest first; a risk head's rows all stand under `HAPPENED`.

    Rows whose true label the head does not know are misses. Probabilities are rounded as they are answered.
    """
    if held_out.head in RISK_HEADS:
        return {HAPPENED: _falling(held_out.probabilities[:, 1], np.equal(held_out.truth, 1))}
    answered, sure, hit = held_out.answered, held_out.confidence, held_out.hit
    return {
        held_out.labels[column]: _falling(sure[answered == column], hit[answered == column])
        for column in np.unique(answered)
    }


def _falling(probabilities: np.ndarray, hits: np.ndarray) -> Answered:
    order = np.argsort(-probabilities, kind="stable")
    rounded = [round(one, DECIMALS) for one in probabilities[order].tolist()]
    return Answered(tuple(rounded), tuple(hits[order].tolist()))
