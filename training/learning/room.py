"""Room for a label that no row has: how much more it must count for its tickets to be answered with it.

A description is never as near to a ticket as other tickets are: a new queue would hardly ever be answered. Knows
scores and label codes, neither descriptions nor tickets.
"""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.heads import Blend, Members, add_up

__all__ = ["make_room"]

Codes = NDArray[np.int64]

_TURNED: Final = 0.002  # of the rows that are answered rightly: what all new labels together may take of them
_MOST_ROOM: Final = 4.0  # log-odds; with more, a ticket that is like no label's would be a new label's


def make_room(how: Blend, members: Members, codes: Codes, new: Codes) -> Blend:
    """`how` with a bias for each label in `new`: the largest that turns no more than one right answer in 500.

    members: scores of rows that no member saw, shape (n, labels) each. codes: shape (n,), their labels, none of `new`.
    """
    if not len(new):
        return how
    scores = add_up(how, members, risk=False)
    known = np.delete(np.arange(scores.shape[1]), new)
    best = scores[:, known].max(axis=1)
    right = np.flatnonzero(known[scores[:, known].argmax(axis=1)] == codes)
    if not len(right):
        return how
    ahead = np.quantile(best[right, np.newaxis] - scores[right][:, new], _TURNED / len(new), axis=0)
    bias = how.bias.copy()
    bias[new] += np.clip(ahead, 0.0, _MOST_ROOM)
    return replace(how, bias=bias)
