"""Labels that are probably wrong, for people to look at: none is ever dropped for it.

Confident learning: a label is suspect where a version that did not learn from the row is surer of another label than it
usually is where that one is true. Source: Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in
dataset labels", JAIR 70 (2021), as cleanlab has it. Knows neither files nor where the list is shown.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from desk.heads import Head
from desk.outcome import ResolvedTicket
from training.evidence.held_out import HeldOut

__all__ = ["MOST_SUSPECTS", "Suspect", "suspects_of"]

MOST_SUSPECTS: Final = 1_000
"""A head's, the worst: nobody looks at more."""

_FEWEST: Final = 50  # rows: of fewer, what is usual is not known


@dataclass(frozen=True, slots=True)
class Suspect:
    """One label that is probably wrong. given: as history or feedback say it. likely: what the version would say.

    given_probability, likely_probability: how probable either is to a version that did not learn from the row. quality:
    between 0 and 1, the lower the more suspect.
    """

    ticket_id: str
    head: Head
    given: str
    likely: str
    given_probability: float
    likely_probability: float
    quality: float


def suspects_of(
    rows: Sequence[ResolvedTicket], unseen: Mapping[Head, tuple[NDArray[np.int64], HeldOut]]
) -> tuple[Suspect, ...]:
    """The suspect labels, the worst first, at most `MOST_SUSPECTS` a head.

    unseen: head -> places in `rows`, and what was said of these rows by members that had not seen them.
    """
    found = [one for head, (places, said) in unseen.items() for one in _suspects(head, rows, places, said)]
    return tuple(sorted(found, key=lambda one: (one.quality, one.head, one.ticket_id)))


def _suspects(head: Head, rows: Sequence[ResolvedTicket], places: NDArray[np.int64], said: HeldOut) -> list[Suspect]:
    there = np.flatnonzero(said.truth >= 0)
    truth, probabilities = said.truth[there], said.probabilities[there]
    labels = np.unique(truth)  # cleanlab wants every label to have a row
    if len(there) < _FEWEST or len(labels) < 2:
        return []
    given = np.searchsorted(labels, truth)
    among = probabilities[:, labels]
    among = among / np.maximum(among.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    worst, quality = _issues(given, among)
    return [
        Suspect(
            ticket_id=rows[places[there[place]]].ticket.id,
            head=head,
            given=said.labels[labels[given[place]]],
            likely=said.labels[labels[int(among[place].argmax())]],
            given_probability=round(float(among[place, given[place]]), 4),
            likely_probability=round(float(among[place].max()), 4),
            quality=round(float(quality[place]), 4),
        )
        for place in worst[:MOST_SUSPECTS].tolist()
    ]


def _issues(
    given: NDArray[np.int64], probabilities: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Places of suspect rows, the worst first, and the quality of every label."""
    os.environ.setdefault("TQDM_DISABLE", "1")  # its bars are not ours
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    worst = find_label_issues(
        given, probabilities, return_indices_ranked_by="normalized_margin", filter_by="confident_learning", n_jobs=1
    )
    quality = get_label_quality_scores(given, probabilities, method="normalized_margin")
    return np.asarray(worst, np.int64), np.asarray(quality, np.float64)
