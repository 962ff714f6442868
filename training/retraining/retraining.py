"""`retrain`: the next version from what is known now, judged against the champion, promoted or refused.

One at a time across machines, by a lease in the journal; each step is written down, so that whoever comes after a death
goes on from there. What is done twice is done once: a version is registered once a job, promoted by compare-and-set.
Knows no screen.
"""

import shutil
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from sqlalchemy import Engine

from desk.errors import PointsmanError, PromotionConflictError
from desk.gate_evidence import with_run_off
from journal.decided import taxonomy_in
from journal.environment import Environment
from journal.jobs import Job, begin_job, end_job, last_job, note_step
from journal.promotions import promote, promotions
from journal.tables import DEFAULT_TENANT
from models.registry import mirror_alias, versions
from training.gate.sides import speaker_of
from training.gate.understudies import Understudies, write_understudies
from training.histories.keeping import keep
from training.learning.version import Learned
from training.making import Source, make_version
from training.plan import Plan
from training.progress import Progress
from training.retraining.doing import Doing
from training.retraining.judging import Judged, judge_challenger, judged_by_policy, write_fair
from training.retraining.keeping import holding
from training.retraining.material import Material, material
from training.retraining.pruning import prune_gathered
from training.run_off.tallying import tallies_of
from training.run_off.undecided import run_off_of
from training.runs.judging import JOB_TAG, end_orphans, record_judgement, record_unasked
from training.taught import Taught

__all__ = ["KIND", "Outcome", "Retrained", "retrain"]

KIND: Final = "retrain"
"""Of the job, and the lease's name."""

Outcome: TypeAlias = Literal["promoted", "refused", "overtaken", "nothing_to_do"]
"""overtaken: somebody else promoted while the challenger was judged."""


@dataclass(frozen=True, slots=True)
class Retrained:
    """What became of it. version: the challenger, None where there was nothing to do. champion: who answers now.

    reasons: in words, why it was promoted or refused, or why there is nothing to do. notes: what was let pass.
    job: its number in the journal, None where none was begun.
    """

    outcome: Outcome
    version: str | None
    champion: str | None
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()
    job: int | None = None


def retrain(
    environment: Environment,
    engine: Engine,
    *,
    at: datetime,
    who: str,
    progress: Progress,
    why: str = "asked for",
    force: bool = False,
    may_learn: bool = True,
    allowed_leakage: Collection[str] = (),
) -> Retrained:
    """Build the next version from history, outcomes and feedback, and let the gate decide.

    engine: of the migrated journal. A job that died is taken up where it was, and what people said of an undecided
    challenger comes before a new one. force: learn also where no label is new. may_learn: whether a new one is made.
    Raises `LeaseHeldError` where somebody is at it already, what `training.making.make_version` raises, and
    `JournalUnavailableError`; a job that failed says so in the journal.
    """
    with holding(engine, KIND, environment.tenant) as lease:
        doing = Doing(environment, engine, lease, at, who, progress)
        job = _taken_up(doing)
        if job is not None:
            with doing.failing_aloud(job):
                return _decided(doing, job)
        before = _run_off(doing)
        if not may_learn:
            nothing = ("no challenger waits for what people say",)
            return before or Retrained("nothing_to_do", None, doing.champion, nothing)
        if before is None or before.outcome == "refused":
            return _next(doing, why, allowed_leakage, force=force)
        if before.outcome != "promoted":
            return before
        return _one_after_the_other(before, _next(doing, why, allowed_leakage, force=force))


def _next(doing: Doing, why: str, allowed_leakage: Collection[str], *, force: bool) -> Retrained:
    """Make the next version and judge it, unless there is nothing to do."""
    begun = _begun(doing, why, force=force)
    if isinstance(begun, Retrained):
        return begun
    job, found = begun
    with doing.failing_aloud(job):
        return _decided(doing, _learned(doing, job, found, allowed_leakage))


def _one_after_the_other(before: Retrained, after: Retrained) -> Retrained:
    """What became of it all, where a run-off promoted one version and the next was made from what is known by now."""
    if after.outcome == "promoted":
        told = f"version {before.version} was promoted before it: {'; '.join(before.reasons)}"
        return replace(after, notes=(*after.notes, told))
    if after.version is None:
        return before
    told = f"version {after.version} was made after it, and {after.outcome}: {'; '.join(after.reasons)}"
    return replace(before, champion=after.champion, notes=(*before.notes, told, *after.notes))


def _taken_up(doing: Doing) -> Job | None:
    """A job whose process died after its version was registered; one that died before is ended."""
    job = last_job(doing.engine, KIND, doing.tenant, state="running")
    if job is None:
        return None
    if "registered" not in job.done:
        job = _adopted(doing, job)
    may_go_on = "judged" in job.done or (doing.folder(job) / "understudies.json").exists()
    if "registered" in job.done and may_go_on:
        return job
    end_orphans(doing.environment.mlflow_uri, doing.tag(job))
    result = {"outcome": "died", "reasons": ["its process died before a version was registered"]}
    end_job(doing.engine, doing.lease, job, state="failed", result=result, at=doing.now)
    shutil.rmtree(doing.folder(job), ignore_errors=True)
    return None


def _adopted(doing: Doing, job: Job) -> Job:
    """The job with the version that it had registered when it died, if it had."""
    tag = doing.tag(job)
    for one in versions(doing.environment.mlflow_uri):
        if one.tags.get(JOB_TAG) == tag:
            return note_step(
                doing.engine, doing.lease, job, "registered", {"version": one.version, "run_id": one.run_id}
            )
    return job


def _run_off(doing: Doing) -> Retrained | None:
    """What becomes of a challenger that was left undecided by what people were asked: it is promoted, or still refused.

    None where there is none, or too little was said.
    """
    found = run_off_of(doing.environment, doing.engine, at=doing.at)
    if found is None:
        return None
    taxonomy = taxonomy_in(doing.engine, doing.tenant).as_of(doing.at)
    tallies = tallies_of(doing.engine, found, taxonomy, at=doing.at, tenant=doing.tenant, progress=doing.progress)
    if not tallies:
        return None
    judged = judged_by_policy(doing.environment, doing.engine, with_run_off(found.of.evidence, tallies))
    of = found.of
    if not judged.judgement.passes:
        return Retrained("refused", of.challenger, of.champion, judged.judgement.reasons, judged.judgement.notes)
    why = f"people were asked about tickets that versions {of.champion} and {of.challenger} answer otherwise"
    subject = f"run-off of job {of.job}"
    job = begin_job(doing.engine, doing.lease, kind=KIND, subject=subject, who=doing.who, why=why, at=doing.at)
    with doing.failing_aloud(job):
        registered = {"version": of.challenger, "run_id": of.run_id}
        job = note_step(doing.engine, doing.lease, job, "registered", registered)
        return _decided(doing, _noted(doing, job, of.champion, of.run_id, judged))


def _begun(doing: Doing, why: str, *, force: bool) -> Retrained | tuple[Job, Material]:
    """A new job, or why there is nothing to do."""
    doing.progress.stage("Gathering history, outcomes and verdicts", 1)
    found = material(doing.environment, doing.engine, doing.at)
    champion = doing.champion
    known = doing.taught(champion)
    reason = _nothing_to_do(doing, found, known, champion)
    doing.progress.step()
    if reason is not None and not (force and found.rows):
        return Retrained("nothing_to_do", None, champion, (reason,))
    job = begin_job(doing.engine, doing.lease, kind=KIND, subject=found.subject, who=doing.who, why=why, at=doing.at)
    counted = {"rows": len(found.rows), "new_labels": known.new_labels(found.rows), "origins": found.found.origins}
    return note_step(doing.engine, doing.lease, job, "gathered", counted), found


def _nothing_to_do(doing: Doing, found: Material, known: Taught, champion: str | None) -> str | None:
    if not found.rows:
        return (
            "there is nothing to learn from: no history was ever given to `pointsman train`, and of no ticket that was "
            "scored is an outcome or a verdict known"
        )
    if champion is not None and known.labels and not known.new_labels(found.rows):
        return (
            f"no label is new since version {champion} was trained; `pointsman outcomes import`, `feedback import` and "
            "the API bring them"
        )
    last = last_job(doing.engine, KIND, doing.tenant, state="done")
    if last is not None and last.subject == found.subject and last.result is not None:
        return (
            f"nothing is new since job {last.number}, which learned version {last.result.get('version')} from the very "
            f"same labels: {last.result.get('outcome')}"
        )
    return None


def _learned(doing: Doing, job: Job, found: Material, allowed_leakage: Collection[str]) -> Job:
    """The job once its version is registered."""
    folder = doing.folder(job)
    folder.mkdir(parents=True, exist_ok=True)
    given = found.given
    allowed = (*(given.allowed_leakage if given else ()), *allowed_leakage)
    golden = None if given is None or given.golden is None else {**given.golden, "of": given.digest}

    def kept(learned: Learned, plan: Plan) -> None:
        """What the gate will need, before anything is registered: a version never names a history that is not kept."""
        write_understudies(_understudies(doing, found, learned, plan), folder)
        write_fair(found.found.fair, folder)
        keep(
            doing.engine,
            doing.environment,
            found.found.history,
            found.config,
            at=doing.at,
            source="gathered",
            golden=golden,
            allowed_leakage=allowed,
        )

    source = Source(
        found.found.history,
        found.found.golden,
        hearsay=found.found.hearsay,
        standing=found.found.standing,
        allowed_leakage=allowed,
        checked=found.found.given,
        tags={JOB_TAG: doing.tag(job)},
        awaits="the gate",
    )
    made = make_version(
        source,
        found.config,
        doing.environment,
        doing.engine,
        at=doing.at,
        progress=doing.progress,
        learned_first=kept,
    )
    moved = {"moved": [move.words for move in made.record.moves]} if made.record.moves else {}
    registered = {"version": made.version, "run_id": made.run_id, **moved}
    return note_step(doing.engine, doing.lease, job, "registered", registered)


def _understudies(doing: Doing, found: Material, learned: Learned, plan: Plan) -> Understudies:
    """What versions that learned in the same way say of the newest rows, each of those that it has not seen."""
    place = {row.ticket.id: place for place, row in enumerate(found.rows)}
    parts = found.dealt(doing.taught(doing.champion))
    spoken = []
    for rows in parts:
        unseen = np.array([place[row.ticket.id] for row in rows], np.int64)
        version = learned.groundwork.without(unseen, doing.progress)
        if version is not None:
            spoken.append((rows, speaker_of(version, rows, plan.demands)))
    return Understudies.of(spoken)


def _decided(doing: Doing, job: Job) -> Retrained:
    """Judge, promote or refuse, and end the job."""
    version, run_id = job.done["registered"]["version"], job.done["registered"]["run_id"]
    if "judged" not in job.done:
        job = _judged(doing, job, version, run_id)
    judged: dict[str, Any] = job.done["judged"]
    outcome: Outcome = "promoted" if judged["passes"] else "refused"
    reasons = tuple(judged["reasons"])
    if judged["passes"] and not _was_promoted(doing, job, version):
        try:
            why = f"job {job.number}: {'; '.join(reasons)}"
            promote(
                doing.engine,
                version,
                who=doing.who,
                why=why,
                at=doing.at,
                expected=judged["champion"],
                tenant=doing.tenant,
            )
        except PromotionConflictError as error:
            outcome, reasons = "overtaken", (str(error),)
    champion = doing.champion
    if outcome == "promoted" and champion == version and doing.tenant == DEFAULT_TENANT:
        _mirrored(doing.environment, version)
    result: dict[str, Any] = {"outcome": outcome, "version": version, "champion": champion, "reasons": list(reasons)}
    if outcome == "refused" and judged.get("undecided"):
        result["undecided"] = True
    job = end_job(doing.engine, doing.lease, job, state="done", result=result, at=doing.now)
    shutil.rmtree(doing.folder(job), ignore_errors=True)
    _pruned(doing)
    return Retrained(outcome, version, champion, reasons, tuple(judged["notes"]), job.number)


def _judged(doing: Doing, job: Job, version: str, run_id: str) -> Job:
    champion = doing.champion
    if champion is None or champion == version:
        judged: dict[str, Any] = {"champion": None, "passes": True, "reasons": ["the first version"], "notes": []}
        record_unasked(doing.environment.mlflow_uri, run_id, "the first version")
        return note_step(doing.engine, doing.lease, job, "judged", judged)
    found = judge_challenger(
        doing.environment,
        doing.engine,
        champion=champion,
        challenger=version,
        left=doing.folder(job),
        at=doing.at,
        progress=doing.progress,
    )
    return _noted(doing, job, champion, run_id, found)


def _noted(doing: Doing, job: Job, champion: str, run_id: str, found: Judged) -> Job:
    """The job with its judgement, which is in the challenger's run as well."""
    judgement = found.judgement
    outcome = "promoted" if judgement.passes else "refused"
    record_judgement(doing.environment.mlflow_uri, run_id, champion, found.evidence, judgement, outcome)
    undecided = (
        f"people are asked about tickets that versions {champion} and {job.done['registered']['version']} answer "
        "otherwise: what they say may decide for it"
    )
    judged = {
        "champion": champion,
        "passes": judgement.passes,
        "reasons": list(judgement.reasons),
        "notes": [
            *judgement.notes,
            *([undecided] if judgement.undecided else []),
            *job.done["registered"].get("moved", []),
        ],
        "undecided": judgement.undecided,
        "evidence": found.evidence.to_json(),
    }
    return note_step(doing.engine, doing.lease, job, "judged", judged)


def _was_promoted(doing: Doing, job: Job, version: str) -> bool:
    """Whether this job had promoted it before it died; whoever rolled it back since meant it."""
    return any(one.version == version and one.since >= job.began_at for one in promotions(doing.engine, doing.tenant))


def _mirrored(environment: Environment, version: str) -> None:
    """The journal decides; an alias that cannot be set now is put right by the service."""
    try:
        mirror_alias(environment.mlflow_uri, version)
    except PointsmanError:
        return


def _pruned(doing: Doing) -> None:
    """What cannot be deleted now is the next time."""
    try:
        prune_gathered(doing.environment, doing.engine)
    except (PointsmanError, OSError):
        return
