"""A history to a version: read, split, learned, judged, and learned once more from every row.

Knows neither files nor MLflow: `training.training` brings both. The rows that judge are never learned from before they
have judged; the version that goes out has then learned from them as well, and its blends from scores of rows that the
scoring members had not seen.
"""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from desk.errors import HistoryError
from desk.evidence import Evidence
from desk.heads import Head
from desk.outcome import ResolvedTicket
from features.encoding import Encoder, Reading, fit_encoder, read_all
from models.heads import Blend
from models.version import Version
from training.evidence.growing import HeldOutGrowth
from training.evidence.held_out import HeldOut
from training.learning.copies import copies_of
from training.learning.crossing import (
    Fitted,
    Scores,
    cross,
    crossed_folds,
    dealt,
    fit,
    member_scores,
    scatter,
    with_meaning,
)
from training.learning.emphasis import EMPHASES, choose_emphasis
from training.learning.finishing import SIDE_BY_SIDE, Groundwork, finish, growing_of, moved_of
from training.learning.growth import Tried, try_growth
from training.learning.meanings import NO_MEANINGS, Encoders, Meanings, choose_meaning
from training.learning.moved import Moved, places_in, read_anew
from training.learning.rows import Rows, encode_rows, hint_grams
from training.learning.settling import (
    blend_of,
    evidence_from,
    favour_of,
    said_judged,
)
from training.learning.snapshots import snapshots_in, thread_words
from training.learning.split import Split
from training.learning.states import Crossed, Judged, Lesson, Unseen, known_places
from training.learning.tasks import (
    BLEND_HALF_LIFE,
    MEMBER_HALF_LIFE,
    NOTHING_SAID,
    SEED,
    Task,
    border_of,
    reason_to_skip,
    recency,
    split_history,
    task_of,
)
from training.memory import give_back
from training.progress import Progress

__all__ = ["SEED", "Learned", "learn"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

NO_HEARSAY: Mapping[Head, Collection[int]] = {}
NOBODY_ELSE: Mapping[Head, Mapping[int, float]] = {}


@dataclass(frozen=True)
class Learned:
    """version: what goes out, without a name yet. held_out: what its elder twin said of the judged rows, per head.

    unseen: head -> places of labelled rows, and what was said of these by members that had not seen them.
    evidence: of the elder twin, from the rows that it learned from: what its contracts are that the judged rows test.
    skipped: head -> why the rows that a head would have learned from, before it is judged, could not teach it.
    meaning: which encoder the texts' meaning comes from and why, in words. readings: of all rows, in their order.
    vectors: what their texts mean, shape (rows, dimensions), (0, 0) without an encoder.
    growing: what the elder twin said of the judged rows as they grew, per head that learned from growing tickets.
    moved: kinds of tickets that another queue takes by now, and which older rows were therefore read anew.
    groundwork: what it takes to learn once more without some of the rows.
    """

    version: Version
    held_out: Mapping[Head, HeldOut]
    unseen: Mapping[Head, Unseen]
    evidence: Evidence
    split: Split
    skipped: Mapping[Head, str]
    meaning: str
    readings: Sequence[Reading]
    vectors: NDArray[np.float32]
    growing: Mapping[Head, HeldOutGrowth]
    moved: Sequence[Moved]
    groundwork: Groundwork


def learn(
    rows: Sequence[ResolvedTicket],
    heads: Sequence[Head],
    progress: Progress,
    encoders: Encoders | None = None,
    *,
    trees: bool = True,
    described: Mapping[str, str] = NOTHING_SAID,
    priority_order: Sequence[str] = (),
    hearsay: Mapping[Head, Collection[int]] = NO_HEARSAY,
    standing: Mapping[Head, Mapping[int, float]] = NOBODY_ELSE,
) -> Learned:
    """Learn `heads` from `rows`; every one of them must have enough labels (see `training.histories.labels`).

    encoders: where meanings come from; without, a version reads words alone. trees: whether heads may have trees, to
    see what they are worth. described: queue -> what it is for, new queues among them. priority_order: the most urgent
    first; empty where it is not known. hearsay: head -> places of rows whose label may teach it, and on which nothing
    else may rest. standing: head -> place of a row -> for how many rows it stands where labels are weighed; one, where
    it is not there. Raises `HistoryError` where the rows that are learned from teach no head: they hold no two labels.
    """
    progress.stage("Reading tickets", len(rows))
    readings = read_all((row.ticket for row in rows), progress.step)
    copies = copies_of([row.ticket for row in rows], readings)
    split = split_history(rows, copies, heads)
    found = [task_of(rows, one, trees=trees, described=described, priority_order=priority_order) for one in heads]
    skipped = {task.head: reason for task in found if (reason := reason_to_skip(task, split)) is not None}
    tasks = [task for task in found if task.head not in skipped]
    if not tasks:
        raise HistoryError("; ".join(f"{head}: {reason}" for head, reason in skipped.items()) + ".")
    counts, ages = (recency(rows, split, life) for life in (MEMBER_HALF_LIFE, BLEND_HALF_LIFE))
    snapshots = snapshots_in(rows if any(task.risk for task in tasks) else ())
    heard = {task.head: np.isin(np.arange(len(rows)), list(hearsay.get(task.head, ()))) for task in tasks}
    stands = {task.head: _standing(len(rows), standing.get(task.head, {})) for task in tasks}
    history = Lesson(readings, copies, split, counts, ages, snapshots, border_of(rows, split), heard, stands)
    # Threads of one sum that wait for each other take eight times as long where others work on the machine as well.
    with threadpool_limits(1, user_api="blas"):
        judged, meanings = _judge(history, tasks, encoders, progress)
        give_back()
        groundwork = Groundwork(history, judged, meanings)
        whole = finish(history, judged, meanings, progress, np.arange(len(rows)))
    held_out = {one.task.head: one.said.labelled for one in judged}
    evidence = {one.task.head: one.evidence for one in judged}
    growing = {one.task.head: one.growth.held_out for one in judged if one.growth is not None}
    return Learned(
        whole.version,
        held_out,
        whole.unseen,
        evidence,
        split,
        skipped,
        meanings.why,
        readings,
        meanings.vectors,
        growing,
        whole.moved,
        groundwork,
    )


def _standing(size: int, standing: Mapping[int, float]) -> Floats:
    found = np.ones(size)
    for place, rows in standing.items():
        found[place] = rows
    return found


def _judge(
    history: Lesson, tasks: Sequence[Task], encoders: Encoders | None, progress: Progress
) -> tuple[list[Judged], Meanings]:
    """Learn from the learned rows, say what the judged ones are, and score rows by members that did not see them.

    The first head says what the meaning is worth; the others are learned side by side.
    """
    hints = [gram for task in tasks for gram in hint_grams(task.hints)]
    encoder = fit_encoder([history.readings[place] for place in history.split.learned], hints)
    everything = encode_rows(encoder, history.readings, counts=history.counts)
    texts = [one.wording for one in history.readings]
    progress.stage(f"Learning {tasks[0].head}", _steps(history, tasks[0]))
    first = _cross(history, tasks[0], encoder, everything, progress)
    meanings = NO_MEANINGS
    if encoders is not None and any(texts):
        meanings = choose_meaning(encoders, texts, first.task, first.known, first.scores, progress)
        everything = replace(everything, vectors=meanings.vectors)
        progress.stage(f"Learning {first.task.head} with what texts mean", first.task.columns)
    first = replace(first, task=meanings.understood(first.task, texts))
    words = thread_words(history.snapshots, encoder, everything)
    judged = [_judge_head(history, first, encoder, everything, words, meanings, progress)]

    def learned(task: Task) -> Judged:
        crossed = _cross(history, meanings.understood(task, texts), encoder, everything, progress)
        return _judge_head(history, crossed, encoder, everything, words, meanings, progress)

    if rest := tasks[1:]:
        progress.stage("Learning " + ", ".join(task.head for task in rest), sum(_steps(history, one) for one in rest))
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            judged.extend(pool.map(learned, rest))
    return judged, meanings


def _steps(history: Lesson, task: Task) -> int:
    """How many steps of progress learning one head takes until it is judged."""
    return task.columns * (crossed_folds(task, len(known_places(history, task))) + 1) + len(EMPHASES)


def _cross(history: Lesson, task: Task, encoder: Encoder, everything: Rows, progress: Progress) -> Crossed:
    known = known_places(history, task)
    mine, codes = everything.take(known), task.codes[known]
    folds = dealt(task, [history.copies[place] for place in known], codes)
    facts = choose_emphasis(task.head, mine, codes, len(task.labels), progress.step)
    return Crossed(task, known, folds, facts, cross(task, encoder, mine, codes, folds, facts, progress.step))


def _judge_head(
    history: Lesson,
    crossed: Crossed,
    encoder: Encoder,
    everything: Rows,
    words: csr_matrix,
    meanings: Meanings,
    progress: Progress,
) -> Judged:
    task, known, folds, scores = crossed.task, crossed.known, crossed.folds, crossed.scores
    mine, codes, hints = everything.take(known), task.codes[known], task.hints.take(known)
    if meanings.meaning is not None:
        scores = with_meaning(task, scores, mine.vectors, codes, folds, hints)
    moved = moved_of(history, task, known, mine, scores, crossed.facts)
    history = history.without_word_of(task.head, known[places_in(moved)])
    fitted = fit(task, encoder, mine, read_anew(codes, moved), scores, crossed.facts, hints, progress.step)
    judged = member_scores(fitted, everything.take(history.split.judged))
    how = blend_of(task, scores, codes, history.weights(task)[known])
    favour = favour_of(task, how, scores, codes, history.favours(task)[known])
    heard = history.hearsay[task.head]
    all_folds = np.full(len(history.readings), -1)
    all_folds[known] = folds
    all_folds[history.split.judged] = folds.max() + 1
    everywhere = scatter(len(history.readings), (known, scores), (history.split.judged, judged))
    return Judged(
        task,
        crossed.facts,
        everywhere,
        all_folds,
        said=said_judged(task, how, favour, judged, np.where(heard, -1, task.codes)[history.split.judged]),
        evidence=evidence_from(task, how, favour, scores, np.where(heard[known], -1, codes)),
        blend=how,
        growth=_try_growth(history, task, how, everywhere, fitted, words),
    )


def _try_growth(
    history: Lesson, task: Task, how: Blend, scores: Scores, fitted: Fitted, words: csr_matrix
) -> Tried | None:
    """What snapshots from before the border teach, asked of the judged rows as they grew; words: of every snapshot."""
    if not task.risk or not len(history.snapshots):
        return None
    growing = growing_of(history, task, how, scores, fitted, words)
    return try_growth(task.head, growing, history.split.learned, history.split.judged, history.border)
