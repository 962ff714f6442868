"""Learning how a risk follows what is written since the opening: a logistic regression on snapshots of growing tickets.

It learns beside the opening's log-odds by members that had not seen the ticket, so that it knows how far these can be
trusted. Knows matrices and label codes, neither how openings are learned nor where a version is kept.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit

from desk.heads import Head
from features.vocabulary import fit_vocabulary
from models.growth import Growth, basis_of
from training.evidence.growing import HeldOutGrowth
from training.learning.snapshots import Snapshots

__all__ = ["FEWEST_TICKETS", "Growing", "Lesson", "Tried", "choose_strength", "fit_growth", "log_odds", "try_growth"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

FEWEST_TICKETS: Final = 200
"""Tickets with a snapshot, below which a thread's words are told apart by chance."""

_FEWEST_OF_EITHER: Final = 20  # tickets that came true, and that did not
_LEAST_TICKETS: Final = 10  # that have an n-gram before it counts
_MOST_GRAMS: Final = 20_000
_STRENGTHS: Final = (0.01, 0.2)  # of scikit-learn's C: a risk that words tell of wants more
_CONSTANT: Final = 1e-6  # a number that varies less is one that was rounded
_WORD_SCALE: Final = 0.3  # what an n-gram in a message counts beside a number's standard deviation
_TOLERANCE: Final = 1e-3  # 1e-4 ranks no better and takes twice as long, 1e-2 ranks worse


@dataclass(frozen=True)
class Growing:
    """The snapshots of a history with all that one head learns from them, of every row in the history's order.

    openings: shape (n,), the opening's log-odds by members that had not seen the ticket, NaN where there are none.
    told: shape (s,), what the linear member makes of the customer's words. codes: shape (n,), -1 for a row without a
    label. counts: shape (n,), what each row counts.
    """

    snapshots: Snapshots
    openings: Floats
    told: Floats
    codes: Codes
    counts: Floats

    def of(self, rows: Codes, before: float = np.inf) -> "Lesson":
        """As learning takes them: snapshots of `rows` with a label and log-odds, from `before` a moment."""
        owners = self.snapshots.owners
        usable = np.isin(owners, rows) & (self.codes[owners] >= 0) & ~np.isnan(self.openings[owners])
        places = np.flatnonzero(usable & (self.snapshots.moments < before))
        owners = owners[places]
        openings, codes, counts = self.openings[owners], self.codes[owners], self.counts[owners]
        return Lesson(self.snapshots.take(places), openings, self.told[places], codes, counts)


@dataclass(frozen=True)
class Lesson:
    """Snapshots to learn from or to ask; all of shape (s,) and as in `Growing`, of each snapshot."""

    snapshots: Snapshots
    openings: Floats
    told: Floats
    codes: Codes
    counts: Floats

    def take(self, places: Codes) -> "Lesson":
        """The snapshots at `places`."""
        openings, told = self.openings[places], self.told[places]
        return Lesson(self.snapshots.take(places), openings, told, self.codes[places], self.counts[places])


@dataclass(frozen=True)
class Tried:
    """strength: with which a head learns from growing tickets. held_out: what came of it on rows that judge."""

    strength: float
    held_out: HeldOutGrowth


def try_growth(head: Head, growing: Growing, taught: Codes, judged: Codes, before: float) -> Tried | None:
    """Learn from snapshots of the `taught` rows, those from `before` a moment, and ask those of the `judged` rows.

    None where there are too few to learn from, or where it does not pay.
    """
    given, asked = growing.of(taught, before), growing.of(judged)
    strength = choose_strength(given)
    if strength is None:
        return None
    now = expit(log_odds(fit_growth(given, strength), asked))
    return Tried(strength, HeldOutGrowth(head, asked.snapshots.counts, asked.codes == 1, expit(asked.openings), now))


def choose_strength(lesson: Lesson) -> float | None:
    """The strength with which each half of the tickets tells the other best.

    None where their openings tell it better, or where there are too few tickets.
    """
    firsts, groups = np.unique(lesson.snapshots.owners, return_index=True, return_inverse=True)[1:]
    true = int(np.count_nonzero(lesson.codes[firsts] == 1))
    if len(firsts) < FEWEST_TICKETS or min(true, len(firsts) - true) < _FEWEST_OF_EITHER:
        return None
    losses: dict[float | None, float] = {None: _loss(lesson, lesson.openings)}
    for strength in _STRENGTHS:
        scores = np.zeros(len(groups))
        for side in (groups % 2 == 0, groups % 2 == 1):
            growth = fit_growth(lesson.take(np.flatnonzero(side)), strength)
            asked = np.flatnonzero(~side)
            scores[asked] = log_odds(growth, lesson.take(asked))
        losses[strength] = _loss(lesson, scores)
    return min(losses, key=losses.__getitem__)


def fit_growth(lesson: Lesson, strength: float) -> Growth:
    """Learn from snapshots of both labels; strength is scikit-learn's C."""
    from sklearn.linear_model import LogisticRegression

    snapshots = lesson.snapshots
    hashes = _vocabulary(snapshots)
    low, high = snapshots.measures.min(axis=0), snapshots.measures.max(axis=0)
    numbers = basis_of(snapshots.measures, lesson.openings, lesson.told)
    varies = np.ptp(numbers, axis=0) > _CONSTANT
    centre, spread = numbers.mean(axis=0), np.where(varies, numbers.std(axis=0), 1.0)
    words = _words(hashes, snapshots) * _WORD_SCALE
    matrix = sparse.hstack((sparse.csr_matrix((numbers - centre) / spread), words), format="csr")
    model = LogisticRegression(C=strength, tol=_TOLERANCE, max_iter=1_000)
    model.fit(matrix, lesson.codes == 1, sample_weight=lesson.counts / lesson.counts.mean())
    weights = np.where(varies, model.coef_[0, : numbers.shape[1]] / spread, 0.0)
    intercept = float(model.intercept_[0] - weights @ centre)
    return Growth(hashes, model.coef_[0, numbers.shape[1] :] * _WORD_SCALE, weights, intercept, low, high)


def log_odds(growth: Growth, lesson: Lesson) -> Floats:
    """The log-odds of every snapshot, shape (s,)."""
    measures = np.clip(lesson.snapshots.measures, growth.low, growth.high)
    numbers = basis_of(measures, lesson.openings, lesson.told) @ growth.numbers
    return np.asarray(numbers + _words(growth.hashes, lesson.snapshots) @ growth.words + growth.intercept)


def _vocabulary(snapshots: Snapshots) -> NDArray[np.uint64]:
    """N-grams that enough tickets have, by each ticket's last snapshot."""
    lasts = np.flatnonzero(np.diff(snapshots.owners, append=-1))
    said = (snapshots.grams[place] for place in lasts.tolist())
    return fit_vocabulary(said, least_tickets=_LEAST_TICKETS, most=_MOST_GRAMS).hashes


def _words(hashes: NDArray[np.uint64], snapshots: Snapshots) -> sparse.csr_matrix:
    """In how many messages of a snapshot each n-gram stands, shape (s, v)."""
    ends = np.cumsum([0, *map(len, snapshots.grams)])
    said = np.concatenate(snapshots.grams) if len(snapshots) else np.empty(0, np.uint64)
    rows = np.repeat(np.arange(len(snapshots)), np.diff(ends))
    if not len(hashes):
        return sparse.csr_matrix((len(snapshots), 0))
    places = np.minimum(hashes.searchsorted(said), len(hashes) - 1)
    known = hashes[places] == said
    ones = np.ones(int(known.sum()))
    return sparse.csr_matrix((ones, (rows[known], places[known])), shape=(len(snapshots), len(hashes)))


def _loss(lesson: Lesson, scores: Floats) -> float:
    """The mean log-loss."""
    return float(np.average(np.logaddexp(0, np.where(lesson.codes == 1, -scores, scores)), weights=lesson.counts))
