"""`pointsman contracts`, `pointsman contracts set WHAT NUMBER` and `pointsman contracts reset [WHAT]`."""

import json
from typing import TYPE_CHECKING, Any

import click

from cli.workplace import demands_in, now, open_journal, taxonomy_in, version_folder
from desk.demands import SETTING, Demands, read_demands, with_demand, without_demand
from desk.taxonomy_setting import demands_today

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from journal.environment import Environment
    from models.version import Version

__all__ = ["command"]

WHAT = "`queue`, `priority`, `suggest` (the least probability that is suggested) or `review_capacity`"


@click.group("contracts", invoke_without_command=True)
@click.option("--version", "name", help="The version to look at; the champion unless given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of tables.")
@click.pass_context
def command(context: click.Context, name: str | None, as_json: bool) -> None:
    """Show what precision is demanded before a label is applied by itself, what that covers, and what else would."""
    if context.invoked_subcommand is not None:
        return
    from cli.contract_tables import show_contracts
    from models.coverage import contracted, contracts_json
    from models.storage import load_version

    environment, engine = open_journal()
    demands = demands_in(engine, environment.tenant)
    taxonomy = taxonomy_in(engine, environment.tenant).as_of(now())
    version = load_version(version_folder(environment, engine, name))
    if as_json:
        click.echo(json.dumps(contracts_json(version, demands, taxonomy)))
    else:
        show_contracts(contracted(version, taxonomy), demands_today(demands, taxonomy))


@command.command("set", help=f"Demand NUMBER, a share like 0.97, of WHAT: {WHAT}.")
@click.argument("what")
@click.argument("number", type=float)
@click.option("--label", help="Of this label alone.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of text.")
def set_demand(what: str, number: float, label: str | None, as_json: bool) -> None:
    """Write the setting with one number changed, and say what that covers."""
    environment, engine = open_journal()
    revision, before = _held(environment, engine)
    demands = read_demands(before)
    _change(environment, engine, revision, demands, with_demand(demands, what, number, label), as_json=as_json)


@command.command("reset", help=f"Take back what was demanded of WHAT: {WHAT}; of everything unless given.")
@click.argument("what", required=False)
@click.option("--label", help="Of this label alone.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of text.")
def reset_demand(what: str | None, label: str | None, as_json: bool) -> None:
    """Write the setting with something as it comes; a setting that cannot be read any more can be reset as a whole."""
    environment, engine = open_journal()
    revision, before = _held(environment, engine)
    if what is None:
        if label is not None:
            raise click.UsageError("--label needs the head that it belongs to: `pointsman contracts reset queue …`.")
        _change(environment, engine, revision, None, Demands(), as_json=as_json)
    else:
        demands = read_demands(before)
        _change(environment, engine, revision, demands, without_demand(demands, what, label), as_json=as_json)


def _held(environment: "Environment", engine: "Engine") -> tuple[int, Any]:
    """The revision of the setting, 0 before the first, and its value."""
    from journal.settings import get_setting

    setting = get_setting(engine, SETTING, environment.tenant)
    return (0, None) if setting is None else (setting.revision, setting.value)


def _change(
    environment: "Environment",
    engine: "Engine",
    revision: int,
    before: Demands | None,
    after: Demands,
    *,
    as_json: bool,
) -> None:
    """Write `after` as the next revision, and say what the champion's evidence makes of it."""
    from cli.contract_tables import show_change
    from journal.settings import put_setting
    from models.coverage import change_json
    from training.runs.provenance import user

    version = _champion(environment, engine)
    put = put_setting(
        engine, SETTING, after.to_json(), who=user(), at=now(), expected=revision, tenant=environment.tenant
    )
    changed = change_json(version, before, after)
    if as_json:
        click.echo(json.dumps({"revision": put.revision, "setting": after.to_json(), **changed}))
    else:
        show_change(put.revision, changed)


def _champion(environment: "Environment", engine: "Engine") -> "Version | None":
    """None before there is one: demands can be set before anything was learned."""
    from journal.promotions import champion
    from models.coverage import contracted
    from models.storage import load_version

    if champion(engine, environment.tenant) is None:
        return None
    taxonomy = taxonomy_in(engine, environment.tenant).as_of(now())
    return contracted(load_version(version_folder(environment, engine, None)), taxonomy)
