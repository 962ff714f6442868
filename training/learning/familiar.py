"""Learning what is familiar: centres of what the queues' tickets mean, and the spread of tickets that belong.

Knows vectors, codes and scores, no tickets.
"""

import warnings
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.heads import Blend, add_up
from models.novelty import Novelty, Scale
from training.learning.crossing import Scores

__all__ = ["centres_of", "fit_novelty"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]

KEPT: Final = 0.95
"""Of tickets that belong, the share that is not novel."""

_CENTRES: Final = 4  # a label: a queue is asked for several things, and more than a few centres catch no more strangers
_ROWS_A_CENTRE: Final = 5
_MOST_ROWS: Final = 400  # a label: k-means needs no more
_SMALLEST: Final = 1e-6
_NOTHING: Final[Vectors] = np.empty((0, 0), np.float32)


def fit_novelty(
    how: Blend, scores: Scores, vectors: Vectors, codes: Codes, folds: Codes, said: Vectors = _NOTHING
) -> Novelty:
    """The novelty of a queue head.

    scores: of rows that its members had not seen, `vectors`, shape (n, d), `codes` and `folds`, shape (n,), theirs. A
    row's nearness is to centres that were made without its fold, as a new ticket's will be. said: shape (h, d), what is
    said of labels without a row, each a centre of its own.
    """
    there = np.flatnonzero(scores.there)
    strengths = add_up(how, scores.known.members, risk=False).max(axis=1)
    near = _crossed_nearness(vectors, codes, folds, there)
    strength, nearness = _scale(strengths), _scale(near)
    familiar = (strengths - strength.mean) / strength.spread
    if vectors.shape[1]:
        familiar = familiar + (near - nearness.mean) / nearness.spread
    centres, owners = centres_of(vectors, codes)
    if len(said):
        said = said[said.any(axis=1)]
        centres = np.concatenate((centres, said))
        owners = np.concatenate((owners, np.full(len(said), scores.whole.shape[1])))  # of none that a row has
    return Novelty(centres, strength, nearness, float(np.quantile(familiar, 1 - KEPT)), owners)


def centres_of(vectors: Vectors, codes: Codes) -> tuple[Vectors, Codes]:
    """Unit vectors, shape (c, d), of each label up to `_CENTRES` by k-means, and the label that each is of.

    Rows of nought say nothing.
    """
    said = np.flatnonzero(vectors.any(axis=1)) if vectors.shape[1] else np.empty(0, np.int64)
    labels = np.unique(codes[said])
    found = [_centres(vectors[said[codes[said] == code]]) for code in labels]
    centres = np.concatenate(found) if found else np.empty((0, vectors.shape[1]), np.float32)
    lengths = np.linalg.norm(centres, axis=1, keepdims=True)
    owners = np.repeat(labels, [len(one) for one in found])
    return np.asarray(centres / np.where(lengths > 0, lengths, 1), dtype=np.float32), owners


def _centres(mine: Vectors) -> Vectors:
    from sklearn.cluster import KMeans

    mine = mine[np.random.default_rng(0).permutation(len(mine))[:_MOST_ROWS]]
    count = min(_CENTRES, len(mine) // _ROWS_A_CENTRE)
    if count < 2:
        return np.asarray(mine.mean(axis=0, keepdims=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fewer different rows than centres is no trouble
        return np.asarray(KMeans(count, n_init=1, random_state=0).fit(mine).cluster_centers_)


def _crossed_nearness(vectors: Vectors, codes: Codes, folds: Codes, there: Codes) -> Floats:
    near = np.zeros(len(codes))
    if vectors.shape[1]:
        for fold in np.unique(folds[there]):
            inside = there[folds[there] == fold]
            centres, _ = centres_of(vectors[folds != fold], codes[folds != fold])
            if len(centres):
                near[inside] = (vectors[inside] @ centres.T).max(axis=1)
    return near[there]


def _scale(values: Floats) -> Scale:
    return Scale(float(values.mean()), max(float(values.std()), _SMALLEST))
