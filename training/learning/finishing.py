"""A training's last step: every member from all rows, blends from scores of rows that the scoring members had not seen.

Or from all rows but some, as if these had never been labelled: whoever has learned so can speak of them. Knows what was
found before on the rows that judge, and not how.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from desk.heads import Head
from features.encoding import Encoder, fit_encoder
from models.heads import Blend, HeadModel, add_up
from models.linear import Linear
from models.trees import trees_of
from models.version import Version
from training.learning.crossing import Fitted, Scores, fit
from training.learning.familiar import fit_novelty
from training.learning.growth import Growing, fit_growth
from training.learning.meanings import Meanings
from training.learning.moved import Moved, find_moved, places_in, read_anew
from training.learning.rows import Rows, encode_rows, hint_grams
from training.learning.sense import side_by_side
from training.learning.settling import evidence_from, said_unseen, whole_blend, whole_favour
from training.learning.snapshots import thread_words
from training.learning.states import Finished, Judged, Lesson, Unseen
from training.learning.tasks import Task
from training.progress import Progress

__all__ = ["SIDE_BY_SIDE", "Groundwork", "Whole", "finish", "growing_of", "moved_of"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

SIDE_BY_SIDE = 2
"""Heads: trees of one grow while another's linear columns are learned."""


@dataclass(frozen=True)
class Whole:
    """version: what goes out, without a name yet. unseen, moved: as in `training.learning.version.Learned`."""

    version: Version
    unseen: dict[Head, Unseen]
    moved: list[Moved]


@dataclass(frozen=True)
class Groundwork:
    """All that a training knows when its heads have been judged: what it takes to finish it, as often as is wanted."""

    history: Lesson
    judged: Sequence[Judged]
    meanings: Meanings

    def without(self, places: Codes, progress: Progress) -> Version | None:
        """The version that comes of all rows but those at `places`, shape (k,): neither their words nor their labels.

        It lacks heads of which the others have no two labels; None where it would lack all.

        What was chosen for the whole training (what facts count, which meanings, how strongly growth is drawn to
        nought) stays as it was chosen. Other rows' scores are by members that may have seen these rows.
        """
        there = np.setdiff1d(np.arange(len(self.history.readings)), places)
        judged = [_forgotten(one, self.history, places) for one in self.judged]
        judged = [one for one in judged if len(np.unique(one.task.codes[one.task.codes >= 0])) > 1]
        if not judged:
            return None
        with threadpool_limits(1, user_api="blas"):
            return finish(self.history, judged, self.meanings, progress, there).version


def growing_of(history: Lesson, task: Task, how: Blend, scores: Scores, fitted: Fitted, words: csr_matrix) -> Growing:
    """What a risk learns from as tickets grow; words: of every snapshot."""
    openings = np.where(scores.there, add_up(how, scores.members, risk=True)[:, 1], np.nan)
    told = np.asarray(words @ fitted.linear.weights[:, 0], np.float64)
    return Growing(history.snapshots, openings, told, task.codes, history.counts)


def finish(history: Lesson, judged: Sequence[Judged], meanings: Meanings, progress: Progress, there: Codes) -> Whole:
    """Learn every member from all rows, every blend from scores of rows that the scoring members had not seen.

    there: places of the rows whose words may be known; all others must be without a label.
    """
    hints = [gram for one in judged for gram in hint_grams(one.task.hints)]
    encoder = fit_encoder([history.readings[place] for place in there], hints)
    vectors = None if meanings.meaning is None else meanings.vectors
    everything = encode_rows(encoder, history.readings, vectors, history.counts)
    words = thread_words(history.snapshots, encoder, everything)
    which = "every row" if len(there) == len(history.readings) else "every row but some that judge"
    progress.stage(f"Learning from {which}", sum(one.task.columns for one in judged))
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        whole = list(pool.map(lambda one: _finish_head(history, one, encoder, everything, words, progress), judged))
    heads: dict[Head, HeadModel] = {}
    start = 0
    for one, finished in zip(judged, whole, strict=True):
        columns = slice(start, start + one.task.columns)
        fitted, how, favour = finished.fitted, finished.blend, finished.favour
        trees = None if fitted.trees is None else trees_of(fitted.trees)
        seen, growth = fitted.tree_words, finished.growth
        heads[one.task.head] = HeadModel(one.task.head, one.task.labels, columns, how, trees, favour, seen, growth)
        start += one.task.columns
    members = [finished.fitted for finished in whole]
    made = Version(
        "",
        replace(encoder, meaning=meanings.meaning),
        _side_by_side([one.linear for one in members]),
        heads,
        {},
        sense=None if meanings.meaning is None else side_by_side([one.meaning for one in members if one.meaning]),
        novelty=next((finished.novelty for finished in whole if finished.novelty), None),
        evidence={one.task.head: finished.evidence for one, finished in zip(judged, whole, strict=True)},
    )
    unseen = {one.task.head: finished.unseen for one, finished in zip(judged, whole, strict=True)}
    return Whole(made, unseen, [one for finished in whole for one in finished.moved])


def _forgotten(judged: Judged, history: Lesson, places: Codes) -> Judged:
    """The same, had the rows at `places` never been labelled."""
    codes, truth = judged.task.codes.copy(), judged.said.truth.copy()
    codes[places] = -1
    truth[np.isin(history.split.judged, places)] = -1
    return replace(judged, task=replace(judged.task, codes=codes), said=replace(judged.said, truth=truth))


def _finish_head(
    history: Lesson, judged: Judged, encoder: Encoder, everything: Rows, words: csr_matrix, progress: Progress
) -> Finished:
    task = judged.task
    known = np.flatnonzero(task.codes >= 0)
    mine, codes, scores = everything.take(known), task.codes[known], judged.scores.take(known)
    moved = moved_of(history, task, known, mine, scores, judged.facts)
    history = history.without_word_of(task.head, known[places_in(moved)])
    how = whole_blend(history, judged, scores, known)
    favour = whole_favour(history, judged, how, scores, known)
    taught, hints = read_anew(codes, moved), task.hints.take(known)
    fitted = fit(task, encoder, mine, taught, scores, judged.facts, hints, progress.step)
    novelty = None
    if task.head == "queue":
        novelty = fit_novelty(how, scores, mine.vectors, codes, judged.folds[known], _said_of_new(task))
    growth = None
    if judged.growth is not None:
        growing = growing_of(history, task, how, judged.scores, fitted, words)
        growth = fit_growth(growing.of(known), judged.growth.strength)
    told = np.where(history.hearsay[task.head][known], -1, codes)
    unseen = known[scores.there], said_unseen(task, how, favour, scores, codes)
    evidence = evidence_from(task, how, favour, scores, told)
    there = [replace(one, places=known[one.places], since=int(known[one.since])) for one in moved]
    return Finished(fitted, how, favour, evidence, novelty, growth, unseen, there)


def moved_of(history: Lesson, task: Task, known: Codes, rows: Rows, scores: Scores, facts: float) -> list[Moved]:
    """Which of the rows at `known` are of a kind that another queue takes by now; places are in `known`."""
    if task.head != "queue" or not history.split.by_time:
        return []
    order = history.opened(known)
    said = np.where(scores.there, scores.whole.argmax(axis=1), -1)[order]

    def sparse_of(places: Codes) -> csr_matrix:
        return rows.take(order[places]).emphasised(facts)

    found = find_moved(sparse_of, task.codes[known][order], said, rows.counts[order], len(task.labels))
    return [replace(one, places=order[one.places], since=int(order[one.since])) for one in found]


def _said_of_new(task: Task) -> NDArray[np.float32]:
    """What is said of labels that have no row, shape (hints, d)."""
    return task.hints.vectors[np.isin(task.hints.codes, task.new)] if len(task.hints.vectors) else task.hints.vectors


def _side_by_side(members: Sequence[Linear]) -> Linear:
    return Linear(
        np.concatenate([member.weights for member in members], axis=1),
        np.concatenate([member.intercepts for member in members]),
    )
