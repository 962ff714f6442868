"""`pointsman suspects [VERSION]`."""

import json
from typing import Any

import click

from cli.workplace import open_journal, version_folder

__all__ = ["command"]


@click.command("suspects")
@click.argument("version", required=False)
@click.option("--most", default=20, show_default=True, type=click.IntRange(1), help="How many to show.")
@click.option("--json", "as_json", is_flag=True, help="All of them as one JSON array on stdout.")
def command(version: str | None, most: int, as_json: bool) -> None:
    """List labels that are probably wrong, the worst first, as training VERSION found them; the champion's otherwise.

    Nothing was dropped for it: decide on them in the console, or put them right in the desk's own system, and retrain.
    What a lead decided on is in the JSON alone, as `decided`: which label is right.
    """
    from journal.label_decisions import decisions
    from training.runs.suspect_list import read_suspects

    environment, engine = open_journal()
    name = version_folder(environment, engine, version).name
    right = {
        (one.head, one.ticket_id, label): one.label
        for one in decisions(engine, environment.tenant)
        for label in (one.given, one.label)
    }
    listed: list[dict[str, Any]] = [
        {**one, "decided": right.get((one["head"], one["ticket_id"], one["given"]))}
        for one in read_suspects(environment.mlflow_uri, name)
    ]
    if as_json:
        click.echo(json.dumps(listed))
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not listed:
        console.print(f"Training version {name} found no suspect label.", highlight=False)
        return
    found = [one for one in listed if one["decided"] is None]
    decided = len(listed) - len(found)
    words = f", {decided:,} more decided on" if decided else ""
    table = Table(title=f"the {min(most, len(found)):,} worst of {len(found):,} suspect labels, version {name}{words}")
    for column in ("ticket", "head", "label", "more likely", "probability", "of it"):
        table.add_column(column, justify="right" if column in ("probability", "of it") else "left")
    for one in found[:most]:
        chances = (f"{float(one[which]):.2f}" for which in ("given_probability", "likely_probability"))
        table.add_row(one["ticket_id"], one["head"], one["given"], one["likely"], *chances)
    console.print(table)
