"""What the heads of one training have in common, and what is known of one head at each step of its learning.

Values only: which step follows which is for `training.learning.version` to say.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from desk.evidence import Answered
from desk.heads import Head
from features.encoding import Reading
from models.growth import Growth
from models.heads import Blend
from models.novelty import Novelty
from training.evidence.held_out import HeldOut
from training.learning.crossing import Fitted, Scores
from training.learning.growth import Tried
from training.learning.moved import Moved
from training.learning.snapshots import Snapshots
from training.learning.split import Split
from training.learning.tasks import Task

__all__ = ["Crossed", "Finished", "Judged", "Lesson", "Unseen", "known_places"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

Unseen: TypeAlias = tuple[Codes, HeldOut]
"""Places of rows, and what was said of them by members that had not seen them."""


@dataclass(frozen=True)
class Lesson:
    """What every head learns from. counts, ages: shape (n,), what each row counts to members, and in labels' blends.

    snapshots: of tickets that grew. border: the moment from which on rows judge, in seconds; infinite without times.
    hearsay: head -> shape (n,), the rows whose label may teach it and not testify: neither a blend nor a contract, and
    no judgement, rests on it. standing: head -> shape (n,), for how many rows each stands where labels are weighed.
    """

    readings: Sequence[Reading]
    copies: Sequence[Hashable]
    split: Split
    counts: Floats
    ages: Floats
    snapshots: Snapshots
    border: float
    hearsay: Mapping[Head, NDArray[np.bool_]]
    standing: Mapping[Head, Floats]

    def weights(self, task: Task) -> Floats:
        """What each row counts in the task's blend: a risk's few numbers are not told by the newest rows alone."""
        return self.testimony(task) * (self.counts if task.risk else self.ages)

    def favours(self, task: Task) -> Floats:
        """What each row counts where it is learned which label to choose."""
        return self.testimony(task) * self.ages

    def testimony(self, task: Task) -> Floats:
        """For how many rows each row speaks: hearsay for none, one that was held back from automation for many."""
        return np.where(self.hearsay[task.head], 0.0, self.standing[task.head])

    def opened(self, places: Codes) -> Codes:
        """Where in `places` the row stands that was opened first, the next one, and so on; of a split by time."""
        turn = np.empty(len(self.readings), np.int64)
        turn[np.concatenate((self.split.learned, self.split.judged))] = np.arange(len(turn))
        return np.argsort(turn[places])

    def without_word_of(self, head: Head, places: Codes) -> "Lesson":
        """The same where the labels of `places` may teach a head and do not testify."""
        if not len(places):
            return self
        heard = self.hearsay[head].copy()
        heard[places] = True
        return replace(self, hearsay={**self.hearsay, head: heard})


@dataclass(frozen=True)
class Judged:
    """What is known of one head once its elder twin has judged; the arrays are in the order of all rows.

    facts: what facts count beside the text. folds: -1 where a row has none. blend: of the elder twin. growth: what came
    of learning from growing tickets, where it pays.
    """

    task: Task
    facts: float
    scores: Scores
    folds: Codes
    said: HeldOut
    evidence: Mapping[str, Answered]
    blend: Blend
    growth: Tried | None


@dataclass(frozen=True)
class Crossed:
    """One head once rows of it are scored by members that did not see them, before what texts mean has a say.

    known: shape (k,), places of the rows that teach it. folds: of these. facts: what facts count beside the text.
    """

    task: Task
    known: Codes
    folds: Codes
    facts: float
    scores: Scores


@dataclass(frozen=True)
class Finished:
    """One head that has learned from every row. novelty, moved: of the queue head alone."""

    fitted: Fitted
    blend: Blend
    favour: Floats
    evidence: Mapping[str, Answered]
    novelty: Novelty | None
    growth: Growth | None
    unseen: Unseen
    moved: Sequence[Moved]


def known_places(history: Lesson, task: Task) -> Codes:
    """Places of the learned rows that have a label."""
    return history.split.learned[task.codes[history.split.learned] >= 0]
