"""Gathered histories that nobody needs any more: tickets are not kept twice for longer than versions are compared.

Knows which are needed, not what is in them.
"""

from typing import Final

from sqlalchemy import Engine

from journal.environment import Environment
from journal.histories import drop_history, histories, tenants_with
from journal.promotions import promotions
from models.registry import history_of, versions

__all__ = ["KEPT", "prune_gathered"]

KEPT: Final = 5
"""Of the newest gathered histories and of the versions promoted last: whose history stays."""


def prune_gathered(environment: Environment, engine: Engine) -> int:
    """Delete what was gathered for versions of long ago; how many histories went.

    Those of the versions that were promoted last stay, and the newest: they tell which tickets are new to a version.
    What was given to `train` stays. Raises `RegistryError`, `JournalUnavailableError`, `OSError`.
    """
    gathered = [one for one in histories(engine, environment.tenant) if one.source == "gathered"]
    if len(gathered) <= KEPT:
        return 0
    names = {one.version for one in promotions(engine, environment.tenant)[-KEPT:]}
    listed = [one for one in versions(environment.mlflow_uri) if one.version in names]
    needed = {history_of(environment.mlflow_uri, one) for one in listed}
    gone = [one for one in gathered[:-KEPT] if one.digest not in needed]
    for one in gone:
        # The file first: a row without one is dropped the next time, a file without a row would be found by nobody.
        if tenants_with(engine, one.path) == {environment.tenant}:
            (environment.home / one.path).unlink(missing_ok=True)
        drop_history(engine, one.digest, environment.tenant)
    return len(gone)
