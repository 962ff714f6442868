"""Which meaning a history gets, if any: the encoder itself, or a table fitted to it, by what each is worth.

The encoder costs milliseconds a ticket, the table a tenth of one. Knows texts and scores, no tickets.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.meaning.meaning import Meaning
from features.meaning.static_table import StaticTable
from journal.environment import Environment
from training.learning.blending import blend_loss, fit_blend
from training.learning.crossing import Scores, cross_meaning
from training.learning.names import spoken
from training.learning.tasks import Task
from training.meaning.preparing import distilled, onnx
from training.meaning.teacher import Teacher, available
from training.meaning.tuning import tuned
from training.meaning.vectors import embed_all, vectors_of
from training.progress import Progress

__all__ = ["MOST_TRIED", "NO_MEANINGS", "Encoders", "Meanings", "choose_meaning", "encoders_of"]

Codes = NDArray[np.int64]
Vectors = NDArray[np.float32]

MOST_TRIED: Final = 2_000
"""Rows that are looked at to choose: half to fit the table, half to compare."""

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

    meaning: what serves; None without an encoder. vectors: shape (rows, dimensions). why: the choice, in words.
    """

    meaning: Meaning | None
    vectors: Vectors
    why: str

    def names(self, task: Task) -> Vectors | None:
        """What the labels' own names mean, shape (labels, dimensions); only a queue's name says what it is about."""
        if self.meaning is None or task.head != "queue":
            return None
        return embed_all(self.meaning, [spoken(label) for label in task.labels])


def encoders_of(environment: Environment) -> Encoders | None:
    """The encoder that the environment names, or None where there is none; `why_absent` says why."""
    teacher = available(environment)
    return None if teacher is None else Encoders(teacher, environment.home)


NO_MEANINGS: Final = Meanings(None, np.empty((0, 0), np.float32), "no encoder")


def choose_meaning(
    encoders: Encoders, texts: Sequence[str], task: Task, places: Codes, words: Scores, progress: Progress
) -> Meanings:
    """The meaning of a history, chosen by what it is worth to `task`.

    texts: of all rows. places: of rows with a label that are learned from, in order of time where there is time. words:
    their scores by the linear member, out of sample.
    """
    tried = _newest(words.there)
    fitted, compared = tried[::2], tried[1::2]
    encoder = onnx(encoders.teacher, encoders.home, progress)
    progress.stage("Asking the encoder what texts mean", len(tried))

    def exact(rows: Codes) -> Vectors:
        asked = [texts[place] for place in places[rows]]
        return vectors_of(encoder, encoders.teacher.key, asked, encoders.home, progress.step)

    table = tuned(
        distilled(encoders.teacher, encoders.home, progress), [texts[place] for place in places[fitted]], exact(fitted)
    )
    by_encoder, by_table = exact(compared), embed_all(table, [texts[place] for place in places[compared]])
    codes, rest = task.codes[places[compared]], words.take(compared)
    saved = _losses(task, rest, codes, Meanings(table, by_table, "")) - _losses(
        task, rest, codes, Meanings(encoder, by_encoder, "")
    )
    chosen, why = _choice(encoder, table, saved, len(tried), _losses(task, rest, codes, None).mean())
    return Meanings(chosen, _all_vectors(chosen, encoders, texts, progress), why)


def _choice(
    encoder: Meaning, table: StaticTable, saved: NDArray[np.float64], tried: int, usual: np.float64
) -> tuple[Meaning, str]:
    if tried < _LEAST_TRIED:
        return encoder, f"{encoder.name} itself: of {tried} rows too few to tell, and few rows need it most"
    share = float(saved.mean() / usual)
    error = float(saved.std() / np.sqrt(len(saved)))
    figures = f"saves {share:.1%} of the log-loss beside a table fitted to it, on {len(saved)} rows"
    if share >= _WORTH and saved.mean() >= _SURE * error:
        return encoder, f"{encoder.name} itself: it {figures}"
    return table, f"a table fitted to {encoder.name}: the encoder itself {figures}, too little for its price"


def _losses(task: Task, words: Scores, codes: Codes, meanings: Meanings | None) -> NDArray[np.float64]:
    """The log-loss of each row by the blend of words and meaning, or of words alone, shape (n,)."""
    scores = replace(words, trees=None)
    if meanings is not None:
        folds = np.arange(len(codes)) % _FOLDS
        scores = replace(
            scores, meaning=cross_meaning(task, meanings.vectors, codes, folds, folds >= 0, meanings.names(task))
        )
    how = fit_blend(scores.members, codes, np.ones(len(codes)), risk=task.risk)
    return blend_loss(how, scores.members, codes, risk=task.risk)


def _newest(there: NDArray[np.bool_]) -> Codes:
    """Places of the rows to try, dealt so that every other one is like the rest."""
    rows = np.flatnonzero(there)[-MOST_TRIED:]
    return np.random.default_rng(0).permutation(rows)


def _all_vectors(chosen: Meaning, encoders: Encoders, texts: Sequence[str], progress: Progress) -> Vectors:
    progress.stage("Embedding tickets", len(texts))
    if isinstance(chosen, StaticTable):
        return embed_all(chosen, texts, progress.step)
    return vectors_of(chosen, encoders.teacher.key, texts, encoders.home, progress.step)
