"""What a backup looks like: a tar of plain files, the last of which, the manifest, says what each must hash to.

Knows neither how it is made nor what is done with it. Count `FORMAT` up when the layout changes, and say in
`journal.backup.opening` what becomes of older files.
"""

import re
from typing import Final

from sqlalchemy import Column, MetaData, Table, Text

from journal import tables
from journal.columns import Document

__all__ = ["FORMAT", "MANIFEST", "MLFLOW_ARTIFACTS", "MLFLOW_DATABASE", "PLACES", "TABLES", "is_known", "table_of"]

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
MLFLOW_DATABASE: Final = "mlflow/mlflow.db"
MLFLOW_ARTIFACTS: Final = "mlflow/artifacts/"
PLACES: Final = ("database/", "log/", "home/", "mlflow/")
"""The only folders: rows, the local log, what else lies in the home folder, MLflow's."""

LONGEST_NAME: Final = 1_000
_PART: Final = re.compile(r"[^/\0\\]{1,255}")


def _raw(table: Table) -> Table:
    """The table with its documents as the text that they are: they must come back to the bit."""
    kinds = [(one.name, Text() if isinstance(one.type, Document) else one.type) for one in table.columns]
    return Table(table.name, MetaData(), *(Column(name, kind) for name, kind in kinds))


TABLES: Final = {
    str(one.name): _raw(one)
    for one in (
        tables.tenants,
        tables.tickets,
        tables.predictions,
        tables.shadow_predictions,
        tables.questions,
        tables.promotions,
        tables.settings,
        tables.histories,
        tables.keys,
        tables.ended_sessions,
        tables.repeats,
        tables.erasures,
        tables.verdicts,
        tables.outcomes,
        tables.leases,
        tables.jobs,
        tables.watch_reports,
        tables.suspects,
        tables.label_decisions,
    )
}
"""By name, those that are referred to before those that refer to them."""


def is_known(name: str) -> bool:
    """Whether a backup may hold a file of this name: relative, within its folders, nothing that leads elsewhere."""
    parts = name.split("/")
    is_plain = all(_PART.fullmatch(part) and part not in (".", "..") for part in parts)
    return is_plain and len(name) <= LONGEST_NAME and (name == MANIFEST or name.startswith(PLACES))


def table_of(name: str) -> str:
    """The table whose rows are in `database/<table>.<number>.jsonl`."""
    return name.removeprefix("database/").split(".")[0]
