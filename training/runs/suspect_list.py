"""The suspect labels that a training left in its MLflow run, read back. Knows MLflow's runs, and no screen."""

import csv
import tempfile
from pathlib import Path

from desk.errors import RegistryError
from models.registry import versions
from models.registry_client import answering, open_client
from training.runs.artifacts import SUSPECTS_FILE

__all__ = ["read_suspects"]


def read_suspects(uri: str, version: str) -> list[dict[str, str]]:
    """The rows of a version's list, the worst first, by the names of `training.evidence.suspects.Suspect`.

    Raises `RegistryError` where MLflow does not answer, or has no list of this version.
    """
    run = next((one.run_id for one in versions(uri) if one.version == version), None)
    if run is None:
        raise RegistryError(f"MLflow knows no run of version {version}, so nobody knows its suspect labels")
    client = open_client(uri)
    with answering(uri, f"fetch the suspect labels of version {version}"), tempfile.TemporaryDirectory() as folder:
        if SUSPECTS_FILE not in {one.path for one in client.list_artifacts(run)}:
            raise RegistryError(f"Version {version} was trained before suspect labels were listed; train again")
        path = Path(client.download_artifacts(run, SUSPECTS_FILE, folder))
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
