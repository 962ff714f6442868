"""`pointsman compare A B`."""

import json
from typing import TYPE_CHECKING

import click

from cli.progress import bars
from cli.workplace import now, open_journal, version_folder

if TYPE_CHECKING:
    from rich.table import Table

    from desk.gate_evidence import GateEvidence

__all__ = ["command", "comparison_table"]


@click.command("compare")
@click.argument("a")
@click.argument("b")
@click.option("--slices", is_flag=True, help="Show queues, languages and tiers as well.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a table.")
def command(a: str, b: str, slices: bool, as_json: bool) -> None:
    """Compare two versions on tickets that taught neither: the golden set, and what became known since.

    Says what the gate would say of B in A's place; promotes nothing.
    """
    from dataclasses import asdict

    from models.storage import load_version
    from training.gate.gate import Contestant
    from training.retraining.judging import compare

    environment, engine = open_journal()
    folders = [version_folder(environment, engine, name) for name in (a, b)]
    first, second = (Contestant(load_version(folder), folder) for folder in folders)
    with bars(quiet=as_json) as shown:
        found = compare(environment, engine, first, second, at=now(), progress=shown)
    if as_json:
        told = {"a": a, "b": b, **found.evidence.to_json(), "judgement": asdict(found.judgement)}
        click.echo(json.dumps(told))
        return
    from rich.console import Console

    console = Console()
    console.print(comparison_table(a, b, found.evidence, slices=slices))
    for head, changed in found.evidence.changed.items():
        console.print(f"  · {changed.share:.1%} of {changed.tickets:,} recent tickets get another {head}")
    verdict = "would take the place of" if found.judgement.passes else "would be refused in the place of"
    console.print(f"Version {b} {verdict} {a}:", highlight=False)
    for reason in (*found.judgement.reasons, *found.judgement.notes):
        console.print(f"  · {reason}", highlight=False, markup=False, soft_wrap=True)


def comparison_table(a: str, b: str, evidence: "GateEvidence", *, slices: bool = False) -> "Table":
    """Every figure of both, with the interval of the difference."""
    from rich.table import Table

    table = Table(title=f"version {b} beside {a}")
    for name in ("on", "head", "figure", "rows", a, b, "difference", "interval"):
        table.add_column(name, justify="left" if name in ("on", "head", "figure") else "right")
    for one in evidence.figures:
        if one.where and not slices:
            continue
        mark = " −" if one.is_worse else " +" if one.is_better else ""
        name = f"{one.name} · {one.where}" if one.where else one.name
        table.add_row(
            one.on,
            one.head,
            name,
            f"{one.rows:,}",
            f"{one.champion:.3f}",
            f"{one.challenger:.3f}",
            f"{one.challenger - one.champion:+.3f}{mark}",
            f"{one.low:+.3f} to {one.high:+.3f}",
        )
    return table
