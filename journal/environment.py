"""The one place that reads environment variables, and only when called.

Says where this installation keeps its state. Knows nothing of what is kept there.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from desk.errors import SettingError

__all__ = ["VARIABLES", "Environment", "read_environment"]

VARIABLES = {
    "POINTSMAN_HOME": "Folder that holds all state. Default `var`.",
    "POINTSMAN_DATABASE_URL": "Journal's database. Default SQLite at `$POINTSMAN_HOME/journal.db`.",
    "POINTSMAN_MLFLOW_URI": "MLflow tracking and registry. Default SQLite at `$POINTSMAN_HOME/mlflow.db`.",
    "POINTSMAN_HOST": "Address that the service listens on. Default `127.0.0.1`.",
    "POINTSMAN_PORT": "Port that the service listens on. Default `3000`.",
    "POINTSMAN_WORKERS": "Processes of the service. Default `1`.",
    "POINTSMAN_SECRET": "Secret behind hashes of keys and erased people. Default the file `$POINTSMAN_HOME/secret`.",
    "POINTSMAN_ENCODER": "Sentence encoder to learn meanings from: hub name, folder, `none`. Default the offline one.",
}
"""Every variable that Pointsman reads; the README's table is compared with this."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What the environment says. `home` is absolute; nothing is made on disk by reading this."""

    home: Path
    database_url: str
    mlflow_uri: str
    host: str
    port: int
    workers: int
    encoder: str | None
    secret: str | None = field(default=None, repr=False)

    @property
    def versions(self) -> Path:
        """Local copies of versions, a folder each."""
        return self.home / "versions"

    @property
    def histories(self) -> Path:
        """Histories given to training, as Parquet."""
        return self.home / "histories"

    @property
    def log(self) -> Path:
        """The local log: answers that the database has not taken yet."""
        return self.home / "log"

    @property
    def mlflow_artifacts(self) -> Path:
        """What MLflow stores beside its database when it is embedded."""
        return self.home / "mlflow-artifacts"


def read_environment(variables: Mapping[str, str] | None = None) -> Environment:
    """Read the variables (those of the process unless given).

    Raises `SettingError` where a number is not one.
    """
    given = os.environ if variables is None else variables
    home = Path(given.get("POINTSMAN_HOME") or "var").absolute()
    return Environment(
        home=home,
        database_url=given.get("POINTSMAN_DATABASE_URL") or f"sqlite:///{home / 'journal.db'}",
        mlflow_uri=given.get("POINTSMAN_MLFLOW_URI") or f"sqlite:///{home / 'mlflow.db'}",
        host=given.get("POINTSMAN_HOST") or "127.0.0.1",
        port=_number(given, "POINTSMAN_PORT", 3000, 1, 65535),
        workers=_number(given, "POINTSMAN_WORKERS", 1, 1, 64),
        encoder=given.get("POINTSMAN_ENCODER") or None,
        secret=given.get("POINTSMAN_SECRET") or None,
    )


def _number(given: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = given.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise SettingError(f"{name} must be a whole number from {least} to {most}, not {text!r}.")
    return int(text)
