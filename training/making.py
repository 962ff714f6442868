"""Rows to a registered version: leakage check, learning, evidence, the MLflow run, the registry.

Brings together what the other modules do; knows no screen, and neither where the rows came from nor whether the version
will ever answer.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TypedDict

from sqlalchemy import Engine

from desk.demands import Demands
from desk.heads import CLASS_HEADS, Head, with_label
from desk.outcome import ResolvedTicket
from features.encoding import encode, read
from journal.environment import Environment
from journal.secret import installation_secret
from journal.suspects import put_suspects
from models.factors import Factors
from models.golden import GOLDEN_ROWS, golden_rows
from models.registry import register
from models.similar import Similar
from models.storage import write_version
from models.version import Version
from training.evidence.comparison import Comparison, comparison_of, curve_beside, judge_beside
from training.evidence.evaluation import held_out_by
from training.evidence.factors import JudgedFactors, judge_factors
from training.evidence.importance import Importance, importance_of
from training.evidence.judging import HeadEvidence
from training.evidence.learning_curve import Curve
from training.evidence.metrics import Measures, measure
from training.evidence.suspects import suspects_of
from training.gate.on_held_out import Against, Rival, against_champion
from training.histories.desk_config import DeskConfig
from training.histories.history import History
from training.leakage.check import check_leakage
from training.leakage.report import LeakageReport, enforce
from training.learning.factors import learn_factors
from training.learning.rows import EncodedOnce
from training.learning.similar import fit_similar
from training.learning.version import Learned, learn
from training.listing import listed_suspects
from training.memory import give_back
from training.plan import Plan, plan_of
from training.progress import Progress, Unwatched
from training.recording import Found, about_of, record_of
from training.runs.model_card import model_card
from training.runs.naming import name_runs
from training.runs.record import Awaits, Training
from training.runs.run import record_run

__all__ = ["Made", "Source", "Testimony", "make_version", "placed"]


@dataclass(frozen=True, slots=True)
class Source:
    """What a version is made from.

    history: the rows that teach; its digest is that of the kept one, by which the version will name it. golden: rows
    that judge and never teach. hearsay: head -> ids of rows whose label may teach it, and on which no blend, contract
    or judgement may rest. standing: head -> id of a row -> for how many it stands where labels are weighed.
    allowed_leakage: columns to use though the leakage check refuses them. checked: the rows that it looks at, for a
    ticket that was journaled as it was scored knows no future; None for all. tags: of the run and of the version.
    awaits: who has the next word on the version. rival: the champion to compare it with, None where there is none or
    where the gate will.
    """

    history: History
    golden: Sequence[ResolvedTicket] = ()
    hearsay: Mapping[Head, frozenset[str]] = field(default_factory=dict)
    standing: Mapping[Head, Mapping[str, float]] = field(default_factory=dict)
    allowed_leakage: Collection[str] = ()
    checked: Sequence[ResolvedTicket] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    awaits: Awaits = "nobody"
    rival: Rival | None = None


class Testimony(TypedDict):
    """Arguments of `learn`."""

    hearsay: dict[Head, list[int]]
    standing: dict[Head, dict[int, float]]


@dataclass(frozen=True, slots=True)
class Made:
    """version: its number in the registry. run_id: MLflow's. record: all that was found."""

    version: str
    run_id: str
    record: Training


def make_version(
    source: Source,
    config: DeskConfig,
    environment: Environment,
    engine: Engine,
    *,
    at: datetime,
    progress: Progress,
    learned_first: Callable[[Learned, Plan], object] = lambda *_: None,
) -> Made:
    """Learn a version and register it, with a copy under its number among the versions of this machine.

    Labels that are probably wrong are listed in the run, and in the journal for whoever decides on them.

    engine: of the migrated journal. learned_first: called with what was learned before anything is registered. Raises
    `LeakageError` where a column knows the future and nobody insisted on it, `HistoryError` where no head can be
    taught, `SettingError` where the demands on contracts cannot be read, `RegistryError` where MLflow does not take the
    version.
    """
    seconds: dict[str, float] = {}
    leakage, plan, learned = _learned(source, config, environment, engine, progress, seconds)
    learned_first(learned, plan)
    give_back()
    whole, found = _found(source, leakage, plan, learned, progress, seconds)
    record = record_of(source.history, plan, found)
    progress.stage("Registering", 1)
    run_id = record_run(environment.mlflow_uri, record, artifacts=environment.mlflow_artifacts, tags=source.tags)
    version = _register_version(whole, record, config, environment, run_id, at, source.tags)
    name_runs(environment.mlflow_uri, run_id, version)
    progress.step()
    listed = listed_suspects(found.suspects, source.history.rows)
    put_suspects(engine, version, listed, environment.tenant, at=at, secret=lambda: installation_secret(environment))
    return Made(version, run_id, record)


def _learned(
    source: Source,
    config: DeskConfig,
    environment: Environment,
    engine: Engine,
    progress: Progress,
    seconds: dict[str, float],
) -> tuple[LeakageReport, Plan, Learned]:
    history = source.history
    give_back()
    with _timed(seconds, "leakage check"):
        leakage = _checked(source, progress)
    give_back()
    plan = plan_of(history, config, environment, engine)
    with _timed(seconds, "learning"):
        learned = learn(
            history.rows,
            plan.heads,
            progress,
            plan.encoders,
            described=plan.config.queues,
            priority_order=history.known_priority_order,
            **placed(history.rows, source.hearsay, source.standing),
        )
    return leakage, plan, learned


def _found(
    source: Source,
    leakage: LeakageReport,
    plan: Plan,
    learned: Learned,
    progress: Progress,
    seconds: dict[str, float],
) -> tuple[Version, Found]:
    """The whole version, and all that is to be told of it."""
    history = source.history
    with _timed(seconds, "factors and similar tickets"), ThreadPoolExecutor(1) as pool:
        similar = pool.submit(_similar, history, learned)  # the index is no work of Python's: it grows beside
        factors, judged_factors = _factors(history, learned, progress)
    with _timed(seconds, "evidence"):
        judging = _evidence(source, learned, judged_factors, plan.demands, progress)
    whole = replace(learned.version, factors=factors, similar=similar.result())
    with _timed(seconds, "importance"):
        importance = _importance(whole, source, learned, plan, progress)
    with _timed(seconds, "golden set and suspect labels"):
        golden = _golden(whole, source, progress)
        unseen = {head: learned.unseen[head] for head in CLASS_HEADS if head in learned.unseen}
        suspects = suspects_of(history.rows, unseen)
    found = Found(
        leakage,
        tuple(source.allowed_leakage),
        learned,
        judging.evidence,
        judged_factors.evidence,
        golden,
        suspects,
        seconds,
        judging.curves,
        importance,
        judging.against,
        source.awaits,
        plan.policy,
    )
    return whole, found


def placed(
    rows: Sequence[ResolvedTicket],
    hearsay: Mapping[Head, frozenset[str]],
    standing: Mapping[Head, Mapping[str, float]],
) -> Testimony:
    """What `learn` is to know of rows' labels, by their places instead of their ids."""
    place = {row.ticket.id: place for place, row in enumerate(rows)}
    return {
        "hearsay": {head: [place[one] for one in names if one in place] for head, names in hearsay.items()},
        "standing": {
            head: {place[one]: stands for one, stands in names.items() if one in place}
            for head, names in standing.items()
        },
    }


def _checked(source: Source, progress: Progress) -> LeakageReport:
    progress.stage("Checking for columns that know the future", 1)
    rows = source.history.rows if source.checked is None else source.checked
    leakage = check_leakage(replace(source.history, rows=tuple(rows))) if rows else LeakageReport((), ())
    enforce(leakage, source.allowed_leakage)
    progress.step()
    return leakage


def _factors(history: History, learned: Learned, progress: Progress) -> tuple[Factors, JudgedFactors]:
    """The factors of the multi-factor score from every row, and what those from the learned rows say of the judged."""
    progress.stage("Learning the priority score's factors, indexing resolved tickets", 2)
    places, asked = learned.split.learned, learned.split.judged
    encoder, order = learned.version.encoder, history.known_priority_order
    encoded = EncodedOnce(encoder, learned.readings)
    elder = learn_factors(
        [history.rows[place] for place in places], encoder, order, lambda some: encoded.of(places[some].tolist())
    )
    asked_rows, asked_readings = ([of[place] for place in asked] for of in (history.rows, learned.readings))
    judged = judge_factors(elder, encoder, asked_rows, order, asked_readings)
    progress.step()
    factors = learn_factors(history.rows, encoder, order, encoded.of)
    progress.step()
    return factors, judged


def _similar(history: History, learned: Learned) -> Similar:
    words = learned.version.encoder.words
    return fit_similar(history.rows, learned.readings, words, learned.vectors, Unwatched())


@dataclass(frozen=True, slots=True)
class _Judging:
    """What the held-out rows tell, as `training.runs.record.Training` has it."""

    evidence: Mapping[Head, HeadEvidence] = field(default_factory=dict)
    curves: Mapping[Head, Curve] = field(default_factory=dict)
    against: Against | None = None


def _evidence(
    source: Source, learned: Learned, factors: JudgedFactors, demands: Demands, progress: Progress
) -> _Judging:
    """Every head beside the baselines, all learned from the same rows and judged on the same.

    Contracts are those that the learned rows prove: the judged ones say whether they were kept. Hearsay judges nobody.
    """
    history = source.history
    taught, asked = (
        [history.rows[place] for place in places] for places in (learned.split.learned, learned.split.judged)
    )
    asked = [_heard(row, source.hearsay) for row in asked]
    if not asked:
        return _Judging()
    progress.stage("Judging beside the baselines", 2 * len(learned.held_out) + 1)
    comparison = comparison_of(
        taught,
        asked,
        scores=factors.scores,
        priority_order=history.known_priority_order,
        demands=demands,
        evidence=learned.evidence,
    )
    progress.step()
    return _judged(source, learned, comparison, progress)


def _judged(source: Source, learned: Learned, comparison: Comparison, progress: Progress) -> _Judging:
    evidence: dict[Head, HeadEvidence] = {}
    curves: dict[Head, Curve] = {}
    for head, held_out in learned.held_out.items():
        if len(held_out.truth):
            evidence[head] = judge_beside(comparison, held_out)
        progress.step()
        if head in evidence:
            curves[head] = curve_beside(comparison, evidence[head], by_time=learned.split.by_time)
        progress.step()
    held_out_of = {head: one.held_out for head, one in evidence.items()}
    against = None if source.rival is None else against_champion(source.rival, comparison, held_out_of, progress)
    return _Judging(evidence, curves, against)


def _importance(
    version: Version, source: Source, learned: Learned, plan: Plan, progress: Progress
) -> dict[Head, Importance]:
    """What carries the heads of the version that goes out, by its reasons for its newest tickets."""
    rows = source.history.rows
    places = learned.split.judged if len(learned.split.judged) else range(len(rows))
    progress.stage("Looking at what carries each head", 1)
    found = importance_of(version, [rows[place].ticket for place in places])
    progress.step()
    if plan.policy.texts == "none":
        return {head: replace(one, words=()) for head, one in found.items()}
    return found


def _heard(row: ResolvedTicket, hearsay: Mapping[Head, frozenset[str]]) -> ResolvedTicket:
    """The row without the labels that must not judge."""
    outcome = row.outcome
    for head, names in hearsay.items():
        if row.ticket.id in names:
            outcome = with_label(outcome, head, None)
    return row if outcome is row.outcome else replace(row, outcome=outcome)


def _golden(version: Version, source: Source, progress: Progress) -> dict[Head, Measures]:
    """What the version itself is worth on rows that taught neither it nor any other."""
    if not source.golden:
        return {}
    progress.stage("Judging on the golden set", len(source.golden))
    found = held_out_by(version, source.golden, tick=progress.step)
    order = source.history.known_priority_order
    return {
        head: measure(one, priority_order=order if head == "priority" else (), intervals=True)
        for head, one in found.items()
        if len(one.truth)
    }


def _register_version(
    version: Version,
    record: Training,
    config: DeskConfig,
    environment: Environment,
    run_id: str,
    at: datetime,
    tags: Mapping[str, str],
) -> str:
    """Write the version, register it, keep a local copy under its number, and return the number."""
    tickets = [row.ticket for row in record.history.rows[-GOLDEN_ROWS:]]
    golden = golden_rows(version, [encode(version.encoder, read(ticket)) for ticket in tickets])
    environment.versions.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=environment.versions, prefix=".new-") as scratch:
        folder = Path(scratch) / "version"
        write_version(replace(version, about=about_of(record, config, run_id, at, environment.tenant)), folder, golden)
        number = register(environment.mlflow_uri, run_id, folder, description=model_card(record), tags=tags)
        local = environment.versions / number
        shutil.rmtree(local, ignore_errors=True)
        folder.rename(local)
    return number


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    began = time.monotonic()
    try:
        yield
    finally:
        seconds[name] = time.monotonic() - began
