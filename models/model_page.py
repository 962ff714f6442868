"""The `MLmodel` file that MLflow wants beside a model: who made it, what goes in, what comes out.

Data only: it names no Python class, so that nothing can load code through it; `mlflow models serve` refuses it, and
`pointsman serve` is how a version answers. Knows nothing of a version's files.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from desk.heads import CLASS_HEADS, RISK_HEADS

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

__all__ = ["write_model_page"]

FLAVOR = "pointsman"
FORMAT = 1
"""Raise it when the meaning of the flavour's entries changes."""

OPTIONAL_TEXTS = ("subject", "body", "created_at", "channel", "language", "region", "product")


def write_model_page(folder: Path, *, model_id: str, run_id: str, files: str) -> Path:
    """Write `MLmodel` into `folder` for the model `model_id` of run `run_id`, whose files lie in its folder `files`."""
    from mlflow.models import Model

    page = Model(
        run_id=run_id,
        model_id=model_id,
        model_uuid=model_id,
        flavors={FLAVOR: {"format": FORMAT, "data": files, "answers_by": "pointsman serve"}},
        signature=_signature(),
    )
    path = folder / "MLmodel"
    page.save(str(path))
    return path


def _signature() -> "ModelSignature":
    """A ticket's main fields, and per head a label with its probability, or the probability alone."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema
    from mlflow.types.schema import Map

    texts = [ColSpec(DataType.string, name, required=False) for name in OPTIONAL_TEXTS]
    attributes = ColSpec(Map(DataType.string), "attributes", required=False)
    labels = [ColSpec(DataType.string, head, required=False) for head in CLASS_HEADS]
    chances = [ColSpec(DataType.double, f"{head}_probability", required=False) for head in CLASS_HEADS + RISK_HEADS]
    return ModelSignature(
        inputs=Schema([ColSpec(DataType.string, "id"), *texts, attributes]), outputs=Schema([*labels, *chances])
    )
