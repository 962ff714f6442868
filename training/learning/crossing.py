"""Scores of rows by members that did not see them: what blends, evidence and novelty are learned from.

Knows one head at a time; which rows it learns from is for `training.learning.version` to say.
"""

from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.encoding import Encoder
from models.heads import Members
from models.linear import Linear
from models.sense import Sense
from models.trees import Booster
from training.learning.blending import blend_loss, fit_blend
from training.learning.growing import grow, words_for
from training.learning.hints import Hints
from training.learning.members import fit_linear, linear_member_scores
from training.learning.rows import Rows, hinted
from training.learning.sense import MOST_VOICES, fit_sense, sense_member_scores
from training.learning.split import deal
from training.learning.tasks import FOLDS, SEED, Task
from training.learning.trees import NO_WORDS, fit_trees, has_trees, tree_member_scores

__all__ = [
    "Fitted",
    "Scores",
    "cross",
    "cross_meaning",
    "crossed_folds",
    "dealt",
    "fit",
    "member_scores",
    "scatter",
    "with_meaning",
]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]

_MORE_FOLDS = 5  # where a member that misses a third of the rows would be much weaker than the one that goes out
_SMALL = 10_000  # rows
_SURE = 2.0  # standard errors of the log-loss by which voices must lose to be left out
_EVIDENCE = 300  # rows a label, on the average: a contract of 0.96 takes 74 without a miss, and few labels never miss


@dataclass(frozen=True)
class Scores:
    """Scores by members that did not see the rows, shape (n, columns) each; `there` says which rows have them all.

    text: the text's share of the whole, which trees see; shape (n, 0) where there are none. sees_words: whether the
    trees that scored see words. has_voices: whether the meaning member's rows keep a voice.
    """

    whole: Floats
    text: Floats
    there: NDArray[np.bool_]
    meaning: Floats | None = None
    trees: Floats | None = None
    sees_words: bool = False
    has_voices: bool = False

    def take(self, places: Codes) -> "Scores":
        """The rows at `places`; where these follow each other they are no copy, and must not be written to."""
        follow = len(places) > 1 and bool((np.diff(places) == 1).all())
        at: Codes | slice = slice(int(places[0]), int(places[-1]) + 1) if follow else places
        meaning, trees = (None if part is None else part[at] for part in (self.meaning, self.trees))
        return replace(
            self,
            whole=self.whole[at],
            text=self.text[at],
            there=self.there[at],
            meaning=meaning,
            trees=trees,
        )

    @property
    def known(self) -> "Scores":
        """The rows that have scores."""
        return self.take(np.flatnonzero(self.there))

    @property
    def members(self) -> Members:
        """What goes into a blend."""
        return Members(self.whole, self.meaning, self.trees)


@dataclass(frozen=True)
class Fitted:
    """Members that learned from the same rows; `meaning` and `trees` are None where the head lacks them.

    tree_words: as in `models.heads.HeadModel`.
    """

    linear: Linear
    meaning: Sense | None
    trees: Booster | None
    tree_words: Codes


def cross(
    task: Task,
    encoder: Encoder,
    rows: Rows,
    codes: Codes,
    folds: Codes,
    facts: float,
    tick: Callable[[], object],
) -> Scores:
    """Score the rows of some folds, or of all (`crossed_folds`), by members that learned from the other ones.

    codes, folds: shape (n,). facts: what facts count beside the text. Of the members the meaning is left out.
    """
    whole, text = (np.zeros((len(rows), columns)) for columns in (task.columns, task.columns * _has_trees(task)))
    scored = crossed_folds(task, len(rows))
    known, known_codes = hinted(encoder, rows, codes, task.hints, facts)
    for fold in range(scored):
        inside = np.flatnonzero(folds == fold)
        outside = np.delete(np.arange(len(known)), inside)  # what is known beside the rows teaches every time
        member = fit_linear(task.head, known.take(outside), known_codes[outside], len(task.labels), tick, facts=facts)
        whole[inside], text[inside] = linear_member_scores(member, rows.take(inside), text=_has_trees(task))
    del known  # a copy of all rows, and trees want room
    if not _has_trees(task):
        return Scores(whole, text, folds < scored)
    grown = grow(task, encoder, rows, codes, folds, whole, text, enough=_enough_folds(task, len(rows)))
    return Scores(whole, text, folds < grown.folds, trees=grown.scores, sees_words=grown.sees_words)


def with_meaning(task: Task, scores: Scores, vectors: Vectors, codes: Codes, folds: Codes, hints: Hints) -> Scores:
    """`scores` with what the meaning member says of the same rows; its rows keep a voice unless that surely loses more.

    vectors: shape (n, d). hints: of the task's labels, and of these rows.
    """

    def crossed(*, voices: bool) -> Scores:
        meaning = cross_meaning(task, vectors, codes, folds, scores.there, hints, voices=voices)
        return replace(scores, meaning=meaning, has_voices=voices)

    plain = crossed(voices=False)
    if task.risk or len(codes) > MOST_VOICES:
        return plain
    heard = crossed(voices=True)
    more = _losses(task, heard, codes) - _losses(task, plain, codes)
    return plain if more.mean() > _SURE * more.std() / np.sqrt(len(more)) else heard


def cross_meaning(
    task: Task,
    vectors: Vectors,
    codes: Codes,
    folds: Codes,
    there: NDArray[np.bool_],
    hints: Hints,
    *,
    voices: bool = False,
) -> Floats:
    """What the meaning member says of the folds whose rows are `there`, shape (n, columns); hints, voices: its own."""
    scores = np.zeros((len(codes), task.columns))
    for fold in np.unique(folds[there]):
        inside, outside = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        labels, known = len(task.labels), hints.take(outside)
        sense = fit_sense(task.head, vectors[outside], codes[outside], labels, known, voices=voices)
        scores[inside] = sense_member_scores(sense, vectors[inside])
    return scores


def _losses(task: Task, scores: Scores, codes: Codes) -> Floats:
    """The log-loss of each row that the members did not see, by the blend of all of them."""
    members, known = scores.known.members, codes[scores.there]
    how = fit_blend(members, known, np.ones(len(known)), risk=task.risk)
    return blend_loss(how, members, known, risk=task.risk)


def fit(
    task: Task,
    encoder: Encoder,
    rows: Rows,
    codes: Codes,
    crossed: Scores,
    facts: float,
    hints: Hints,
    tick: Callable[[], object],
) -> Fitted:
    """Learn every member from all of `rows`; the trees beside text scores of members that did not see the row."""
    labels, words = len(task.labels), NO_WORDS
    trees: Future[Booster] | None = None
    meaning: Future[Sense] | None = None
    with ThreadPoolExecutor(2) as pool:  # beside the linear columns, which are mostly work of one thread
        if crossed.trees is not None:
            words = words_for(encoder, rows, sees_words=crossed.sees_words)
            trees = pool.submit(fit_trees, task.head, rows, crossed.text, codes, labels, encoder.coded, words)
        if crossed.meaning is not None:
            voices = crossed.has_voices
            meaning = pool.submit(fit_sense, task.head, rows.vectors, codes, labels, hints, voices=voices)
        taught, taught_codes = hinted(encoder, rows, codes, hints, facts)
        linear = fit_linear(task.head, taught, taught_codes, labels, tick, facts=facts)
    return Fitted(linear, None if meaning is None else meaning.result(), trees and trees.result(), words)


def member_scores(fitted: Fitted, rows: Rows) -> Scores:
    """What members say of rows that they did not see."""
    whole, text = linear_member_scores(fitted.linear, rows, text=fitted.trees is not None)
    meaning = None if fitted.meaning is None else sense_member_scores(fitted.meaning, rows.vectors)
    trees = None if fitted.trees is None else tree_member_scores(fitted.trees, rows, text, fitted.tree_words)
    return Scores(whole, text, np.ones(len(rows), dtype=np.bool_), meaning, trees)


def scatter(size: int, *parts: tuple[Codes, Scores]) -> Scores:
    """Bring scores of parts of the rows back into the rows' own order; the rest stays nought."""

    def spread(name: str) -> Any:
        first = getattr(parts[0][1], name)
        if first is None:
            return None
        out = np.zeros((size, *first.shape[1:]), dtype=first.dtype)
        for places, scores in parts:
            out[places] = getattr(scores, name)
        return out

    said = {one.name: spread(one.name) for one in fields(Scores) if one.name not in ("sees_words", "has_voices")}
    return Scores(**said, sees_words=parts[0][1].sees_words, has_voices=parts[0][1].has_voices)


def dealt(task: Task, copies: Sequence[Hashable], codes: Codes) -> Codes:
    """A fold for every row: labels keep their shares, copies stay together where that leaves enough folds."""
    count = _folds(len(codes))
    if len(set(copies)) < count:
        copies = range(len(copies))
    return deal(copies, [task.labels[code] for code in codes], folds=count, seed=SEED)


def crossed_folds(task: Task, rows: int) -> int:
    """How many folds the linear member scores: all where trees see what it says, else as many as contracts need."""
    return _folds(rows) if _has_trees(task) else _enough_folds(task, rows)


def _enough_folds(task: Task, rows: int) -> int:
    """All, but of many rows a label one fold is enough."""
    enough = rows >= _SMALL and rows // (FOLDS * len(task.labels)) >= _EVIDENCE
    return 1 if enough else _folds(rows)


def _has_trees(task: Task) -> bool:
    return task.trees and has_trees(len(task.labels))


def _folds(rows: int) -> int:
    return _MORE_FOLDS if rows < _SMALL else FOLDS
