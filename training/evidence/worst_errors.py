"""A head's worst errors: wrong answers that were sure, the surest first.

Knows held-out rows and the ids of their tickets, never a text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from desk.heads import RISK_HEADS
from training.evidence.held_out import HeldOut
from training.evidence.metrics import UNKNOWN_LABEL

__all__ = ["MOST_ERRORS", "WorstError", "worst_errors"]

MOST_ERRORS: Final = 25


@dataclass(frozen=True, slots=True)
class WorstError:
    """truth: the label that the ticket has, answered: the one that the head gave, with `probability`.

    probability_of_truth: what it gave to the true label, nought for one that it does not know.
    """

    ticket_id: str
    truth: str
    answered: str
    probability: float
    probability_of_truth: float


def worst_errors(held_out: HeldOut, ids: Sequence[str], most: int = MOST_ERRORS) -> tuple[WorstError, ...]:
    """The `most` surest wrong answers; of equally sure ones the first row's goes first.

    ids: of the held-out rows' tickets, in their order. A risk head is wrong by the probability that it gave to what did
    not come about, whichever of the two its label is.
    """
    sure, answered = held_out.confidence, held_out.answered
    if held_out.head in RISK_HEADS:  # which rarely says that it happens: what happened unforeseen counts as well
        answered = 1 - held_out.truth
        sure = np.take_along_axis(held_out.probabilities, answered[:, np.newaxis], axis=1)[:, 0]
    wrong = np.flatnonzero(answered != held_out.truth)
    names = (*held_out.labels, UNKNOWN_LABEL)  # truth -1 is the last
    return tuple(
        WorstError(
            ticket_id=ids[row],
            truth=names[held_out.truth[row]],
            answered=names[answered[row]],
            probability=float(sure[row]),
            probability_of_truth=0.0
            if held_out.truth[row] < 0
            else float(held_out.probabilities[row, held_out.truth[row]]),
        )
        for row in wrong[np.argsort(-sure[wrong], kind="stable")][:most].tolist()
    )
