"""`pointsman evaluate TICKETS`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from cli.progress import bars
from cli.workplace import demands_in, now, open_journal, taxonomy_in, version_folder

__all__ = ["command"]


@click.command("evaluate")
@click.argument("tickets", type=click.Path(path_type=Path))
@click.option("--version", "name", help="The version to judge; the champion unless given.")
@click.option("--config", type=click.Path(path_type=Path), help="Column names, where they differ from the history's.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a table.")
def command(tickets: Path, name: str | None, config: Path | None, as_json: bool) -> None:
    """Judge a version on resolved TICKETS, beside baselines refitted on the history that it was trained on."""
    from desk.errors import HistoryError
    from journal.histories import find_history
    from models.storage import load_version
    from training.evidence.evaluation import evaluate
    from training.evidence.factors import judge_factors
    from training.histories.desk_config import DeskConfig, read_desk_config
    from training.histories.read_through import through
    from training.histories.reading import read_history
    from training.histories.store import load_history

    environment, engine = open_journal()
    demands = demands_in(engine, environment.tenant)
    taxonomy = taxonomy_in(engine, environment.tenant).as_of(now())
    version = load_version(version_folder(environment, engine, name))
    kept = DeskConfig.from_json(version.about["desk_config"])
    registered = find_history(engine, version.about["history"], environment.tenant)
    if registered is None:
        raise HistoryError(f"The history of version {version.name} is not in this journal; train it here again.")
    with bars(quiet=as_json) as shown:
        shown.stage("Reading the tickets", 1)
        desk = kept if config is None else read_desk_config(config)
        asked = through(read_history(tickets, desk), taxonomy, desk.columns.get("queue"))
        shown.stage("Reading the history of the version", 1)
        history = through(load_history(environment.home / registered.path), taxonomy)
        shown.stage(f"Judging version {version.name} beside the baselines", len(asked.rows))
        order = history.known_priority_order
        factors = judge_factors(version.factors, version.encoder, asked.rows, order).evidence
        heads = evaluate(
            version,
            asked.rows,
            history.rows,
            priority_order=order,
            demands=demands,
            tick=shown.step,
            taxonomy=taxonomy,
        )
    if not heads:
        answered = ", ".join(version.heads)
        raise HistoryError(f"{str(tickets)!r} has no label that version {version.name} answers ({answered}).")
    if as_json:
        result: dict[str, Any] = {"version": version.name, "tickets": len(asked.rows), "notes": list(asked.notes)}
        result["heads"] = {head: one.to_json() for head, one in heads.items()}
        result["factors"] = {factor: asdict(one) for factor, one in factors.items()}
        click.echo(json.dumps(result))
        return
    from rich.console import Console

    from cli.figures import factors_table, figures_table, slices_table

    console = Console()
    console.print(figures_table(heads))
    console.print(slices_table(heads))
    if factors:
        console.print(factors_table(factors))
    for note in [*asked.notes, *(one.learned.words for one in heads.values())]:
        console.print(f"  · {note}", highlight=False, markup=False, soft_wrap=True)
