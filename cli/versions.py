"""`pointsman versions`."""

import json

import click

from cli.workplace import open_journal

__all__ = ["command"]


@click.command("versions")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a table.")
def command(as_json: bool) -> None:
    """List the versions, which of them answers, and who promoted what, when and why."""
    from journal.promotions import promotions
    from models.registry import versions

    environment, engine = open_journal()
    found = versions(environment.mlflow_uri)
    history = promotions(engine, environment.tenant)
    champion = history[-1].version if history else None
    if as_json:
        listed = [
            {
                "version": one.version,
                "registered_at": one.registered_at.isoformat(),
                "champion": one.version == champion,
            }
            for one in found
        ]
        told = [
            {
                "version": one.version,
                "since": one.since.isoformat(),
                "until": None if one.until is None else one.until.isoformat(),
                "who": one.who,
                "why": one.why,
            }
            for one in history
        ]
        click.echo(json.dumps({"versions": listed, "promotions": told}))
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table("version", "registered", "answered", "promoted by", "why")
    for version in found:
        mine = [one for one in history if one.version == version.version]
        spans = "\n".join(f"{one.since:%Y-%m-%d %H:%M} to {_end(one.until)}" for one in mine)
        who, why = "\n".join(one.who for one in mine), "\n".join(one.why for one in mine)
        mark = " (champion)" if version.version == champion else ""
        table.add_row(f"{version.version}{mark}", f"{version.registered_at:%Y-%m-%d %H:%M}", spans, who, why)
    console.print(table)
    if not found:
        console.print("No version yet; `pointsman train HISTORY` makes the first.", markup=False)


def _end(until: object) -> str:
    return "now" if until is None else f"{until:%Y-%m-%d %H:%M}"
