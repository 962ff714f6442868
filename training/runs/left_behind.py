"""What a training, and later the gate, left in a version's MLflow run, read back. Knows MLflow, and no screen."""

import csv
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.registry_client import answering, open_client
from training.evidence.confusion import MixUp
from training.runs.judging import GATE_TAG
from training.runs.naming import HEAD_TAG, children_of

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

__all__ = ["LeftBehind", "read_left_behind"]

_MIX_UPS = "mix_ups.csv"
_GATE = "gate.json"


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What is read back; None where the run does not have it.

    mix_ups: queues that were taken for others among the rows that judged, the most frequent first. outcome, against: of
    the gate; gate: what `desk.gate_evidence.GateEvidence.to_json` gave.
    """

    mix_ups: tuple[MixUp, ...] | None = None
    outcome: str | None = None
    against: str | None = None
    gate: Mapping[str, Any] | None = None


def read_left_behind(uri: str, run_id: str) -> LeftBehind:
    """What the run holds. Raises `RegistryError` where MLflow does not answer, or has no such run."""
    client = open_client(uri)
    with answering(uri, f"read run {run_id}"):
        run = client.get_run(run_id)
        tags = run.data.tags
        listed = _mix_ups_of(client, run)
        gate = _text(client, run_id, _GATE)
    return LeftBehind(
        None if listed is None else tuple(map(_mix_up, csv.DictReader(listed.splitlines()))),
        tags.get(GATE_TAG),
        tags.get(f"{GATE_TAG}.against"),
        None if gate is None else json.loads(gate),
    )


def _mix_ups_of(client: "MlflowClient", run: "Run") -> str | None:
    """As the run of the training's queue head has them; runs of older builds have them themselves."""
    for child in children_of(client, run):
        if child.data.tags[HEAD_TAG] == "queue":
            return _text(client, str(child.info.run_id), _MIX_UPS)
    return _text(client, str(run.info.run_id), f"queue/{_MIX_UPS}")


def _mix_up(row: Mapping[str, str]) -> MixUp:
    return MixUp(row["truth"], row["answered"], int(row["tickets"]), float(row["share"]))


def _text(client: "MlflowClient", run_id: str, path: str) -> str | None:
    """A file of the run; None where there is none."""
    folder = Path(path).parent.as_posix()
    if path not in {one.path for one in client.list_artifacts(run_id, None if folder == "." else folder)}:
        return None
    with tempfile.TemporaryDirectory() as scratch:
        return Path(client.download_artifacts(run_id, path, scratch)).read_text(encoding="utf-8")
