"""A history to a version: read, split, learned, judged, and learned once more from every row.

Knows neither files nor MLflow: `training.training` brings both. The rows that judge are never learned from before they
have judged; the version that goes out has then learned from them as well, and its blends from scores of rows that the
scoring members had not seen.
"""

from collections.abc import Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from desk.errors import HistoryError
from desk.evidence import Answered, Evidence
from desk.heads import CLASS_HEADS, RISK_HEADS, Head, label_of
from desk.outcome import ResolvedTicket
from features.encoding import Encoder, Reading, fit_encoder, read_all
from models.heads import Blend, HeadModel, blend
from models.linear import Linear
from models.trees import Booster
from models.version import Version
from training.evidence.contracts import evidence_of
from training.evidence.held_out import HeldOut
from training.learning.blending import fit_blend
from training.learning.copies import copies_of
from training.learning.emphasis import EMPHASES, choose_emphasis
from training.learning.members import (
    THREADS,
    LinearMember,
    fit_linear,
    fit_trees,
    has_trees,
    linear_member_scores,
    tree_member_scores,
)
from training.learning.rows import Rows, encode_rows
from training.learning.split import Split, deal, split_rows

__all__ = ["Learned", "Progress", "learn"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

SEED = 20
_FOLDS = 3
_MORE_FOLDS = 5  # where a member that misses a third of the rows would be much weaker than the one that goes out
_SMALL = 10_000  # rows
_HALF_LIFE = 0.25  # of a history's span: what a row counts in a blend halves with it, where rows have times


class Progress(Protocol):
    """How learning says where it is."""

    def stage(self, name: str, steps: int) -> None:
        """A stage of `steps` steps begins."""

    def step(self) -> None:
        """One step is done."""


@dataclass(frozen=True)
class Learned:
    """version: what goes out, without a name yet. held_out: what its elder twin said of the judged rows, per head.

    evidence: of the elder twin, from the rows that it learned from: what its contracts are that the judged rows test.
    skipped: head -> why the rows that a head would have learned from, before it is judged, could not teach it.
    """

    version: Version
    held_out: Mapping[Head, HeldOut]
    evidence: Evidence
    split: Split
    skipped: Mapping[Head, str]


@dataclass(frozen=True)
class _Scores:
    """Scores by members that did not see the rows, shape (n, columns) each; `there` says which rows have them."""

    whole: Floats
    text: Floats
    trees: Floats | None
    there: NDArray[np.bool_]

    def take(self, places: Codes) -> "_Scores":
        trees = None if self.trees is None else self.trees[places]
        return _Scores(self.whole[places], self.text[places], trees, self.there[places])


@dataclass(frozen=True)
class _Task:
    """One head's labels over all rows: code -1 where a row has none."""

    head: Head
    labels: tuple[str, ...]
    codes: Codes

    @property
    def columns(self) -> int:
        return 1 if self.head in RISK_HEADS else len(self.labels)


def learn(rows: Sequence[ResolvedTicket], heads: Sequence[Head], progress: Progress) -> Learned:
    """Learn `heads` from `rows`; every one of them must have enough labels (see `training.histories.labels`).

    Raises `HistoryError` where the rows that are learned from teach no head: they hold no two labels.
    """
    progress.stage("Reading tickets", len(rows))
    readings = read_all((row.ticket for row in rows), progress.step)
    copies = copies_of([row.ticket for row in rows], readings)
    split = _split(rows, copies, heads)
    found = [_task(rows, head) for head in heads]
    skipped = {task.head: reason for task in found if (reason := _reason_to_skip(task, split)) is not None}
    tasks = [task for task in found if task.head not in skipped]
    if not tasks:
        raise HistoryError("; ".join(f"{head}: {reason}" for head, reason in skipped.items()) + ".")
    progress.stage("Learning", sum(_steps(task, split) for task in tasks))
    young, evidence, out_of_sample, emphases = _judge(rows, readings, copies, tasks, split, progress)
    version = _finish(rows, readings, tasks, split, out_of_sample, emphases, progress)
    return Learned(version, young, evidence, split, skipped)


def _judge(
    rows: Sequence[ResolvedTicket],
    readings: Sequence[Reading],
    copies: Sequence[Hashable],
    tasks: Sequence[_Task],
    split: Split,
    progress: Progress,
) -> tuple[dict[Head, HeldOut], Evidence, dict[Head, _Scores], dict[Head, float]]:
    """Learn from the learned rows, say what the judged ones are, and score rows by members that did not see them.

    Then come the learned rows' own evidence, the scores, and what facts count for each head.
    """
    encoder = fit_encoder([readings[place] for place in split.learned])
    everything = encode_rows(encoder, readings)
    ages = _recency(rows, split)
    held_out, evidence, scores, emphases = {}, {}, {}, {}
    for task in tasks:
        known = split.learned[task.codes[split.learned] >= 0]
        mine, codes = everything.take(known), task.codes[known]
        facts = emphases[task.head] = choose_emphasis(task.head, mine, codes, len(task.labels), progress.step)
        crossed = _cross_scores(task, encoder, mine, known, [copies[place] for place in known], facts, progress)
        linear = fit_linear(task.head, mine, codes, len(task.labels), progress.step, facts=facts)
        how = _blend(task, crossed, codes, ages[known])
        trees = _trees(task, encoder, mine, crossed, known)
        asked = everything.take(split.judged)
        judged = _member_scores(linear, trees, asked)
        held_out[task.head] = _held_out(task, how, judged, split)
        evidence[task.head] = _evidence(task, how, crossed, codes)
        scores[task.head] = _scatter(len(rows), (known, crossed), (split.judged, judged))
    return held_out, evidence, scores, emphases


def _finish(
    rows: Sequence[ResolvedTicket],
    readings: Sequence[Reading],
    tasks: Sequence[_Task],
    split: Split,
    out_of_sample: Mapping[Head, _Scores],
    emphases: Mapping[Head, float],
    progress: Progress,
) -> Version:
    """Learn every member from all rows, every blend from scores of rows that the scoring members had not seen."""
    encoder = fit_encoder(readings)
    everything = encode_rows(encoder, readings)
    ages = _recency(rows, split)
    heads: dict[Head, HeadModel] = {}
    evidence: dict[Head, Mapping[str, Answered]] = {}
    members: list[LinearMember] = []
    start = 0
    for task in tasks:
        known = np.flatnonzero(task.codes >= 0)
        mine, codes, scores = everything.take(known), task.codes[known], out_of_sample[task.head].take(known)
        how = _blend(task, scores, codes, ages[known])
        facts = emphases[task.head]
        members.append(fit_linear(task.head, mine, codes, len(task.labels), progress.step, facts=facts))
        trees = _trees(task, encoder, mine, scores, known)
        columns = slice(start, start + task.columns)
        heads[task.head] = HeadModel(task.head, task.labels, columns, how, trees)
        evidence[task.head] = _evidence(task, how, scores, codes)
        start += task.columns
    linear = Linear(
        np.concatenate([member.weights for member in members], axis=1),
        np.concatenate([member.intercepts for member in members]),
    )
    return Version("", encoder, linear, heads, {}, evidence=evidence)


def _cross_scores(
    task: _Task,
    encoder: Encoder,
    rows: Rows,
    known: Codes,
    copies: Sequence[Hashable],
    facts: float,
    progress: Progress,
) -> _Scores:
    """Score the rows of some folds, or of all (`_crossed`), by members that learned from the other ones."""
    codes = task.codes[known]
    count = _folds(len(rows))
    if len(set(copies)) < count:  # too few tickets to keep their copies together
        copies = range(len(copies))
    folds = deal(copies, [task.labels[code] for code in codes], folds=count, seed=SEED)
    whole, text = np.zeros((len(rows), task.columns)), np.zeros((len(rows), task.columns))
    scored = _crossed(task, len(rows))
    for fold in range(scored):
        inside, outside = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        taught = rows.take(outside)
        member = fit_linear(task.head, taught, codes[outside], len(task.labels), progress.step, facts=facts)
        whole[inside], text[inside] = linear_member_scores(member, rows.take(inside))
    if not has_trees(task.head, len(task.labels)):
        return _Scores(whole, text, None, folds < scored)
    trees = np.zeros_like(whole)

    def grow(fold: int) -> None:
        inside, outside = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        taught = rows.take(outside)
        booster = fit_trees(task.head, taught, text[outside], codes[outside], len(task.labels), encoder.coded)
        trees[inside] = tree_member_scores(booster, rows.take(inside), text[inside])

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(grow, range(count)))
    return _Scores(whole, text, trees, np.ones(len(rows), dtype=np.bool_))


def _blend(task: _Task, scores: _Scores, codes: Codes, ages: Floats) -> Blend:
    """The blend that fits the rows which have scores."""
    there = np.flatnonzero(scores.there)
    mine = scores.take(there)
    return fit_blend(mine.whole, mine.trees, codes[there], ages[there], risk=task.head in RISK_HEADS)


def _evidence(task: _Task, how: Blend, scores: _Scores, codes: Codes) -> Mapping[str, Answered]:
    """What contracts are derived from: the answers to the rows that members scored without having seen them."""
    there = np.flatnonzero(scores.there)
    mine = scores.take(there)
    probabilities = blend(how, mine.whole, mine.trees, risk=task.head in RISK_HEADS)
    return evidence_of(HeldOut(task.head, task.labels, codes[there], probabilities))


def _steps(task: _Task, split: Split) -> int:
    """How often learning this head says that it has come a step further."""
    crossed = _crossed(task, int((task.codes[split.learned] >= 0).sum()))
    return task.columns * (crossed + 2) + len(EMPHASES)


def _crossed(task: _Task, rows: int) -> int:
    """How many folds are scored: all for trees, and of few rows; one of many is enough for a blend alone."""
    return _folds(rows) if has_trees(task.head, len(task.labels)) or rows < _SMALL else 1


def _folds(rows: int) -> int:
    return _MORE_FOLDS if rows < _SMALL else _FOLDS


def _trees(task: _Task, encoder: Encoder, rows: Rows, scores: _Scores, known: Codes) -> Booster | None:
    if scores.trees is None:
        return None
    return fit_trees(task.head, rows, scores.text, task.codes[known], len(task.labels), encoder.coded)


def _member_scores(linear: LinearMember, trees: Booster | None, rows: Rows) -> _Scores:
    whole, text = linear_member_scores(linear, rows)
    there = np.ones(len(rows), dtype=np.bool_)
    return _Scores(whole, text, None if trees is None else tree_member_scores(trees, rows, text), there)


def _held_out(task: _Task, how: Blend, scores: _Scores, split: Split) -> HeldOut:
    """What was said of the judged rows that have a label."""
    labelled = np.flatnonzero(task.codes[split.judged] >= 0)
    mine = scores.take(labelled)
    probabilities = blend(how, mine.whole, mine.trees, risk=task.head in RISK_HEADS)
    return HeldOut(task.head, task.labels, task.codes[split.judged][labelled], probabilities)


def _scatter(size: int, *parts: tuple[Codes, _Scores]) -> _Scores:
    """Bring scores of parts of the rows back into the rows' own order; the rest stays nought."""

    def spread(pick: str) -> Floats:
        first = getattr(parts[0][1], pick)
        spread_out = np.zeros((size, first.shape[1]))
        for places, scores in parts:
            spread_out[places] = getattr(scores, pick)
        return spread_out

    there = np.zeros(size, dtype=np.bool_)
    for places, scores in parts:
        there[places] = scores.there
    return _Scores(spread("whole"), spread("text"), None if parts[0][1].trees is None else spread("trees"), there)


def _split(rows: Sequence[ResolvedTicket], copies: Sequence[Hashable], heads: Sequence[Head]) -> Split:
    first = next((head for head in CLASS_HEADS if head in heads), heads[0])
    return split_rows(
        [row.ticket.created_at for row in rows],
        copies,
        [label_of(row.outcome, first) for row in rows],
        seed=SEED,
    )


def _task(rows: Sequence[ResolvedTicket], head: Head) -> _Task:
    given = [label_of(row.outcome, head) for row in rows]
    labels = ("false", "true") if head in RISK_HEADS else tuple(sorted({label for label in given if label is not None}))
    place = {label: code for code, label in enumerate(labels)}
    return _Task(head, labels, np.array([-1 if label is None else place[label] for label in given], dtype=np.int64))


def _reason_to_skip(task: _Task, split: Split) -> str | None:
    """Labels may be there and yet stand only where they judge: a desk that began to log its breaches last month."""
    counts = np.bincount(task.codes[split.learned] + 1, minlength=len(task.labels) + 1)[1:]
    large = int((counts >= _FOLDS).sum())
    if large >= 2:
        return None
    return (
        f"of the {len(split.learned)} rows to learn from ({split.how}) {counts.sum()} have a label; two labels with "
        f"{_FOLDS} rows each are needed, not {large}. Train again when there are more, or without the oldest rows"
    )


def _recency(rows: Sequence[ResolvedTicket], split: Split) -> Floats:
    """What each row counts in a blend, shape (n,): less the older it is, where the split is by time."""
    if not split.by_time:
        return np.ones(len(rows))
    times = np.array([_seconds(row.ticket.created_at) for row in rows])
    span = max(times.max() - times.min(), 1.0)
    return np.asarray(0.5 ** ((times.max() - times) / (span * _HALF_LIFE)))


def _seconds(at: datetime | None) -> float:
    return 0.0 if at is None else at.timestamp()
