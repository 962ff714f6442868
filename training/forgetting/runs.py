"""A person's tickets out of what trainings wrote into their MLflow runs: worst errors with their texts, suspect labels.

Pictures and figures speak of many tickets and name none. Knows MLflow's runs, not whose tickets they are.
"""

import csv
import tempfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from models.registry import HISTORY_TAG
from models.registry_client import answering, is_absent, open_client
from training.forgetting.erasing import Erasing
from training.runs.artifacts import READ_ANEW_FILE, SUSPECTS_FILE
from training.runs.error_table import ERRORS_FILE, write_errors_page

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

__all__ = ["erase_from_runs"]

_AT_ONCE: Final = 500  # runs that MLflow lists in one call


def erase_from_runs(erasing: Erasing, ids: Collection[str], may_hold: Callable[[str | None], bool]) -> int:
    """Erase the rows of the tickets with these ids, and return how many there were.

    may_hold: whether a training on the history of this digest may know these tickets. Raises `RegistryError`.
    """
    uri = erasing.environment.mlflow_uri
    if not ids or is_absent(uri):
        return 0
    client = open_client(uri)
    with answering(uri, "erase tickets from its runs"):
        runs = [one for one in _trainings(client) if may_hold(one.data.tags.get(HISTORY_TAG))]
        erasing.progress.stage("Runs in MLflow", len(runs))
        rows = 0
        for run in runs:
            rows += _erase_from(client, str(run.info.run_id), ids, dry_run=erasing.dry_run)
            erasing.progress.step()
    return rows


def _trainings(client: "MlflowClient") -> "Iterator[Run]":
    """The runs of trainings and of their heads, those that failed or were deleted too."""
    from mlflow.entities import ViewType

    experiments = [one.experiment_id for one in client.search_experiments(view_type=ViewType.ALL)]
    token = None
    while True:
        found = client.search_runs(
            experiments,
            filter_string=f"tags.`{HISTORY_TAG}` LIKE '%'",
            run_view_type=ViewType.ALL,
            max_results=_AT_ONCE,
            page_token=token,
        )
        yield from found
        token = found.token
        if not token:
            return


def _erase_from(client: "MlflowClient", run_id: str, ids: Collection[str], *, dry_run: bool) -> int:
    rows = 0
    there = {one.path for one in client.list_artifacts(run_id)}
    for name in (ERRORS_FILE, SUSPECTS_FILE, READ_ANEW_FILE):
        if name not in there:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            client.download_artifacts(run_id, name, scratch)
            gone = _without(folder / name, ids)
            if gone and not dry_run:
                if name == ERRORS_FILE:
                    write_errors_page(folder)
                client.log_artifacts(run_id, scratch)
        rows += gone
    return rows


def _without(path: Path, ids: Collection[str]) -> int:
    """Leave out the rows of the tickets, and say how many these were."""
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        names, rows = list(table.fieldnames or ()), list(table)
    kept = [row for row in rows if row.get("ticket_id") not in ids]
    if len(kept) < len(rows):
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(kept)
    return len(rows) - len(kept)
