"""One MLflow run a training, and one a head below it: parameters, data, figures, pictures, a page that tells the story.

Knows MLflow's runs, neither how a version is learned nor how it is registered. Data only: nothing is logged that
anybody would have to unpickle.
"""

import math
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Final

from desk.heads import Head
from desk.ticket import Ticket
from models.registry import HISTORY_TAG
from models.registry_client import answering, is_remote, open_client
from training.evidence.learning_curve import Curve
from training.runs.artifacts import write_artifacts
from training.runs.dataset import dataset_of
from training.runs.head_files import write_head_files
from training.runs.head_run import head_metrics, head_page, head_parameters
from training.runs.naming import HEAD_TAG, NOTE_TAG, PARENT_TAG
from training.runs.page import first_page
from training.runs.provenance import python, user
from training.runs.record import Training

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

__all__ = ["EXPERIMENT", "experiment_of", "record_run"]

EXPERIMENT: Final = "pointsman"
EXPERIMENT_TAGS = {
    "mlflow.experimentKind": "custom_model_development",  # else the pages speak of chats and traces
    NOTE_TAG: "One run a training of Pointsman; its page says whether it may go live. Below it, one run a "
    "head, and one for each look of the watch since.",
}
LONGEST_NOTE = 7_900
"""Characters of a run's note: MLflow takes 8,000. The whole card is an artifact."""

LONGEST_PARAMETER = 500
"""Characters of a parameter: MLflow takes 6,000, but nobody reads them in a table of runs."""

AT_ONCE = 100
"""Parameters or tags that MLflow takes in one call."""

HEADLINES = (
    "accuracy",
    "macro_f1",
    "ece",
    "contract_coverage",
    "contract_precision",
    "auroc",
    "average_precision",
    "recall_at_capacity",
)
"""Figures of a head that its training's own run has as well: MLflow's table of runs shows every one as a column."""

OF_THE_GOLDEN = ("accuracy", "macro_f1", "kappa", "ece", "auroc")

DECIMALS = 5
"""Of a metric: what a page can show. `evidence.json` holds them in full."""


def record_run(
    uri: str,
    training: Training,
    *,
    artifacts: Path,
    experiment: str = EXPERIMENT,
    tags: Mapping[str, str] | None = None,
) -> str:
    """Record `training` as a finished run of `experiment` at `uri`, with a run a head below, and return the run's id.

    artifacts: folder for files where MLflow is a database; an MLflow server keeps them itself. It is fixed when the
    experiment is made. tags: of the run, beside its own. A run that could not be written whole is marked failed.
    Raises `RegistryError` where MLflow does not answer.
    """
    client = open_client(uri)
    with answering(uri, "record the run"):
        where = experiment_of(client, None if is_remote(uri) else artifacts, experiment)
        began = int((time() - sum(training.seconds.values())) * 1000)
        run = client.create_run(
            where, start_time=began, run_name=_name(training), tags=_tags(training) | dict(tags or {})
        )
        run_id = str(run.info.run_id)
        with _ended(client, run_id):
            _fill(client, run, training, dict(tags or {}))
    return run_id


def experiment_of(client: "MlflowClient", artifacts: Path | None, name: str = EXPERIMENT) -> str:
    """The id of the experiment `name`, made where there is none; artifacts: where its files go, None for a server."""
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    location = None if artifacts is None else artifacts.absolute().as_uri()
    try:
        return str(client.create_experiment(name, artifact_location=location, tags=EXPERIMENT_TAGS))
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
        return experiment_of(client, artifacts, name)  # another training made it in the meantime


def _fill(client: "MlflowClient", run: "Run", training: Training, tags: Mapping[str, str]) -> None:
    """The training's own run, then a run for each head below it, then the page on top, which points to them."""
    run_id, where = str(run.info.run_id), str(run.info.experiment_id)
    _log(client, run_id, _parameters(training), _metrics(training))
    client.log_inputs(run_id, [dataset_of(training, "training")])
    with tempfile.TemporaryDirectory() as folder:
        write_artifacts(training, Path(folder))
        client.log_artifacts(run_id, folder)
    wanted = {one.ticket_id for evidence in training.heads.values() for one in evidence.worst}
    tickets = {row.ticket.id: row.ticket for row in training.history.rows if row.ticket.id in wanted}
    runs = {head: _record_head(client, run, training, head, tickets, tags) for head in training.heads}
    page = first_page(training, {head: f"#/experiments/{where}/runs/{one}" for head, one in runs.items()})
    client.set_tag(run_id, NOTE_TAG, _shortened(page))


def _record_head(
    client: "MlflowClient",
    parent: "Run",
    training: Training,
    head: Head,
    tickets: Mapping[str, Ticket],
    tags: Mapping[str, str],
) -> str:
    """A finished run of one head below the training's; its id."""
    own = {NOTE_TAG: _shortened(head_page(training, head)), HEAD_TAG: head, PARENT_TAG: str(parent.info.run_id)}
    name = f"{head}, {_name(training)}"
    run = client.create_run(
        parent.info.experiment_id,
        start_time=parent.info.start_time,
        run_name=name,
        tags={**_tags(training), **tags, **own},
    )
    run_id = str(run.info.run_id)
    with _ended(client, run_id):
        _log(client, run_id, head_parameters(training, head), head_metrics(training, head))
        if head in training.curves:
            _log_curve(client, run_id, training.curves[head])
        client.log_inputs(run_id, [dataset_of(training, "training")])
        with tempfile.TemporaryDirectory() as folder:
            write_head_files(training, head, tickets, Path(folder))
            client.log_artifacts(run_id, folder)
    return run_id


@contextmanager
def _ended(client: "MlflowClient", run_id: str) -> Iterator[None]:
    """A run that could not be written whole is marked failed."""
    try:
        yield
    except BaseException:
        client.set_terminated(run_id, "FAILED")
        raise
    client.set_terminated(run_id, "FINISHED")


def _log(client: "MlflowClient", run_id: str, parameters: Mapping[str, object], metrics: Mapping[str, float]) -> None:
    from mlflow.entities import Metric, Param

    now = int(time() * 1000)
    shown = [Param(name, str(value)[:LONGEST_PARAMETER]) for name, value in parameters.items()]
    figures = [Metric(name, round(value, DECIMALS), now, 0) for name, value in metrics.items()]
    for first in range(0, len(shown), AT_ONCE):
        client.log_batch(run_id, params=shown[first : first + AT_ONCE])
    client.log_batch(run_id, metrics=figures)


def _log_curve(client: "MlflowClient", run_id: str, curve: Curve) -> None:
    """As a metric with a step a point, which MLflow draws as a line: rows that were learned from."""
    from mlflow.entities import Metric

    now = int(time() * 1000)
    known = [one for one in curve.points if not math.isnan(one.value)]
    name = f"learning_curve/{curve.figure}"
    client.log_batch(run_id, metrics=[Metric(name, round(one.value, DECIMALS), now, one.rows) for one in known])


def _name(training: Training) -> str:
    """MLflow's table shows some twenty characters: after the version's number, the day of the newest ticket."""
    window = training.window
    return (f"{window[1]:%Y-%m-%d}, " if window else "") + f"{len(training.history.rows):,} tickets"


def _shortened(page: str) -> str:
    return page if len(page) <= LONGEST_NOTE else f"{page[:LONGEST_NOTE]}…\n\nEverything: `model_card.md`."


def _tags(training: Training) -> dict[str, str]:
    return {
        "mlflow.source.name": "pointsman retrain" if training.awaits == "the gate" else "pointsman train",
        "mlflow.source.type": "LOCAL",
        "mlflow.source.git.commit": training.commit,
        "mlflow.user": user(),
        HISTORY_TAG: training.history.digest,
    }


def _parameters(training: Training) -> dict[str, object]:
    history, window = training.history, training.window
    return {
        "history.digest": history.digest,
        "history.rows": len(history.rows),
        "history.from": window[0].isoformat() if window else "no times",
        "history.to": window[1].isoformat() if window else "no times",
        "label_rule": history.label_rule or "none",
        "priority_order": ", ".join(history.known_priority_order) or "unknown",
        "split": training.split,
        "heads": ", ".join(training.heads) or "none",
        "heads.skipped": ", ".join(training.skipped) or "none",
        "leakage.allowed": ", ".join(training.allowed_leakage) or "none",
        "champion": training.against.champion if training.against else "none",
        "texts": training.policy.texts,
        "commit": training.commit,
        "python": python(),
        **training.settings,
    }


def _metrics(training: Training) -> dict[str, float]:
    """What trainings are compared by: `queue/accuracy`, `queue/accuracy.linear`, `seconds/learning`.

    All figures of a head are in its own run. MLflow draws what stands before the stroke as a section of charts, and
    sorts by name within it.
    """
    told: dict[str, float] = {}
    for head, evidence in training.heads.items():
        figures = evidence.measures.figures()
        told |= {f"{head}/{name}": figures[name] for name in HEADLINES if name in figures}
        main = "accuracy" if evidence.measures.auroc is None else "auroc"
        for other, measures in evidence.beside_measures.items():
            told |= {f"{head}/{name}.{other}": value for name, value in measures.figures().items() if name == main}
    for head, measures in training.golden.items():
        told |= {f"golden/{head}.{name}": value for name, value in measures.figures().items() if name in OF_THE_GOLDEN}
    compared = None if training.against is None else training.against.evidence
    for one in () if compared is None else compared.figures:
        if not one.where and one.on != "both" and not math.isnan(one.challenger - one.champion):
            told[f"champion/{one.head}.{one.name}"] = one.challenger - one.champion
    told["suspects/labels"] = float(len(training.suspects))
    return told | {f"seconds/{step}": taken for step, taken in training.seconds.items()}
