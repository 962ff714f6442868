"""One erasing on its way: whose, from where, what is known of their tickets, and what could not be done.

Knows not how anything is erased.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Engine

from desk.errors import RegistryError, VersionError
from journal.environment import Environment
from journal.erasures import Person
from training.progress import Progress, Unwatched

__all__ = ["PATIENCE", "Erasing"]

logger = logging.getLogger("pointsman.forgetting")

PATIENCE: Final = 40.0
"""Seconds to wait until living processes have retired the segments that hold the person: they do within about ten."""


@dataclass(frozen=True, slots=True)
class Erasing:
    """until: what was scored later stays. known: ids of their tickets that the journal knew. left: in words."""

    environment: Environment
    engine: Engine
    person: Person
    until: datetime
    known: frozenset[str] = frozenset()
    dry_run: bool = False
    patience: float = PATIENCE
    progress: Progress = field(default_factory=Unwatched)
    left: list[str] = field(default_factory=list)

    @contextmanager
    def noting(self, words: str) -> Iterator[None]:
        """Write down what could not be done where a version, MLflow or a file is in the way, and go on."""
        try:
            yield
        except (OSError, RegistryError, VersionError) as error:
            # The report goes to whoever asks over HTTP; addresses and paths are for the log.
            logger.warning("Not erased: %s (%s)", words, error)
            self.left.append(words)
