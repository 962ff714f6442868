"""One look at the champion: what comes in and what it answers, against what it was learned from.

Gathers, judges, writes: the report in the journal, labels in breach as the setting `fallbacks`, a run in MLflow, a line
in the log. Knows no screen and no schedule; whether to train again is for who reads `Watched.reasons`.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np
from sqlalchemy import Engine

from desk.demands import Demands
from desk.errors import HistoryError, RegistryError
from desk.feedback_policy import FEEDBACK_SETTING, read_feedback_policy
from desk.heads import CLASS_HEADS, Head
from desk.modes import Terms
from desk.outcome import ResolvedTicket
from desk.read_through import answer_today, report_today, verdict_today
from desk.taxonomy import Taxonomy
from desk.taxonomy_setting import demands_today
from desk.ticket import Ticket
from desk.ticket_json import ticket_in
from desk.votes import votes_of
from journal.answers_of_version import FirstAnswer, answers_beside, newest_answered
from journal.decided import demands_in, taxonomy_in
from journal.environment import Environment
from journal.histories import find_history
from journal.outcomes import recorded_outcomes
from journal.settings import get_setting
from journal.verdicts import verdicts
from journal.watch_reports import WatchReport, put_report
from models.queue_names import evidence_today, labels_today, names_of
from models.scoring import predict
from models.terms import version_terms
from models.version import Version
from training.histories.read_through import through
from training.histories.store import load_history
from training.watch.accuracy import Sample, calibration_of, expected_by_label, measured_by_label, sample_of
from training.watch.breaches import Changed, contracts_of, write_fallbacks
from training.watch.drift import FEWEST, Drifted, Shares, feature_drift, novelty_drift, queue_drift
from training.watch.expected import expected_answers
from training.watch.readings import read_recent, read_reference
from training.watch.recording import record_watch
from training.watch.report import HeadWatched, Watched
from training.watch.told import Told, tell

__all__ = ["NEWEST", "REFERENCE", "watch"]

NEWEST: Final = 500
"""Tickets that a look is at: as many as a shift must be seen within."""

REFERENCE: Final = 8_000
"""Rows of the history, the newest, that they are held against, and that tell how much the desk moves by itself."""

LATELY: Final = 2_000
"""Of these the newest, against which answers are held: a change that was learned is no news for months."""

log = logging.getLogger("pointsman.watch")


@dataclass(frozen=True, slots=True)
class _Reference:
    """rows: the newest of the history that the version was learned from, in order of time. queues: of all of it."""

    rows: Sequence[ResolvedTicket] = ()
    queues: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What the journal has of a version, in the names of today. told: by head, in order of the answers."""

    recent: Sequence[FirstAnswer]
    told: Mapping[Head, Sequence[Told]]
    demands: Demands
    terms: Terms
    taxonomy: Taxonomy


def watch(environment: Environment, engine: Engine, version: Version, *, at: datetime, newest: int = NEWEST) -> Watched:
    """Look at `version`, the champion, as its answers and their labels stand `at` this moment, and write what is found.

    newest: how many recent tickets are compared. Without MLflow the look is made all the same, and a note says so.
    Raises `JournalUnavailableError`, and `SettingError` where the demands or the feedback policy cannot be read.
    """
    gathered = _gather(engine, environment.tenant, version, at, newest)
    reference, notes = _reference(environment, engine, version, gathered.taxonomy)
    found = _judged(version, gathered, reference, notes, at)
    contracts = {head: one.contracts for head, one in found.heads.items()}
    changed = write_fallbacks(engine, version.name, contracts, at, environment.tenant)
    found = _with(found, changed, _recorded(environment, version, found))
    report = WatchReport(at, version.name, found.figures(), found.to_json())
    put_report(engine, report, environment.tenant)
    fields = {"version": version.name, "tickets": found.tickets, "quiet": found.is_quiet, "reasons": found.reasons}
    log.info("watched", extra={"fields": {**fields, "fell": found.fell, "returned": found.returned}})
    return found


def _gather(engine: Engine, tenant: str, version: Version, at: datetime, newest: int) -> _Gathered:
    demands, policy = demands_in(engine, tenant), get_setting(engine, FEEDBACK_SETTING, tenant)
    taxonomy = taxonomy_in(engine, tenant).as_of(at)
    answers = {
        name: [replace(one, answer=answer_today(one.answer, taxonomy)) for one in given]
        for name, given in answers_beside(engine, version.name, at, tenant).items()
    }
    reports = [
        replace(one, report=report_today(one.report, taxonomy))
        for one in recorded_outcomes(engine, tenant)
        if one.received_at <= at
    ]
    by_prediction = {one.answer.prediction_id: one.answer for given in answers.values() for one in given}
    said = [verdict_today(one, taxonomy) for one in verdicts(engine, tenant) if one.at <= at]
    labels: dict[Head, Collection[str]] = {head: model.labels for head, model in version.heads.items()}
    labels["queue"] = {*labels_today(version, names_of(version, taxonomy)), *taxonomy.described()}
    feedback = read_feedback_policy({} if policy is None else policy.value)
    votes = votes_of(said, by_prediction, feedback, labels)
    return _Gathered(
        newest_answered(engine, version.name, newest, at, tenant),
        {head: tell(answers, reports, votes, version.name, head) for head in CLASS_HEADS},
        demands_today(demands, taxonomy),
        version_terms(version, demands, taxonomy=taxonomy),
        taxonomy,
    )


def _reference(
    environment: Environment, engine: Engine, version: Version, taxonomy: Taxonomy
) -> tuple[_Reference, list[str]]:
    """What the version was learned from, or why nobody knows."""
    digest = version.about.get("history")
    kept = find_history(engine, str(digest), environment.tenant)
    if kept is None:
        nothing = "The history that the version was learned from is not registered here: nothing to compare with."
        return _Reference(), [nothing]
    try:
        rows = through(load_history(environment.home / kept.path), taxonomy).rows
    except HistoryError as error:
        return _Reference(), [f"Nothing to compare with: {error}"]
    timed = sorted((row for row in rows if row.ticket.created_at is not None), key=_opened)
    if len(timed) < len(rows):
        nothing = "The history has no times: how much the desk moves by itself cannot be told from drift."
        return _Reference(), [nothing]
    return _Reference(timed[-REFERENCE:], _queues_of(timed)), []


def _opened(row: ResolvedTicket) -> float:
    return 0.0 if row.ticket.created_at is None else row.ticket.created_at.timestamp()


def _judged(version: Version, gathered: _Gathered, reference: _Reference, notes: list[str], at: datetime) -> Watched:
    recent, rows = gathered.recent, reference.rows
    if len(recent) < FEWEST:
        notes.append(f"{len(recent)} tickets were answered by this version; drift is judged from {FEWEST} on.")
    samples = {
        head: sample_of(told, gathered.terms.thresholds.get(head, {}), NEWEST) for head, told in gathered.told.items()
    }
    answered, known = _queues(version, gathered, reference, samples.get("queue"))
    return Watched(
        at=at,
        version=version.name,
        tickets=len(recent),
        reference=len(rows),
        features=_features(version, recent, rows),
        novelty=_novelty(version, recent),
        answered=tuple(answered),
        known=tuple(known),
        heads={head: _head(head, gathered, samples[head], at) for head in CLASS_HEADS if head in version.heads},
        notes=tuple(notes),
    )


def _features(version: Version, recent: Sequence[FirstAnswer], rows: Sequence[ResolvedTicket]) -> tuple[Drifted, ...]:
    if len(recent) < FEWEST or not rows:
        return ()
    tickets = [ticket for one in recent if (ticket := _ticket(one)) is not None]
    before = read_reference(version.encoder, [row.ticket for row in rows])
    return tuple(feature_drift(before, read_recent(version.encoder, tickets)))


def _ticket(one: FirstAnswer) -> Ticket | None:
    try:
        return ticket_in(one.ticket)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _novelty(version: Version, recent: Sequence[FirstAnswer]) -> Drifted | None:
    if version.novelty is None:
        return None
    novel = sum(one.answer.get("queue", {}).get("why") == "unknown_topic" for one in recent)
    return novelty_drift(novel, len(recent))


def _queues(version: Version, gathered: _Gathered, reference: _Reference, sample: Sample | None) -> list[list[Drifted]]:
    """As answered, against what the version would have answered lately; in truth, against the history."""
    taxonomy, history = gathered.taxonomy, _queues_of(reference.rows)
    answered = (
        (one.answer["queue"]["label"], one.at)
        for one in gathered.recent
        if one.answer.get("queue", {}).get("label") is not None and one.answer["queue"].get("probability")
    )
    said = [label for queue, at in answered if (label := taxonomy.today(str(queue), at)) is not None]
    truth = sample if sample is not None and sample.covered == 1.0 else None
    return queue_drift(
        history,
        [
            Shares(_answered_lately(version, gathered, reference), said, np.ones(len(said))),
            Shares(
                {queue: history.count(queue) for queue in set(history)},
                () if truth is None else truth.truth,
                np.empty(0) if truth is None else truth.weights,
            ),
        ],
    )


def _answered_lately(version: Version, gathered: _Gathered, reference: _Reference) -> Mapping[str, float]:
    """Of each queue how often it would have been answered to the newest rows of the history."""
    if "queue" not in version.heads:
        return {}
    names, rows = names_of(version, gathered.taxonomy), reference.rows[-LATELY:]
    unseen = {label: len(one.hits) for label, one in evidence_today(version, names).get("queue", {}).items()}
    choices = (
        predict(version, row.ticket, top=1, names=names).choices.get("queue")
        for row in rows
        if row.outcome.queue is None
    )
    answers = [one.top[0].label for one in choices if one is not None]
    return expected_answers(unseen, reference.queues, _queues_of(rows), answers)


def _queues_of(rows: Sequence[ResolvedTicket]) -> list[str]:
    return [row.outcome.queue for row in rows if row.outcome.queue is not None]


def _head(head: Head, gathered: _Gathered, sample: Sample, at: datetime) -> HeadWatched:
    parts = [one.answer.get(head, {}) for one in gathered.recent]
    answered = [
        (str(part["label"]), float(part["probability"]))
        for part in parts
        if part.get("label") is not None and part.get("probability") is not None
    ]
    return HeadWatched(
        expected=expected_by_label(answered),
        measured=measured_by_label(sample),
        covered=sample.covered,
        calibration=calibration_of(sample),
        contracts=contracts_of(gathered.told[head], head, gathered.terms, gathered.demands, at),
    )


def _recorded(environment: Environment, version: Version, found: Watched) -> tuple[str, ...]:
    """Record the look in MLflow; what to note where that fails."""
    run = version.about.get("run_id")
    try:
        record_watch(environment.mlflow_uri, found, None if run is None else str(run), environment.mlflow_artifacts)
    except RegistryError as error:
        log.warning("watch_not_recorded", extra={"fields": {"error": str(error)}})
        return ("MLflow did not take the report; the journal has it.",)
    return ()


def _with(found: Watched, changed: Changed, notes: tuple[str, ...]) -> Watched:
    return replace(found, fell=changed.fell, returned=changed.returned, notes=(*found.notes, *notes))
