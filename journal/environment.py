"""The one place that reads environment variables, and only when called.

Says where this installation keeps its state. Knows nothing of what is kept there.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
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
    "POINTSMAN_KEYS": "Whether callers need an API key: `required`, or `off` on this machine. Default `required`.",
    "POINTSMAN_SECRET": "What keyed hashes are made with, the same on all replicas. Default a file in the home.",
    "POINTSMAN_TENANT": "Tenant that commands act for. Default `default`.",
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
    are_keys_required: bool = True
    secret: str | None = field(default=None, repr=False)
    tenant: str = "default"

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
    def metrics(self) -> Path:
        """What the processes of the service on this port count."""
        return self.home / "metrics" / str(self.port)

    @property
    def mlflow_artifacts(self) -> Path:
        """What MLflow stores beside its database when it is embedded."""
        return self.home / "mlflow-artifacts"


def read_environment(variables: Mapping[str, str] | None = None, /, **instead: str) -> Environment:
    """Read the variables (those of the process unless given); `instead` takes the place of some.

    Raises `SettingError` where a number is not one, and where keys are off for more than this machine.
    """
    given = {**(os.environ if variables is None else variables), **instead}
    home = Path(given.get("POINTSMAN_HOME") or "var").absolute()
    host = given.get("POINTSMAN_HOST") or "127.0.0.1"
    return Environment(
        home=home,
        database_url=given.get("POINTSMAN_DATABASE_URL") or f"sqlite:///{home / 'journal.db'}",
        mlflow_uri=given.get("POINTSMAN_MLFLOW_URI") or f"sqlite:///{home / 'mlflow.db'}",
        host=host,
        port=_number(given, "POINTSMAN_PORT", 3000, 1, 65535),
        workers=_number(given, "POINTSMAN_WORKERS", 1, 1, 64),
        encoder=given.get("POINTSMAN_ENCODER") or None,
        are_keys_required=_are_keys_required(given, host),
        secret=given.get("POINTSMAN_SECRET") or None,
        tenant=given.get("POINTSMAN_TENANT") or "default",
    )


def _are_keys_required(given: Mapping[str, str], host: str) -> bool:
    """Only whoever is on this machine may do without one."""
    said = given.get("POINTSMAN_KEYS") or "required"
    if said not in ("required", "off"):
        raise SettingError(f"POINTSMAN_KEYS must be `required` or `off`, not {said!r}.")
    if said == "off" and not _is_loopback(host):
        raise SettingError(
            f"POINTSMAN_KEYS is `off` and POINTSMAN_HOST {host!r}: without keys anybody who reaches that address could "
            "ask and change everything. Listen on 127.0.0.1, or make keys with `pointsman keys create`."
        )
    return said == "required"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _number(given: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = given.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise SettingError(f"{name} must be a whole number from {least} to {most}, not {text!r}.")
    return int(text)
