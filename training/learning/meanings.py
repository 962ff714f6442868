"""Which meaning a history gets, if any: the encoder itself, or a table fitted to it, by what each is worth.

The encoder costs milliseconds a ticket, the table a tenth of one. Knows texts and scores, no tickets.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.meaning.meaning import Meaning
from features.meaning.static_table import StaticTable
from journal.environment import Environment
from training.learning.blending import blend_loss, fit_blend
from training.learning.crossing import Scores, cross_meaning
from training.learning.hints import Hints
from training.learning.names import spoken
from training.learning.tasks import Task
from training.meaning.preparing import distilled, onnx
from training.meaning.teacher import Teacher, available
from training.meaning.tuning import tuned
from training.meaning.vectors import embed_all, vectors_of
from training.progress import Progress

__all__ = ["MOST_NAMED", "MOST_TRIED", "NO_MEANINGS", "Encoders", "Meanings", "choose_meaning", "encoders_of"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]

MOST_TRIED: Final = 2_000
"""Rows that are looked at to choose: half to fit the table, half to compare."""

MOST_NAMED: Final = 2_000
"""Rows up to which each is embedded a second time, after its label's name: where rows are few it is worth some tenths
of a point, and it doubles what embedding costs."""

_LEAST_TRIED: Final = (
    400  # rows: a comparison of fewer tells less than what is known of encoders, that few rows want them
)
_WORTH: Final = 0.05  # of the log-loss: what the encoder must save beyond the table, at seventy times its price
_SURE: Final = 2.0  # standard errors
_FOLDS: Final = 3


@dataclass(frozen=True, slots=True)
class Encoders:
    """Where meanings come from. home: keeps what was prepared and embedded; see `training.meaning`."""

    teacher: Teacher
    home: Path


@dataclass(frozen=True, slots=True)
class Meanings:
    """What the rows of a history mean.

    meaning: what serves; None without an encoder. vectors: shape (rows, dimensions). why: the choice, in words. embed:
    what other texts mean, shape (texts, dimensions).
    """

    meaning: Meaning | None
    vectors: Vectors
    why: str
    embed: Callable[[Sequence[str]], Vectors]

    def understood(self, task: Task, texts: Sequence[str]) -> Task:
        """`task` with what its hints mean, and where rows are few what each means after its label's name.

        texts: of all rows. Only a queue's name says what it is about.
        """
        if self.meaning is None or not task.hints.texts:
            return task
        names = [spoken(label) for label in task.labels]
        named = np.zeros_like(self.vectors)
        told = np.flatnonzero([code >= 0 and bool(names[code]) for code in task.codes.tolist()])
        if len(told) > MOST_NAMED:
            return replace(task, hints=replace(task.hints, vectors=self.embed(task.hints.texts)))
        named[told] = self.embed([f"{names[task.codes[place]]}: {texts[place]}" for place in told.tolist()])
        return replace(task, hints=replace(task.hints, vectors=self.embed(task.hints.texts), named=named))


def encoders_of(environment: Environment) -> Encoders | None:
    """The encoder that the environment names, or None where there is none; `why_absent` says why."""
    teacher = available(environment)
    return None if teacher is None else Encoders(teacher, environment.home)


def _nothing(texts: Sequence[str]) -> Vectors:
    return np.empty((len(texts), 0), np.float32)


NO_MEANINGS: Final = Meanings(None, np.empty((0, 0), np.float32), "no encoder", _nothing)


def choose_meaning(
    encoders: Encoders, texts: Sequence[str], task: Task, places: Codes, words: Scores, progress: Progress
) -> Meanings:
    """The meaning of a history, chosen by what it is worth to `task`.

    texts: of all rows. places: of rows with a label that are learned from, in order of time where there is time. words:
    their scores by the linear member, out of sample.
    """
    tried = _newest(words.there)
    encoder = onnx(encoders.teacher, encoders.home, progress)
    if len(tried) < _LEAST_TRIED:
        why = f"{encoder.name} itself: of {len(tried)} rows too few to tell, and few rows need it most"
        return _meanings(encoder, why, encoders, texts, progress)
    fitted, compared = tried[::2], tried[1::2]
    progress.stage("Asking the encoder what texts mean", len(tried))

    def exact(rows: Codes) -> Vectors:
        asked = [texts[place] for place in places[rows]]
        return vectors_of(encoder, encoders.teacher.key, asked, encoders.home, progress.step)

    table = tuned(
        distilled(encoders.teacher, encoders.home, progress), [texts[place] for place in places[fitted]], exact(fitted)
    )
    asked = [texts[place] for place in places[compared]]
    codes, rest, hints = task.codes[places[compared]], words.take(compared), task.hints

    def losses(vectors: Vectors, said: Vectors) -> Floats:
        return _losses(task, rest, codes, vectors, replace(hints, vectors=said))

    by_encoder = losses(exact(compared), _exact(encoder, encoders)(hints.texts))
    saved = losses(embed_all(table, asked), embed_all(table, hints.texts)) - by_encoder
    chosen, why = _choice(encoder, table, saved, _losses(task, rest, codes, None, hints).mean())
    return _meanings(chosen, why, encoders, texts, progress)


def _choice(encoder: Meaning, table: StaticTable, saved: Floats, usual: np.float64) -> tuple[Meaning, str]:
    share = float(saved.mean() / usual)
    error = float(saved.std() / np.sqrt(len(saved)))
    figures = f"saves {share:.1%} of the log-loss beside a table fitted to it, on {len(saved)} rows"
    if share >= _WORTH and saved.mean() >= _SURE * error:
        return encoder, f"{encoder.name} itself: it {figures}"
    return table, f"a table fitted to {encoder.name}: the encoder itself {figures}, too little for its price"


def _losses(task: Task, words: Scores, codes: Codes, vectors: Vectors | None, hints: Hints) -> Floats:
    """The log-loss of each row by the blend of words and meaning, or of words alone, shape (n,)."""
    scores = replace(words, trees=None)
    if vectors is not None:
        folds = np.arange(len(codes)) % _FOLDS
        scores = replace(scores, meaning=cross_meaning(task, vectors, codes, folds, folds >= 0, hints))
    how = fit_blend(scores.members, codes, np.ones(len(codes)), risk=task.risk)
    return blend_loss(how, scores.members, codes, risk=task.risk)


def _newest(there: NDArray[np.bool_]) -> Codes:
    """Places of the rows to try, dealt so that every other one is like the rest."""
    rows = np.flatnonzero(there)[-MOST_TRIED:]
    return np.random.default_rng(0).permutation(rows)


def _meanings(chosen: Meaning, why: str, encoders: Encoders, texts: Sequence[str], progress: Progress) -> Meanings:
    progress.stage("Embedding tickets", len(texts))
    if isinstance(chosen, StaticTable):
        return Meanings(chosen, embed_all(chosen, texts, progress.step), why, partial(embed_all, chosen))
    vectors = vectors_of(chosen, encoders.teacher.key, texts, encoders.home, progress.step)
    return Meanings(chosen, vectors, why, _exact(chosen, encoders))


def _exact(encoder: Meaning, encoders: Encoders) -> Callable[[Sequence[str]], Vectors]:
    return lambda texts: vectors_of(encoder, encoders.teacher.key, texts, encoders.home)
