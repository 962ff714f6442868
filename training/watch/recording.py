"""One MLflow run a look: its figures, its report as JSON, and one picture; a child of the run that made the version.

Knows MLflow's runs and what a look found, not how.
"""

import json
import tempfile
from pathlib import Path
from time import time
from typing import TYPE_CHECKING

from models.registry_client import answering, is_remote, open_client
from training.runs.artifacts import DOTS_PER_INCH
from training.runs.run import experiment_of
from training.watch.pictures import picture_of
from training.watch.report import Watched

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

__all__ = ["record_watch"]


def record_watch(uri: str, found: Watched, parent: str | None, artifacts: Path) -> str:
    """Record a look as one finished run, and return the run's id.

    parent: the run that made the version, under which it is shown; where MLflow has none such, by itself. artifacts: as
    in `training.runs.run.record_run`. Raises `RegistryError` where MLflow does not answer.
    """
    from mlflow.entities import Metric

    client = open_client(uri)
    with answering(uri, "record the watch"):
        above = _parent(client, parent)
        where = experiment_of(client, None if is_remote(uri) else artifacts)
        tags = {
            "mlflow.source.name": "pointsman drift",
            "mlflow.source.type": "LOCAL",
            "mlflow.note.content": "\n".join(f"- {one}" for one in found.reasons) or "Quiet.",
            "pointsman.watched_version": found.version,
            "pointsman.quiet": str(found.is_quiet).lower(),
        }
        if above is not None:
            tags["mlflow.parentRunId"], where = str(above.info.run_id), str(above.info.experiment_id)
        name = f"watch of version {found.version}, {found.at:%Y-%m-%d %H:%M}"
        run_id = str(client.create_run(where, run_name=name, tags=tags).info.run_id)
        try:
            now = int(time() * 1000)
            client.log_batch(run_id, metrics=[Metric(key, value, now, 0) for key, value in found.figures().items()])
            with tempfile.TemporaryDirectory() as folder:
                whole = json.dumps(found.to_json(), indent=2, ensure_ascii=False)
                (Path(folder) / "watch.json").write_text(whole, encoding="utf-8")
                picture_of(found).savefig(Path(folder) / "watch.png", dpi=DOTS_PER_INCH)
                client.log_artifacts(run_id, folder)
        except BaseException:
            client.set_terminated(run_id, "FAILED")
            raise
        client.set_terminated(run_id, "FINISHED")
    return run_id


def _parent(client: "MlflowClient", run_id: str | None) -> "Run | None":
    """The run, where MLflow still has it."""
    from mlflow.exceptions import MlflowException

    try:
        return None if run_id is None else client.get_run(run_id)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None
