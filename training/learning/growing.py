"""Trees' scores of rows that the trees did not see, and whether a head's trees see words or the text's linear scores.

Which of the two is tried on the first fold: the one whose blend with the linear member loses less is grown on. Knows
one head at a time.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.encoding import Encoder
from models.heads import Members
from training.learning.blending import blend_loss, fit_blend
from training.learning.members import THREADS
from training.learning.rows import Rows
from training.learning.tasks import Task
from training.learning.trees import MOST_ROWS, NO_WORDS, fit_trees, frequent_words, tree_member_scores

__all__ = ["Grown", "grow", "words_for"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

_LEAST_ROWS = 1_000  # below them words that few tickets have teach trees nothing


@dataclass(frozen=True)
class Grown:
    """scores: of the rows of the first `folds` folds, shape (n, columns). sees_words: whether the trees saw words."""

    scores: Floats
    folds: int
    sees_words: bool


def words_for(encoder: Encoder, rows: Rows, *, sees_words: bool) -> Codes:
    """The places of the words that trees see which learn from `rows`; none for those that see scores."""
    return frequent_words(rows, len(encoder.words)) if sees_words else NO_WORDS


def grow(
    task: Task, encoder: Encoder, rows: Rows, codes: Codes, folds: Codes, whole: Floats, text: Floats, *, enough: int
) -> Grown:
    """Score rows by trees that learned from the other folds.

    codes, folds: shape (n,). whole, text: what the linear member says of every row that it did not see, shape (n,
    columns). enough: how many folds have to be scored of trees that see words; the others cost little, and score all.
    """

    def one(fold: int, sees_words: bool) -> Floats:
        inside, outside = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        seen = rows if sees_words else rows.without_text()
        outside = outside[-MOST_ROWS:] if sees_words else outside
        taught = seen.take(outside)
        words = words_for(encoder, taught, sees_words=sees_words)
        booster = fit_trees(task.head, taught, text[outside], codes[outside], len(task.labels), encoder.coded, words)
        return tree_member_scores(booster, seen.take(inside), text[inside], words)

    kinds = (False, True) if _may_see_words(task, encoder, rows) else (False,)
    with ThreadPoolExecutor(THREADS) as pool:
        first = dict(zip(kinds, pool.map(lambda kind: one(0, kind), kinds), strict=True))
        asked = np.flatnonzero(folds == 0)
        losses = {kind: _loss(task, whole[asked], trees, codes[asked]) for kind, trees in first.items()}
        sees_words = min(kinds, key=lambda kind: losses[kind])
        scored = enough if sees_words else int(folds.max()) + 1
        others = pool.map(lambda fold: one(fold, sees_words), range(1, scored))
        scores = np.zeros_like(text)
        for fold, trees in enumerate([first[sees_words], *others]):
            scores[folds == fold] = trees
    return Grown(scores, scored, sees_words)


def _may_see_words(task: Task, encoder: Encoder, rows: Rows) -> bool:
    return not task.risk and len(rows) >= _LEAST_ROWS and len(encoder.words) > 0


def _loss(task: Task, linear: Floats, trees: Floats, codes: Codes) -> float:
    """The mean log-loss of both members' blend: fitted on every other row and asked of the rest, and the reverse."""
    halves = np.arange(len(codes)) % 2 == 0
    losses = np.zeros(len(codes))
    for half in (halves, ~halves):
        how = fit_blend(Members(linear[half], None, trees[half]), codes[half], np.ones(half.sum()), risk=task.risk)
        losses[~half] = blend_loss(how, Members(linear[~half], None, trees[~half]), codes[~half], risk=task.risk)
    return float(losses.mean())
