"""One MLflow run a training: parameters, data, figures, pictures, reports, and a page that tells the story.

Knows MLflow's runs, neither how a version is learned nor how it is registered. Data only: nothing is logged that
anybody would have to unpickle.
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Final

from models.registry import HISTORY_TAG
from models.registry_client import answering, is_remote, open_client
from training.runs.artifacts import write_artifacts
from training.runs.model_card import model_card
from training.runs.provenance import python, user
from training.runs.record import Training

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput

__all__ = ["EXPERIMENT", "experiment_of", "record_run"]

EXPERIMENT: Final = "pointsman"
EXPERIMENT_TAGS = {
    "mlflow.experimentKind": "custom_model_development",  # else the pages speak of chats and traces
    "mlflow.note.content": "One run a training of Pointsman; each run's page says what it learned and how well.",
}
LONGEST_NOTE = 7_900
"""Characters of a run's note: MLflow takes 8,000. The whole card is an artifact."""

LONGEST_PARAMETER = 500
"""Characters of a parameter: MLflow takes 6,000, but nobody reads them in a table of runs."""

AT_ONCE = 100
"""Parameters or tags that MLflow takes in one call."""

COMPARED = (
    "accuracy",
    "macro_f1",
    "top3",
    "rare_recall",
    "ece",
    "coverage_95",
    "coverage_96",
    "kappa",
    "two_levels_off",
    "auroc",
    "average_precision",
    "recall_at_capacity",
)
"""Figures of the baselines that are metrics too; all of them are in `evidence.json`."""

DECIMALS = 5
"""Of a metric: what a page can show. `evidence.json` holds them in full."""

DIGEST_SHOWN = 12
"""Characters of the history's digest on a page; MLflow takes 36."""

COLUMN_TYPES = {"time": "datetime", "yes/no": "boolean", "count": "long", "number": "double"}
"""MLflow's types for the kinds of a history's columns; every other kind is a string."""


def record_run(
    uri: str,
    training: Training,
    *,
    artifacts: Path,
    experiment: str = EXPERIMENT,
    tags: Mapping[str, str] | None = None,
) -> str:
    """Record `training` as one finished run of `experiment` at `uri`, and return the run's id.

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
        try:
            _fill(client, run_id, training)
        except BaseException:
            client.set_terminated(run_id, "FAILED")
            raise
        client.set_terminated(run_id, "FINISHED")
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


def _fill(client: "MlflowClient", run_id: str, training: Training) -> None:
    from mlflow.entities import Metric, Param

    now = int(time() * 1000)
    parameters = [Param(name, value) for name, value in _parameters(training).items()]
    for first in range(0, len(parameters), AT_ONCE):
        client.log_batch(run_id, params=parameters[first : first + AT_ONCE])
    client.log_batch(run_id, metrics=[Metric(name, value, now, 0) for name, value in _metrics(training).items()])
    client.log_inputs(run_id, [_dataset(training)])
    with tempfile.TemporaryDirectory() as folder:
        write_artifacts(training, Path(folder))
        client.log_artifacts(run_id, folder)


def _name(training: Training) -> str:
    window = training.window
    return f"{len(training.history.rows):,} tickets" + (f" to {window[1]:%Y-%m-%d}" if window else "")


def _tags(training: Training) -> dict[str, str]:
    card = model_card(training)
    note = card if len(card) <= LONGEST_NOTE else f"{card[:LONGEST_NOTE]}…\n\nThe whole card: `model_card.md`."
    return {
        "mlflow.note.content": note,
        "mlflow.source.name": "pointsman train",
        "mlflow.source.type": "LOCAL",
        "mlflow.source.git.commit": training.commit,
        "mlflow.user": user(),
        HISTORY_TAG: training.history.digest,
    }


def _parameters(training: Training) -> dict[str, str]:
    history, window = training.history, training.window
    told: dict[str, object] = {
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
        "commit": training.commit,
        "python": python(),
        **training.settings,
    }
    return {name: str(value)[:LONGEST_PARAMETER] for name, value in told.items()}


def _metrics(training: Training) -> dict[str, float]:
    """`queue/accuracy`, beside it a baseline's `queue/accuracy.linear`, `queue/rows`, `seconds/fit` of each step.

    As tickets grow, `growing/escalation.auroc_after_5`. MLflow draws what stands before the stroke as a section of
    charts, and sorts by name within it.
    """
    told: dict[str, float] = {}
    for head, evidence in training.heads.items():
        told |= {f"{head}/{name}": value for name, value in evidence.measures.figures().items()}
        told[f"{head}/rows"] = float(evidence.measures.rows)
        for other, measures in evidence.beside_measures.items():
            told |= {f"{head}/{name}.{other}": value for name, value in measures.figures().items() if name in COMPARED}
    for head, growth in training.growing.items():
        told |= {f"growing/{head}.{name}": value for name, value in growth.figures().items()}
    for factor, found in training.factors.items():
        told |= {f"factors/{factor}.{name}": value for name, value in found.figures().items()}
    for head, measures in training.golden.items():
        told |= {f"golden/{head}.{name}": value for name, value in measures.figures().items() if name in COMPARED}
    told["suspects/labels"] = float(len(training.suspects))
    told |= {f"seconds/{step}": taken for step, taken in training.seconds.items()}
    return {name: round(value, DECIMALS) for name, value in told.items()}


def _dataset(training: Training) -> "DatasetInput":
    """The history as the run's input: digest, columns and rows, without the rows themselves."""
    from mlflow.entities import Dataset, DatasetInput, InputTag
    from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

    history = training.history
    columns = [
        {"name": name, "type": COLUMN_TYPES.get(kind, "string"), "required": False}
        for name, kind in history.columns.items()
    ]
    profile = {"rows": len(history.rows), "columns": len(columns), "notes": list(history.notes)}
    dataset = Dataset(
        name="history",
        digest=history.digest[:DIGEST_SHOWN],
        source_type="pointsman",
        source=json.dumps({"sha256": history.digest}),
        schema=json.dumps({"mlflow_colspec": columns}),
        profile=json.dumps(profile),
    )
    return DatasetInput(dataset, [InputTag(MLFLOW_DATASET_CONTEXT, "training")])
