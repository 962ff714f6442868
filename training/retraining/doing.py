"""What every step of a retraining needs: where, when, for whom, under which lease; and how a job fails aloud.

Knows neither the steps nor their order.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from desk.errors import LeaseLostError, PointsmanError
from journal.decided import taxonomy_in
from journal.environment import Environment
from journal.jobs import Job, end_job
from journal.leases import Lease
from journal.promotions import champion as champion_of
from training.gate.contestants import contestant
from training.progress import Progress
from training.taught import Taught, taught

__all__ = ["Doing"]


@dataclass(frozen=True, slots=True)
class Doing:
    """One retraining under way. at: when it began by the caller's clock; began: by this process's own."""

    environment: Environment
    engine: Engine
    lease: Lease
    at: datetime
    who: str
    progress: Progress
    began: float = field(default_factory=time.monotonic)

    @property
    def now(self) -> datetime:
        """`at`, and how long it has taken since."""
        return self.at + timedelta(seconds=time.monotonic() - self.began)

    @property
    def tenant(self) -> str:
        """Whose version it is."""
        return self.environment.tenant

    def folder(self, job: Job) -> Path:
        """Where a job keeps what its next step needs."""
        return self.environment.home / "jobs" / f"{self.tenant}-{job.number}"

    @property
    def champion(self) -> str | None:
        """The version that answers now."""
        standing = champion_of(self.engine, self.tenant)
        return None if standing is None else standing.version

    def tag(self, job: Job) -> str:
        """By which MLflow knows what a job made."""
        return f"{self.tenant}/{job.number}"

    def taught(self, name: str | None) -> Taught:
        """What the version of this name learned from."""
        version = None if name is None else contestant(self.environment, name).version
        taxonomy = taxonomy_in(self.engine, self.tenant).as_of(self.at)
        return taught(self.environment, self.engine, version, taxonomy)

    @contextmanager
    def failing_aloud(self, job: Job) -> Iterator[None]:
        """Where a step fails for a reason that is known, the job has failed, and says why."""
        try:
            yield
        except LeaseLostError:
            raise
        except PointsmanError as error:
            result = {"outcome": "failed", "reasons": [str(error)]}
            end_job(self.engine, self.lease, job, state="failed", result=result, at=self.now)
            raise
