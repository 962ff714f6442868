"""The history as MLflow's data set: a digest, and a schema of columns and types, without any row.

Knows MLflow's entities, not what is learned.
"""

import json
from typing import TYPE_CHECKING, Final

from training.runs.record import Training

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput

__all__ = ["dataset_of"]

DIGEST_SHOWN: Final = 12
"""Characters of the history's digest on a page; MLflow takes 36."""

COLUMN_TYPES: Final = {"time": "datetime", "yes/no": "boolean", "count": "long", "number": "double"}
"""MLflow's types for the kinds of a history's columns; every other kind is a string."""


def dataset_of(training: Training, context: str) -> "DatasetInput":
    """The history as a run's input. context: what it is used for, as the page of runs shows it."""
    from mlflow.entities import Dataset, DatasetInput, InputTag
    from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

    history, window = training.history, training.window
    columns = [
        {"name": name, "type": COLUMN_TYPES.get(kind, "string"), "required": False}
        for name, kind in history.columns.items()
    ]
    profile = {
        "num_rows": len(history.rows),
        "num_elements": len(history.rows) * len(columns),
        "window": [moment.isoformat() for moment in window] if window else None,
        "split": training.split,
        "notes": list(history.notes),
    }
    dataset = Dataset(
        name="history",
        digest=history.digest[:DIGEST_SHOWN],
        source_type="pointsman",
        source=json.dumps({"sha256": history.digest}),
        schema=json.dumps({"mlflow_colspec": columns}),
        profile=json.dumps(profile),
    )
    return DatasetInput(dataset, [InputTag(MLFLOW_DATASET_CONTEXT, context)])
