"""What labels that the members knew little of, when they scored the newest rows, may owe to having been missed there.

The blend that goes out learns from the newest rows as an elder twin scored them, and serves members that have learned
from those rows as well. A label that grew in between scored low for want of rows, not of bias: were both made up for,
its tickets would be answered too surely, and others with it. Knows counts of rows, neither members nor tickets.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.heads import Blend

__all__ = ["fair_rises"]

Codes = NDArray[np.int64]


def fair_rises(how: Blend, elder: Blend, before: Codes, now: Codes) -> Blend:
    """`how` with each label's bias no more above `elder`'s than by the share of its rows that the elder had known.

    before, now: shape (labels,), rows of each label that taught the elder's members and that teach those that go out.
    """
    known = before / np.maximum(now, 1)
    rise = how.bias - elder.bias
    return replace(how, bias=np.where(rise > 0, elder.bias + known * rise, how.bias))
