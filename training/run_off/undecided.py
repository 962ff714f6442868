"""The challenger that the gate left undecided, if there is one: refused for nothing but a missing proof.

Knows neither which tickets would tell nor what people say of them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from desk.errors import PointsmanError
from desk.gate_evidence import GateEvidence, evidence_in
from journal.decided import taxonomy_in
from journal.environment import Environment
from journal.jobs import last_job
from journal.promotions import champion
from training.gate.contestants import contestant
from training.gate.gate import Contestant
from training.taught import taught

__all__ = ["RunOff", "Undecided", "run_off_of", "undecided"]

_KIND = "retrain"


@dataclass(frozen=True, slots=True)
class Undecided:
    """champion, challenger: versions. run_id: of the challenger's training.

    since: what is answered from then on taught neither. job: the number of the one that made it. evidence: by which the
    gate could not decide.
    """

    champion: str
    challenger: str
    run_id: str
    since: datetime
    job: int
    evidence: GateEvidence


@dataclass(frozen=True, slots=True)
class RunOff:
    """Both as they answer. learned: ids of tickets that taught the challenger."""

    of: Undecided
    champion: Contestant
    challenger: Contestant
    learned: Collection[str]


def undecided(engine: Engine, tenant: str) -> Undecided | None:
    """The last retraining's challenger, where only a proof was missing and the champion is still the same.

    Raises `JournalUnavailableError`.
    """
    job, standing = last_job(engine, _KIND, tenant, state="done"), champion(engine, tenant)
    if job is None or standing is None or job.result is None:
        return None
    if not job.result.get("undecided") or job.result.get("champion") != standing.version:
        return None
    made = job.done["registered"]
    evidence = evidence_in(job.done["judged"]["evidence"])
    return Undecided(standing.version, made["version"], made["run_id"], job.began_at, job.number, evidence)


def run_off_of(environment: Environment, engine: Engine, *, at: datetime) -> RunOff | None:
    """Champion and undecided challenger at `at`; None without one, or where what it learned from is not known here.

    Raises `JournalUnavailableError`, `SettingError`.
    """
    found = undecided(engine, environment.tenant)
    if found is None:
        return None
    taxonomy = taxonomy_in(engine, environment.tenant).as_of(at)
    try:
        first, second = (contestant(environment, name) for name in (found.champion, found.challenger))
        learned = taught(environment, engine, second.version, taxonomy)
    except PointsmanError:
        return None
    return RunOff(found, first, second, frozenset(learned.labels)) if learned.is_known else None
