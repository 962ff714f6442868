"""One training from end to end: leakage check, learning, evidence, the MLflow run, the registry, the journal.

Brings together what the other modules do; knows no screen. Champion is the first version of a desk; any later one waits
for `promote`.
"""

import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from desk.demands import Demands
from desk.errors import PromotionConflictError
from desk.heads import Head
from features.encoding import encode, read
from journal.environment import Environment
from journal.histories import History as RegisteredHistory
from journal.histories import register_history
from journal.promotions import champion, promote
from journal.tables import DEFAULT_TENANT
from models.factors import Factors
from models.golden import GOLDEN_ROWS, golden_rows
from models.registry import mirror_alias, register
from models.similar import Similar
from models.storage import write_version
from models.version import Version
from training.evidence.comparison import comparison_of, judge_beside
from training.evidence.factors import JudgedFactors, judge_factors
from training.evidence.judging import HeadEvidence
from training.histories.desk_config import DeskConfig
from training.histories.history import History
from training.histories.read_through import taxonomy_of, through
from training.histories.store import keep_history
from training.histories.unerased import without_erased
from training.leakage.check import check_leakage
from training.leakage.report import LeakageReport, enforce
from training.learning.factors import learn_factors
from training.learning.similar import fit_similar
from training.learning.version import Learned, learn
from training.memory import give_back
from training.plan import plan_of
from training.progress import Progress, Unwatched
from training.recording import Found, about_of, record_of
from training.runs.model_card import model_card
from training.runs.record import Training
from training.runs.run import record_run

__all__ = ["Trained", "train"]


@dataclass(frozen=True, slots=True)
class Trained:
    """version: its number in the registry. is_champion: whether it answers from now on. record: all that was found."""

    version: str
    run_id: str
    is_champion: bool
    record: Training


def train(
    history: History,
    config: DeskConfig,
    environment: Environment,
    engine: Engine,
    *,
    at: datetime,
    who: str,
    progress: Progress,
    allowed_leakage: Collection[str] = (),
) -> Trained:
    """Train a version from `history` and register it.

    engine: of the migrated journal. Tickets of people who were erased are left out, queues are called as they are at
    `at`. Raises `LeakageError` where a column knows the future and nobody insisted on it, `HistoryError` where no head
    can be taught, `SettingError` where the demands on contracts or the taxonomy cannot be read, `RegistryError` where
    MLflow does not take the version.
    """
    seconds: dict[str, float] = {}
    history = without_erased(history, environment, engine)
    history = through(history, taxonomy_of(engine, environment.tenant).as_of(at), config.columns.get("queue"))
    give_back()
    with _timed(seconds, "leakage check"):
        leakage = _checked(history, allowed_leakage, progress)
    give_back()
    plan = plan_of(history, config, environment, engine)
    with _timed(seconds, "learning"):
        order = history.known_priority_order
        learned = learn(
            history.rows, plan.heads, progress, plan.encoders, described=plan.config.queues, priority_order=order
        )
    give_back()
    with _timed(seconds, "factors and similar tickets"), ThreadPoolExecutor(1) as pool:
        similar = pool.submit(_similar, history, learned)  # the index is no work of Python's: it grows beside
        factors, judged_factors = _factors(history, learned, progress)
    with _timed(seconds, "evidence"):
        evidence = _evidence(history, learned, judged_factors, plan.demands, progress)
    whole = replace(learned.version, factors=factors, similar=similar.result())
    found = Found(leakage, tuple(allowed_leakage), learned, evidence, judged_factors.evidence, seconds)
    record = record_of(history, plan, found)
    progress.stage("Registering", 1)
    _keep_history(engine, environment, config, record, at)
    run_id = record_run(environment.mlflow_uri, record, artifacts=environment.mlflow_artifacts)
    version = _register_version(whole, record, config, environment, run_id, at)
    progress.step()
    return Trained(version, run_id, _promote_first(engine, environment, version, who, at), record)


def _checked(history: History, allowed: Collection[str], progress: Progress) -> LeakageReport:
    progress.stage("Checking for columns that know the future", 1)
    leakage = check_leakage(history)
    enforce(leakage, allowed)
    progress.step()
    return leakage


def _factors(history: History, learned: Learned, progress: Progress) -> tuple[Factors, JudgedFactors]:
    """The factors of the multi-factor score from every row, and what those from the learned rows say of the judged."""
    progress.stage("Learning the priority score's factors, indexing resolved tickets", 2)
    (taught, taught_readings), (asked, asked_readings) = (
        ([history.rows[place] for place in places], [learned.readings[place] for place in places])
        for places in (learned.split.learned, learned.split.judged)
    )
    encoder, order = learned.version.encoder, history.known_priority_order
    elder = learn_factors(taught, encoder, order, taught_readings)
    judged = judge_factors(elder, encoder, asked, order, asked_readings)
    progress.step()
    factors = learn_factors(history.rows, encoder, order, learned.readings)
    progress.step()
    return factors, judged


def _similar(history: History, learned: Learned) -> Similar:
    words = learned.version.encoder.words
    return fit_similar(history.rows, learned.readings, words, learned.vectors, Unwatched())


def _evidence(
    history: History, learned: Learned, factors: JudgedFactors, demands: Demands, progress: Progress
) -> dict[Head, HeadEvidence]:
    """Every head beside the baselines, all learned from the same rows and judged on the same.

    Contracts are those that the learned rows prove: the judged ones say whether they were kept.
    """
    taught, asked = (
        [history.rows[place] for place in places] for places in (learned.split.learned, learned.split.judged)
    )
    if not asked:
        return {}
    progress.stage("Judging beside the baselines", len(learned.held_out) + 1)
    comparison = comparison_of(
        taught,
        asked,
        scores=factors.scores,
        priority_order=history.known_priority_order,
        demands=demands,
        evidence=learned.evidence,
    )
    progress.step()
    evidence: dict[Head, HeadEvidence] = {}
    for head, held_out in learned.held_out.items():
        if len(held_out.truth):
            evidence[head] = judge_beside(comparison, held_out)
        progress.step()
    return evidence


def _register_version(
    version: Version, record: Training, config: DeskConfig, environment: Environment, run_id: str, at: datetime
) -> str:
    """Write the version, register it, keep a local copy under its number, and return the number."""
    tickets = [row.ticket for row in record.history.rows[-GOLDEN_ROWS:]]
    golden = golden_rows(version, [encode(version.encoder, read(ticket)) for ticket in tickets])
    environment.versions.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=environment.versions, prefix=".new-") as scratch:
        folder = Path(scratch) / "version"
        write_version(replace(version, about=about_of(record, config, run_id, at, environment.tenant)), folder, golden)
        number = register(environment.mlflow_uri, run_id, folder, description=model_card(record))
        local = environment.versions / number
        shutil.rmtree(local, ignore_errors=True)
        folder.rename(local)
    return number


def _keep_history(engine: Engine, environment: Environment, config: DeskConfig, record: Training, at: datetime) -> None:
    """Keep the history beside the journal, and write down in the journal where it is."""
    history, window = record.history, record.window or (None, None)
    kept = keep_history(history, environment.home).relative_to(environment.home)
    register_history(
        engine,
        RegisteredHistory(
            digest=history.digest,
            path=kept.as_posix(),
            row_count=len(history.rows),
            given_at=at,
            first_created_at=window[0],
            last_created_at=window[1],
            label_rule=history.label_rule or None,
            desk_config=config.to_json(),
        ),
        environment.tenant,
    )


def _promote_first(engine: Engine, environment: Environment, version: str, who: str, at: datetime) -> bool:
    """Make the version champion if there is none yet; whether it is."""
    if champion(engine, environment.tenant) is not None:
        return False
    try:
        promote(engine, version, who=who, why="the first version", at=at, expected=None, tenant=environment.tenant)
    except PromotionConflictError:
        return False
    if environment.tenant == DEFAULT_TENANT:  # whose champion the alias shows
        mirror_alias(environment.mlflow_uri, version)
    return True


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    began = time.monotonic()
    try:
        yield
    finally:
        seconds[name] = time.monotonic() - began
