"""`pointsman priority`, `pointsman priority set WHAT NUMBER` and `pointsman priority reset [WHAT]`."""

import json
from typing import TYPE_CHECKING, Any

import click

from cli.workplace import now, open_journal
from desk.factor_setting import with_number, without_number
from desk.factors import FACTOR_SETTING, FactorPolicy, policy_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from journal.environment import Environment

__all__ = ["command"]

WHAT = "`customer_tier`, `urgency`, `complexity`, `sentiment`, `business_impact`, `tiers.NAME` or `levels.NAME`"


@click.group("priority", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of tables.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Show what counts how much in the score from 0 to 100 that stands beside each priority."""
    if context.invoked_subcommand is not None:
        return
    revision, value = _held(*open_journal())
    _show(revision, policy_of({} if value is None else value), as_json=as_json)


@command.command("set", help=f"Let WHAT count NUMBER, from 0 to 100: {WHAT}.")
@click.argument("what")
@click.argument("number", type=float)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of tables.")
def set_number(what: str, number: float, as_json: bool) -> None:
    """Write the setting with one number changed."""
    environment, engine = open_journal()
    revision, value = _held(environment, engine)
    _write(environment, engine, revision, with_number(value, what, number), as_json=as_json)


@command.command("reset", help=f"Let WHAT count what it did at first: {WHAT}; everything unless given.")
@click.argument("what", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of tables.")
def reset_number(what: str | None, as_json: bool) -> None:
    """Write the setting with something as it comes; a setting that cannot be read any more can be reset as a whole."""
    environment, engine = open_journal()
    revision, value = _held(environment, engine)
    _write(environment, engine, revision, {} if what is None else without_number(value, what), as_json=as_json)


def _held(environment: "Environment", engine: "Engine") -> tuple[int, Any]:
    """The revision of the setting, 0 before the first, and its value."""
    from journal.settings import get_setting

    setting = get_setting(engine, FACTOR_SETTING, environment.tenant)
    return (0, None) if setting is None else (setting.revision, setting.value)


def _write(
    environment: "Environment", engine: "Engine", revision: int, value: dict[str, Any], *, as_json: bool
) -> None:
    from journal.settings import put_setting
    from training.runs.provenance import user

    put = put_setting(engine, FACTOR_SETTING, value, who=user(), at=now(), expected=revision, tenant=environment.tenant)
    _show(put.revision, policy_of(value), as_json=as_json)


def _show(revision: int, policy: FactorPolicy, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"revision": revision, "setting": policy.to_json()}))
        return
    from cli.priority_tables import show_policy

    show_policy(revision, policy)
