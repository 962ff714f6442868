"""`pointsman holdback`."""

import json
from typing import TYPE_CHECKING

import click

from cli.workplace import holdback_in, now, open_journal, taxonomy_in

if TYPE_CHECKING:
    from training.evidence.intervals import Interval

__all__ = ["command"]


@click.command("holdback")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a table.")
def command(as_json: bool) -> None:
    """Show what automation is worth: how right it would have been, and transfers saved, by tickets kept from it.

    The setting `holdback` says how many are kept, by chance; what became of them has to be reported (`outcomes`).
    """
    from training.gathering.said import said_of
    from training.watch.held_back import worth_of

    environment, engine = open_journal()
    share = holdback_in(engine, environment.tenant)
    taxonomy = taxonomy_in(engine, environment.tenant).as_of(now())
    found = worth_of(said_of(engine, environment.tenant, (), taxonomy).tickets.values())
    if as_json:
        click.echo(json.dumps({"holdback": share, "heads": {one.head: one.to_json() for one in found}}))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"what automation is worth, by the {share:.0%} of tickets that are kept from it")
    for name in ("head", "held back", "applied", "right", "95 %", "transfers saved", "95 %"):
        table.add_column(name, justify="left" if name == "head" else "right")
    for one in found:
        right = ("–", "") if one.right is None or one.between is None else _share(one.right, one.between)
        saved = ("–", "")
        if one.saved is not None and one.saved_between is not None:
            saved = f"{one.saved:+.2f} a ticket", f"{one.saved_between.low:+.2f} to {one.saved_between.high:+.2f}"
        table.add_row(one.head, f"{one.held_back:,}", f"{one.applied:,}", *right, *saved)
    console = Console()
    console.print(table)
    if not any(one.held_back for one in found):
        console.print("No outcome of a ticket that was held back is known yet: `pointsman outcomes import` does it.")


def _share(value: float, between: "Interval") -> tuple[str, str]:
    return f"{value:.1%}", f"{between.low:.1%} to {between.high:.1%}"
