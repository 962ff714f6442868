"""What nearly every verb needs: the environment, the migrated journal, and a version at hand. Knows no verbs."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from sqlalchemy import Engine

from desk.errors import DamagedVersionError, SettingError, UnknownVersionError
from journal.database import connect, migrate
from journal.decided import demands_in, factor_policy_in, fallbacks_in, holdback_in, taxonomy_in
from journal.environment import Environment, read_environment
from journal.promotions import champion
from journal.tenants import add_tenant, tenant_names

__all__ = [
    "demands_in",
    "factor_policy_in",
    "fallbacks_in",
    "holdback_in",
    "now",
    "open_journal",
    "taxonomy_in",
    "version_folder",
]

NUMBER = re.compile(r"[1-9][0-9]{0,8}")
"""A version's name as MLflow gives it; anything else would be a path on this machine, or another spelling of one."""


def now() -> datetime:
    """The time, aware."""
    return datetime.now(UTC)


def open_journal(*, adds_tenant: bool = False, **instead: str) -> tuple[Environment, Engine]:
    """The environment, and its journal brought up to date.

    adds_tenant: whether the tenant that the environment names may be a new one. instead: takes the place of
    environment variables. Raises `SettingError` for a tenant that there is not: it is more likely misspelt than new.
    """
    environment = read_environment(**instead)
    engine = connect(environment.database_url)
    migrate(engine)
    if adds_tenant:
        add_tenant(engine, environment.tenant, at=now())
    elif environment.tenant not in tenant_names(engine):
        raise SettingError(
            f"POINTSMAN_TENANT names no tenant, {environment.tenant!r}; `pointsman train` and `keys create` add one."
        )
    return environment, engine


def version_folder(environment: Environment, engine: Engine, name: str | None) -> Path:
    """The folder of the version `name`, or of the champion; fetched from the registry where it is not on this machine.

    Raises `UnknownVersionError` where there is no such version, or none at all, `DamagedVersionError` where what was
    fetched fails its check.
    """
    if name is None:
        promotion = champion(engine, environment.tenant)
        if promotion is None:
            raise UnknownVersionError("No version has been trained yet; `pointsman train HISTORY` makes the first.")
        name = promotion.version
    if not NUMBER.fullmatch(name):
        raise UnknownVersionError(f"A version is named by a number, not {name!r}; `pointsman versions` lists them.")
    folder = environment.versions / name
    return folder if folder.is_dir() else _fetched(environment, name, folder)


def _fetched(environment: Environment, name: str, folder: Path) -> Path:
    """Copy a version from the registry and try it in a child process, which it may kill."""
    from models.registry import fetch
    from serving.obtaining import check

    fetch(environment.mlflow_uri, name, folder)
    try:
        check(folder, Event())
    except DamagedVersionError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder
