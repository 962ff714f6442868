"""How much a ticket's facts count beside its text, for one head: tried on rows that the trial did not learn from.

Twenty facts that say nothing of the queue drown a short text; where there is no text, facts are all there is. Knows
matrices and label codes, not tickets.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from desk.heads import RISK_HEADS, Head
from training.evidence.formulas import auroc
from training.learning.members import fit_linear, linear_member_scores
from training.learning.rows import Rows

__all__ = ["EMPHASES", "choose_emphasis"]

Codes = NDArray[np.int64]

EMPHASES: Final = (0.5, 1.0, 2.0)
MOST_ROWS: Final = 6_000
"""The newest rows that the trial is made on: enough to tell halves from doubles."""


def choose_emphasis(head: Head, rows: Rows, codes: Codes, labels: int, tick: Callable[[], object]) -> float:
    """The one of `EMPHASES` that answers best; 1 where there are no facts, or too few rows to tell.

    rows, codes: in order of time where there is time, shape (n, width) and (n,). Two thirds of the last `MOST_ROWS`
    teach, every third is answered: by the mean reciprocal rank of the true label, since the answer is shown with those
    that come next, or by AUROC of a risk head. `tick` is called len(EMPHASES) times.
    """
    newest = np.arange(max(len(codes) - MOST_ROWS, 0), len(codes))
    asked, taught = newest[::3], np.delete(newest, np.s_[::3])
    no_facts = rows.sparse.shape[1] == rows.text
    if no_facts or len(set(codes[asked].tolist())) < 2 or len(set(codes[taught].tolist())) < 2:
        for _ in EMPHASES:
            tick()
        return 1.0
    worth = {}
    for facts in EMPHASES:
        member = fit_linear(head, rows.take(taught), codes[taught], labels, lambda: None, facts=facts)
        scores, _ = linear_member_scores(member, rows.take(asked), text=False)
        if head in RISK_HEADS:
            worth[facts] = auroc(codes[asked] == 1, scores[:, 0])
        else:
            worth[facts] = _reciprocal_rank(scores, codes[asked])
        tick()
    return max(worth, key=lambda facts: (worth[facts], -abs(np.log2(facts))))


def _reciprocal_rank(scores: NDArray[np.float64], codes: Codes) -> float:
    """The mean of one over the true label's rank among all (MRR; Voorhees, 1999). scores: shape (n, labels)."""
    true = scores[np.arange(len(codes)), codes][:, np.newaxis]
    return float((1 / (1 + (scores > true).sum(axis=1))).mean())
