"""Contracts: from which probability on a label's precision is proven to be what the desk demands.

A threshold is the lowest probability at which held-out evidence still proves the demand, by a bound that holds for any
number of rows. Knows neither versions nor where demands are set, and nothing of what is done with a threshold.

What it cannot know: evidence speaks of tickets like those it was made of. Where tickets drift, precision falls below
the demand though the bound was right at the time, until a training brings newer evidence; and each label's bound fails
on its own in up to `DELTA` of all trainings, so among many labels some threshold may well be too low.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from operator import neg
from typing import Final

from scipy.special import bdtr

from desk.evidence import Answered

__all__ = ["DELTA", "rows_lacking", "share_from", "threshold_of"]

DELTA: Final = 0.05
"""The chance that a label's threshold is too low, at most."""


def threshold_of(answered: Answered, demand: float, delta: float = DELTA) -> float | None:
    """The lowest probability from which on the label is right in at least `demand` of its answers, or None.

    demand: between 0 and 1, both excluded. The statement holds with confidence 1 - `delta`: given the probabilities of
    the evidence, the chance is at most `delta` that the rows from the threshold on are, in the mean, right less often.

    The rows from a probability on prove the demand where Clopper and Pearson's (1934) lower bound of their precision
    reaches it. Many such sets are tried without paying for each, by fixed-sequence testing (Bauer, 1991; Angelopoulos
    and others, "Learn then Test", 2021): from a first set downwards, row by row, to the first that proves nothing. The
    order may depend on anything but the hits. So the first set is the one that is likeliest to pass if probabilities
    mean what they say: a start with too few rows fails at its first miss, one with too many at its doubtful rows.
    """
    ends = _ends(answered.probabilities)
    allowed = _misses_allowed(1 << len(answered.hits).bit_length(), demand, delta)
    start = _likeliest(answered.probabilities, ends, allowed)
    missed = list(accumulate((not hit for hit in answered.hits), initial=0))
    proven = None
    for end in ends[start:]:
        if missed[end] > allowed[end]:
            break
        proven = answered.probabilities[end - 1]
    return proven


def rows_lacking(answered: Answered, demand: float, delta: float = DELTA) -> int:
    """How many more rows, all answered right, a label without a threshold needs for one; at least 1.

    A label without a miss needs log(`delta`) / log(`demand`) rows: 59 for 0.95, 74 for 0.96, 99 for 0.97.
    """
    missed = list(accumulate((not hit for hit in answered.hits), initial=0))
    lacking = _rows_needed(0, demand, delta)
    for end in _ends(answered.probabilities):
        lacking = min(lacking, _rows_needed(missed[end], demand, delta) - end)
    return max(lacking, 1)


def share_from(answered: Answered, threshold: float | None) -> float:
    """The share of the label's answers that lie at or above `threshold`; 0 where there is no threshold or no row."""
    if threshold is None or not len(answered.probabilities):
        return 0.0
    return bisect_right(answered.probabilities, -threshold, key=neg) / len(answered.probabilities)


def _ends(probabilities: Sequence[float]) -> list[int]:
    """Counts of rows, from the surest on, that do not part rows of equal probability."""
    size = len(probabilities)
    return [end for end in range(1, size + 1) if end == size or probabilities[end - 1] != probabilities[end]]


def _likeliest(probabilities: Sequence[float], ends: Sequence[int], allowed: Sequence[int]) -> int:
    """The place in `ends` of the set that is likeliest to pass; the length of `ends` where none can.

    The misses expected among a set's rows are those that its probabilities tell. That their number is binomial is a
    little pessimistic for rows of unequal chances (Hoeffding, 1956), which moves the start, never the bound.
    """
    first = next((place for place, end in enumerate(ends) if allowed[end] >= 0), len(ends))
    tried = ends[first:]
    if not tried:
        return first
    expected = list(accumulate((1 - one for one in probabilities), initial=0.0))
    chances = bdtr([allowed[end] for end in tried], tried, [expected[end] / end for end in tried])
    return first + int(chances.argmax())


@lru_cache(maxsize=64)  # one for every power of two and demand, not for every label
def _misses_allowed(rows: int, demand: float, delta: float) -> tuple[int, ...]:
    """For 0 to `rows` rows, how many may be misses where they shall prove `demand`; -1 where not even none would.

    Clopper and Pearson's lower bound at `rows` with m misses reaches the demand exactly where the chance of m misses or
    fewer, each with the chance 1 - demand, is at most `delta`. One more miss takes about as many more rows as the miss
    before it did, so that few numbers of rows are tried.
    """
    misses, first, gap = 0, _rows_needed(0, demand, delta), 0
    allowed = [-1] * first
    while len(allowed) <= rows:
        following = first + max(gap, 1)
        while bdtr(misses + 1, following, 1 - demand) > delta:
            following += 1
        while following > first + 1 and bdtr(misses + 1, following - 1, 1 - demand) <= delta:
            following -= 1
        gap = following - first
        allowed += [misses] * gap
        misses, first = misses + 1, following
    return tuple(allowed[: rows + 1])


@lru_cache(maxsize=4096)
def _rows_needed(misses: int, demand: float, delta: float) -> int:
    """The fewest rows that prove `demand` with this many misses among them."""
    least = most = misses + 1
    while bdtr(misses, most, 1 - demand) > delta:
        most *= 2
    proves = range(least, most)
    return least + bisect_left(proves, True, key=lambda rows: bool(bdtr(misses, rows, 1 - demand) <= delta))
