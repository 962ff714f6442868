"""What nearly every verb needs: the environment, the migrated journal, and a version at hand. Knows no verbs."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from desk.errors import UnknownVersionError
from journal.database import connect, migrate
from journal.environment import Environment, read_environment
from journal.promotions import champion

__all__ = ["now", "open_journal", "version_folder"]


def now() -> datetime:
    """The time, aware."""
    return datetime.now(UTC)


def open_journal() -> tuple[Environment, Engine]:
    """The environment, and its journal brought up to date."""
    environment = read_environment()
    engine = connect(environment.database_url)
    migrate(engine)
    return environment, engine


def version_folder(environment: Environment, engine: Engine, name: str | None) -> Path:
    """The folder of the version `name`, or of the champion; fetched from the registry where it is not on this machine.

    Raises `UnknownVersionError` where there is no such version, or none at all.
    """
    if name is None:
        promotion = champion(engine)
        if promotion is None:
            raise UnknownVersionError("No version has been trained yet; `pointsman train HISTORY` makes the first.")
        name = promotion.version
    folder = environment.versions / name
    if folder.is_dir():
        return folder
    from models.registry import fetch

    return fetch(environment.mlflow_uri, name, folder)
