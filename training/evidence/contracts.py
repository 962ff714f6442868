"""Held-out rows as the evidence that travels with a version, and as the judges of contracts from other evidence.

Knows neither how the rows were scored nor which the judges are.

A few numbers have seen the rows all the same: a head's blend (weights, a curve, a bias a label) is fitted to them. That
is some ten numbers and one a label, drawn to nought where rows are few, against hundreds of rows a label; what it costs
is in what `python -m benchmarks.contracts` finds on rows that nothing saw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desk.demands import Demands
from desk.evidence import HAPPENED, Answered, Evidence
from desk.heads import RISK_HEADS, Head
from desk.modes import terms_of
from desk.prediction import published
from training.evidence.held_out import HeldOut

__all__ = ["HeadContract", "applied", "applied_by", "evidence_of", "head_contracts"]


@dataclass(frozen=True, slots=True)
class HeadContract:
    """What holds for one head. demand: of its labels, unless they have their own. thresholds: by label, as proven."""

    demand: float
    thresholds: Mapping[str, float]


def head_contracts(evidence: Evidence, demands: Demands) -> dict[Head, HeadContract]:
    """The contracts that `evidence` proves, of every head that chooses a label.

    Rows that judge a contract must not be among those that proved it: they would find it kept.
    """
    thresholds = terms_of(evidence, demands).thresholds
    return {head: HeadContract(demand.default, thresholds[head]) for head, demand in demands.heads.items()}


def applied(held_out: HeldOut, contract: HeadContract) -> NDArray[np.bool_]:
    """Shape (n,): the rows that would be applied by themselves."""
    return applied_by(contract, held_out.labels, held_out.answered, held_out.confidence)


def applied_by(
    contract: HeadContract, labels: Sequence[str], answered: NDArray[np.int64], sure: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Shape (n,): the answers that would be applied by themselves, by their columns in `labels` and how probable."""
    least = [contract.thresholds.get(label, np.inf) for label in labels]
    told = np.array([published(one) for one in sure.tolist()])
    return np.asarray(told >= np.array(least)[answered], dtype=np.bool_)


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
    return Answered(tuple(map(published, probabilities[order].tolist())), tuple(hits[order].tolist()))
