"""A client of MLflow that fails fast, keeps quiet, sends nothing home and never unpickles.

Knows how to reach MLflow and how to say that it does not answer. Knows neither runs nor versions. The serving process
never imports this: whatever needs the registry there runs in a child process.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit, urlunsplit

from desk.errors import PointsmanError, RegistryError, SettingError

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["MLFLOW_SETTINGS", "answering", "is_absent", "is_remote", "open_client", "shown"]

MLFLOW_SETTINGS: Final[Mapping[str, str]] = {
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_ALLOW_MODEL_CODE_EXECUTION": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
"""What MLflow is told, unless the environment already says otherwise.

With one retry of 5 s a dead server is known to be dead within 12 s; by default a call blocks for over 95 s.
"""

REMOTE = ("http", "https")
DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
CONNECT_WITHIN_SECONDS = 5


def open_client(uri: str) -> "MlflowClient":
    """A client whose tracking store and registry are both at `uri`; an absent SQLite database is made and migrated.

    uri: `sqlite:///…`, another SQLAlchemy address, or `http(s)://…` of an MLflow server. Sets `MLFLOW_SETTINGS` in the
    environment where they are unset, for MLflow has no other way to be told.
    Raises `SettingError` for another kind of address and `RegistryError` where nothing answers.
    """
    _check(uri)
    for name, value in MLFLOW_SETTINGS.items():
        os.environ.setdefault(name, value)
    with answering(uri, "be opened"):
        _knock(uri)
        from mlflow import MlflowClient

        logging.getLogger("mlflow").setLevel(logging.WARNING)
        return MlflowClient(tracking_uri=uri, registry_uri=uri)


def is_remote(uri: str) -> bool:
    """Whether `uri` is an MLflow server, which keeps artifacts itself."""
    return urlsplit(uri).scheme in REMOTE


def is_absent(uri: str) -> bool:
    """Whether `uri` is a SQLite database that does not exist yet: nothing was ever registered there."""
    file = _sqlite_file(uri)
    return file is not None and not file.exists()


def shown(uri: str) -> str:
    """`uri` without its password, fit for a message."""
    parts = urlsplit(uri)
    if parts.password is None:
        return uri
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")))


@contextmanager
def answering(uri: str, doing: str) -> Iterator[None]:
    """Turn whatever MLflow and its libraries raise into a `RegistryError` of one line; our own errors pass."""
    try:
        yield
    except PointsmanError:
        raise
    except Exception as error:  # MLflow lets errors of requests, SQLAlchemy, YAML and the file system through
        reason = (str(error) or type(error).__name__).splitlines()[0].replace(uri, shown(uri))
        raise RegistryError(f"MLflow at {shown(uri)} could not {doing}: {reason}") from error


def _check(uri: str) -> None:
    scheme = urlsplit(uri).scheme.split("+")[0]
    if scheme not in REMOTE + DATABASES:
        raise SettingError(
            f"MLflow's address must be sqlite:///…, postgresql://… or http(s)://…, not {shown(uri)!r} "
            "(MLflow no longer keeps runs in plain files); set POINTSMAN_MLFLOW_URI"
        )


def _knock(uri: str) -> None:
    """Fail now where a database server does not answer; MLflow itself would try ten times over 100 seconds."""
    file = _sqlite_file(uri)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    if is_remote(uri):
        return
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    wait = {} if file is not None else {"connect_timeout": CONNECT_WITHIN_SECONDS}
    with create_engine(uri, poolclass=NullPool, connect_args=wait, hide_parameters=True).connect():
        return


def _sqlite_file(uri: str) -> Path | None:
    parts = urlsplit(uri)
    if parts.scheme.split("+")[0] != "sqlite" or parts.path in ("", "/:memory:"):
        return None
    return Path(unquote(parts.path[1:]))
