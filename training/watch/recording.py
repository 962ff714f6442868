"""One MLflow run a look: its figures, its report as JSON, and one picture; a child of the run that made the version.

That run tells of the last look too: on its page, in its files, as figures over the days. Knows MLflow's runs and what a
look found, not how.
"""

import json
import tempfile
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Final

from models.registry_client import answering, is_remote, open_client
from training.runs.naming import NOTE_TAG, PARENT_TAG
from training.runs.run import experiment_of
from training.runs.sections import SINCE, with_section
from training.runs.writing import write_picture
from training.watch.pictures import picture_of
from training.watch.report import Watched

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

__all__ = ["record_watch"]

_LONGEST_NOTE: Final = 8_000
_LONGEST_REASON: Final = 200
_MOST_REASONS: Final = 8
_MILLISECONDS_A_DAY: Final = 24 * 3600 * 1000


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
            NOTE_TAG: _told(found),
            "pointsman.watched_version": found.version,
            "pointsman.quiet": str(found.is_quiet).lower(),
        }
        if above is not None:
            tags[PARENT_TAG], where = str(above.info.run_id), str(above.info.experiment_id)
        name = f"watch of version {found.version}, {found.at:%Y-%m-%d %H:%M}"
        run_id = str(client.create_run(where, run_name=name, tags=tags).info.run_id)
        try:
            now = int(time() * 1000)
            client.log_batch(run_id, metrics=[Metric(key, value, now, 0) for key, value in found.figures().items()])
            with tempfile.TemporaryDirectory() as folder:
                whole = json.dumps(found.to_json(), indent=2, ensure_ascii=False)
                (Path(folder) / "watch.json").write_text(whole, encoding="utf-8")
                write_picture(Path(folder) / "watch.png", lambda: picture_of(found))
                client.log_artifacts(run_id, folder)
                if above is not None:
                    _tell_parent(client, above, found, Path(folder))
        except BaseException:
            client.set_terminated(run_id, "FAILED")
            raise
        client.set_terminated(run_id, "FINISHED")
    return run_id


def _told(found: Watched) -> str:
    return "\n".join(f"- {one}" for one in found.reasons) or "Quiet."


def _tell_parent(client: "MlflowClient", above: "Run", found: Watched, folder: Path) -> None:
    """The last look on the page of the run that made the version, its figures as lines over the days."""
    from mlflow.entities import Metric

    run_id, at = str(above.info.run_id), int(found.at.timestamp() * 1000)
    day = max(0, at - above.info.start_time) // _MILLISECONDS_A_DAY
    figures = [Metric(f"since/{name.replace('/', '.')}", value, at, day) for name, value in found.figures().items()]
    client.log_batch(run_id, metrics=figures)
    client.log_artifacts(run_id, str(folder), "since")
    title = "Nothing stands out" if found.is_quiet else f"**{len(found.reasons)} things stand out**"
    body = f"{title}, as of {found.at:%Y-%m-%d %H:%M} UTC, of {found.tickets:,} recent tickets; `since/watch.png`.\n\n"
    told = [one[:_LONGEST_REASON] for one in found.reasons[:_MOST_REASONS]]
    body += "\n".join(f"- {one}" for one in told)
    page = above.data.tags.get(NOTE_TAG, "")
    client.set_tag(run_id, NOTE_TAG, with_section(page, SINCE, body)[:_LONGEST_NOTE])


def _parent(client: "MlflowClient", run_id: str | None) -> "Run | None":
    """The run, where MLflow still has it."""
    from mlflow.exceptions import MlflowException

    try:
        return None if run_id is None else client.get_run(run_id)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None
