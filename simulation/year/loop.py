"""What a sample year asks of the loop that learns: to retrain, and to be told when the desk's queues change.

Knows the questions, not how they are answered: `pointsman retrain` and the desk's taxonomy do in earnest,
`simulation.year.promoting_always` does without either.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Engine

from journal.environment import Environment
from training.progress import Progress

__all__ = ["Loop", "Retrain", "Retrained", "untold"]


class Retrained(Protocol):
    """What came of a retraining. outcome: `promoted`, `refused` or `nothing_to_do`. reasons: in words."""

    @property
    def outcome(self) -> str:
        """In a word."""

    @property
    def version(self) -> str | None:
        """The new version, if there is one."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why."""


class Retrain(Protocol):
    """Learn from all that the journal holds at `at`; promote what is learned, or refuse to.

    due: whether the clock says so; a loop may have other reasons. None where it has none.
    """

    def __call__(
        self,
        environment: Environment,
        engine: Engine,
        *,
        at: datetime,
        who: str,
        progress: Progress,
        due: bool,
    ) -> Retrained | None:
        """Do it once."""


Told = Callable[[Environment, Engine, str, str, datetime], None]


def untold(environment: Environment, engine: Engine, queue: str, said: str, at: datetime) -> None:
    """For a loop that is told of no change."""


@dataclass(frozen=True, slots=True)
class Loop:
    """The loop by its parts.

    name: for people. rename: given the old and the new name of a queue, and when. add_queue: given a new queue and what
    it is for, and when. Both may be told twice of one change, when a year goes on after an interruption.
    """

    name: str
    retrain: Retrain
    rename: Told = untold
    add_queue: Told = untold
