"""Kinds of tickets that another label has now: which older labels no longer hold, found and proven on the newest rows.

A desk decides that lost authenticator codes are Security's from now on. Hundreds of older tickets say Access, and would
outvote for months the few that say otherwise since: concept drift of a region, as Gama and others have it (A Survey on
Concept Drift Adaptation, 2014). To count all older rows less costs more than it brings, for most of them still hold.
Here older rows are read with the label that their kind has now, where three things are true: of the newest rows that
are answered with the old label, far more have the new one than before; what tells these from the others also picks
older rows, and more of them than there are new ones; and with those read anew, the newest rows that had no part in it
are answered better.

What is read anew teaches and testifies to nothing. Knows matrices and label codes, neither tickets nor blends.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csr_matrix
from scipy.stats import binom

__all__ = ["Moved", "find_moved", "places_in", "read_anew"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
Sparse: TypeAlias = Callable[[Codes], csr_matrix]
"""What tells the rows at some places apart, shape (places, width): a copy of all rows would take too much room."""

_NEWEST: Final = (0.05, 0.1, 0.2)  # shares of the rows in which a kind's label may be new
_FEWEST: Final = 100  # rows of such a share
_FEWEST_MOVED: Final = 5  # rows with a new label: by as many as there are folds, each has one
_FEWEST_OF_EITHER: Final = 2  # of the newest, with the new label and with the old: one can be held out of them
_CHANCE: Final = 1e-3  # that so many rows have another label than the one answered; a proof follows
_MOST: Final = 12  # pairs of labels that are looked into, the least likely first: a second or two each
_STRENGTH: Final = 10.0  # scikit-learn's C: a kind is told by a few words
_SURE: Final = 0.8  # probability from which on an older row teaches what its kind is
_ROUNDS: Final = 5
_FOLDS: Final = 5
_MOST_OLDER: Final = 3_000  # the newest older rows of a label that say what its kinds are like
_ERRORS: Final = 2.0  # standard errors by which the proof's gain must be above nought
_SEED: Final = 1


@dataclass(frozen=True)
class Moved:
    """Rows labelled `was` whose kind is labelled `now`.

    places: of the older rows that are read anew. since: the place of the first of the newest rows that say so. newer:
    how many of these have the new label where the old one was answered. expected: how many would, were it as before.
    gain: by how much the log-loss of the newest rows of both labels falls, on the average; error: its standard error.
    """

    was: int
    now: int
    places: Codes
    since: int
    newer: int
    expected: float
    gain: float
    error: float


def find_moved(sparse_of: Sparse, codes: Codes, said: Codes, counts: Floats, labels: int) -> list[Moved]:
    """What moved, the least likely by chance first; no row is read anew twice.

    All in order of time. codes: shape (n,). said: shape (n,), the label that members answered which had not seen the
    row; -1 where none did. counts: shape (n,), what rows count.
    """
    found: list[Moved] = []
    free = np.ones(len(codes), np.bool_)
    for suspicion in sorted(_suspicions(codes, said, labels), key=lambda one: one.chance)[:_MOST]:
        one = _proven(suspicion, sparse_of, codes, said, counts, free)
        if one is not None:
            found.append(one)
            free[one.places] = False
    return found


def read_anew(codes: Codes, moved: Sequence[Moved]) -> Codes:
    """`codes` with the label that their kind has now for what moved."""
    read = codes.copy()
    for one in moved:
        read[one.places] = one.now
    return read


def places_in(moved: Sequence[Moved]) -> Codes:
    """The places of all rows that are read anew."""
    return np.concatenate([np.empty(0, np.int64), *(one.places for one in moved)])


@dataclass(frozen=True)
class _Suspicion:
    was: int
    now: int
    since: int
    newer: int
    expected: float
    chance: float


def _suspicions(codes: Codes, said: Codes, labels: int) -> Iterator[_Suspicion]:
    """Of each pair of labels the newest rows that are the least likely, by a binomial test against all older ones."""
    asked = said >= 0
    best: dict[tuple[int, int], _Suspicion] = {}
    for newest in (round(share * len(codes)) for share in _NEWEST):
        if newest < _FEWEST:
            continue
        since = len(codes) - newest
        older, newer = (_crossed(codes[rows][asked[rows]], said[rows][asked[rows]], labels) for rows in _sides(since))
        share = (older + 0.5) / (older.sum(axis=1, keepdims=True) + 1)
        expected = share * newer.sum(axis=1, keepdims=True)
        chance = binom.sf(newer - 1, newer.sum(axis=1, keepdims=True), share)
        for was, now in np.argwhere((chance < _CHANCE) & (newer >= _FEWEST_MOVED)).tolist():
            if was == now or ((was, now) in best and best[was, now].chance <= chance[was, now]):
                continue
            least, usual = float(chance[was, now]), float(expected[was, now])
            best[was, now] = _Suspicion(was, now, since, int(newer[was, now]), usual, least)
    yield from best.values()


def _sides(since: int) -> tuple[slice, slice]:
    return slice(None, since), slice(since, None)


def _crossed(codes: Codes, said: Codes, labels: int) -> Floats:
    """How many rows were answered with a label, and have another: shape (labels, labels)."""
    counted = np.bincount(said * labels + codes, minlength=labels * labels)
    return counted.reshape(labels, labels).astype(np.float64)


def _proven(
    suspicion: _Suspicion, sparse_of: Sparse, codes: Codes, said: Codes, counts: Floats, free: NDArray[np.bool_]
) -> Moved | None:
    was, now, since = suspicion.was, suspicion.now, suspicion.since
    places = np.arange(len(codes))
    newest = places[(places >= since) & (said == was) & ((codes == was) | (codes == now))]
    old, others = (places[(places < since) & (codes == label) & free] for label in (was, now))
    columns = np.unique(sparse_of(newest).indices)
    moved = int(np.count_nonzero(codes[newest] == now))
    if not len(old) or not len(columns) or min(moved, len(newest) - moved) < _FEWEST_OF_EITHER:
        return None
    recent, rivals = old[-_MOST_OLDER:], others[-_MOST_OLDER:]
    apart, *beside = (sparse_of(rows)[:, columns] for rows in (newest, recent, rivals))
    told = _Local(
        apart, beside[0], beside[1], codes[newest] == now, [counts[rows] for rows in (newest, recent, rivals)]
    )
    if told.first_picked() <= suspicion.newer:
        return None
    picked = old[_picked(told.kind(np.ones(len(newest), np.bool_)), sparse_of(old)[:, columns])]
    if len(picked) <= suspicion.newer:
        return None
    gains = told.gains()
    gain, error = float(gains.mean()), float(gains.std() / np.sqrt(len(gains)))
    if gain <= _ERRORS * error:
        return None
    return Moved(was, now, picked, since, suspicion.newer, suspicion.expected, gain, error)


@dataclass(frozen=True)
class _Local:
    """The rows that two labels contend for: the newest that were answered with the old one, and the older of both.

    has_moved: which of the newest have the new label. counts: what the rows of each count.
    """

    newest: csr_matrix
    old: csr_matrix
    others: csr_matrix
    has_moved: NDArray[np.bool_]
    counts: Sequence[Floats]

    def first_picked(self) -> int:
        """How many older rows are picked by what the newest say alone: a small part of what `kind` takes."""
        told = _logistic(balanced=True).fit(self.newest, self.has_moved)
        return int(np.count_nonzero(_picked(told, self.old)))

    def kind(self, taught: NDArray[np.bool_]) -> Any:
        """What tells the newest rows of the new label from those of the old, of those `taught` and older rows' texts.

        Older rows teach where they are told surely, whatever their label (self-training: Yarowsky, 1995).
        """
        from sklearn.semi_supervised import SelfTrainingClassifier

        learner = SelfTrainingClassifier(_logistic(balanced=True), threshold=_SURE, max_iter=_ROUNDS)
        unknown = np.full(self.old.shape[0], -1)
        codes = np.concatenate((self.has_moved[taught].astype(np.int64), unknown))
        return learner.fit(sparse.vstack((self.newest[taught], self.old), format="csr"), codes)

    def gains(self) -> Floats:
        """By how much each newest row's log-loss falls where older rows are read anew by others than itself."""
        from sklearn.model_selection import StratifiedKFold

        gains = np.zeros(len(self.has_moved))
        moved = int(np.count_nonzero(self.has_moved))
        most = min(_FOLDS, moved, len(gains) - moved)
        folds = StratifiedKFold(most, shuffle=True, random_state=_SEED)
        for inside, outside in folds.split(self.has_moved, self.has_moved):
            taught = np.isin(np.arange(len(gains)), inside)
            picked = _picked(self.kind(taught), self.old)
            before, after = (self._losses(taught, anew) for anew in (np.zeros_like(picked), picked))
            gains[outside] = before - after
        return gains

    def _losses(self, taught: NDArray[np.bool_], anew: NDArray[np.bool_]) -> Floats:
        """The log-loss of the newest rows that are not `taught`, by a border between the two labels."""
        rows = sparse.vstack((self.newest[taught], self.old, self.others), format="csr")
        codes = np.concatenate((self.has_moved[taught], anew, np.ones(self.others.shape[0], np.bool_)))
        newest, old, others = self.counts
        counts = np.concatenate((newest[taught], old, others))
        border = _logistic().fit(rows, codes, sample_weight=counts)
        said = border.predict_proba(self.newest[~taught])[:, 1]
        return np.asarray(-np.log(np.maximum(np.where(self.has_moved[~taught], said, 1 - said), 1e-12)))


def _picked(kind: Any, rows: csr_matrix) -> NDArray[np.bool_]:
    return np.asarray(kind.predict_proba(rows)[:, 1] > 0.5)


def _logistic(*, balanced: bool = False) -> Any:
    from sklearn.linear_model import LogisticRegression

    weight = "balanced" if balanced else None
    return LogisticRegression(C=_STRENGTH, solver="liblinear", class_weight=weight, random_state=_SEED)
