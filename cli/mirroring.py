"""Brings MLflow's alias in line with the journal, and says so where somebody had moved it. Knows no verbs."""

import click

from desk.errors import PointsmanError
from journal.environment import Environment
from journal.tables import DEFAULT_TENANT

__all__ = ["mirror"]


def mirror(environment: Environment, version: str) -> None:
    """Let the alias `champion` point to `version`: it shows the default tenant's, there being one registered model.

    The journal decides, so a registry that is away, or lacks the version, is only reported.
    """
    from models.registry import mirror_alias

    if environment.tenant != DEFAULT_TENANT:
        return

    try:
        found = mirror_alias(environment.mlflow_uri, version)
    except PointsmanError as error:
        click.echo(f"pointsman: the promotion holds, but MLflow's alias does not show it yet: {error}", err=True)
        return
    if found.by_hand:
        click.echo(f"pointsman: MLflow's alias had been moved by hand to {found.before}; it is put right", err=True)
