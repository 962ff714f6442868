"""What runs are called and tagged: `v3, 2026-11-20, 4,000 tickets`, once their version has its number.

Knows MLflow's runs, neither what is in them nor how a version gets its number.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from models.registry_client import answering, open_client

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

__all__ = ["HEAD_TAG", "NOTE_TAG", "PARENT_TAG", "VERSION_TAG", "children_of", "name_runs"]

NOTE_TAG: Final = "mlflow.note.content"
"""Of a run: the page that MLflow shows on top of it."""

PARENT_TAG: Final = "mlflow.parentRunId"

VERSION_TAG: Final = "pointsman.version"
"""Of a training's run and of its heads': the number of the version that came of it."""

HEAD_TAG: Final = "pointsman.head"
"""Of a run that is about one head of a training."""


def name_runs(uri: str, run_id: str, version: str) -> None:
    """Put the version's number into the names of the training's run and of its heads'. Raises `RegistryError`."""
    client = open_client(uri)
    with answering(uri, "name the runs"):
        parent = client.get_run(run_id)
        client.update_run(run_id, name=f"v{version}, {parent.info.run_name}")
        client.set_tag(run_id, VERSION_TAG, version)
        for run in children_of(client, parent):
            client.update_run(run.info.run_id, name=f"{run.data.tags[HEAD_TAG]} of v{version}")
            client.set_tag(run.info.run_id, VERSION_TAG, version)


def children_of(client: "MlflowClient", parent: "Run") -> "Iterator[Run]":
    """The runs of a training's heads."""
    where = f"tags.`{PARENT_TAG}` = '{parent.info.run_id}'"
    found = client.search_runs([parent.info.experiment_id], filter_string=where)
    yield from (run for run in found if HEAD_TAG in run.data.tags)
